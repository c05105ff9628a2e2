"""Figures as papers print them, in both languages: whole numbers until they are text."""

from datetime import datetime
from enum import StrEnum

from app.kernel.calendar import SHANGHAI
from app.kernel.shares import floor_div, half_up_div
from app.kernel.units import Area, Fen


class Language(StrEnum):
    """Which language a paper is in."""

    ZH = "zh"
    EN = "en"

    def say(self, zh: str, en: str) -> str:
        """The one of two texts that is in this language."""
        return zh if self is Language.ZH else en


def grouped(hundredths: int, *, plus: bool = False) -> str:
    """`-123456` as `−1,234.56`, with a true minus sign; `+` before what is above zero, if asked."""
    whole, rest = divmod(abs(hundredths), 100)
    sign = "−" if hundredths < 0 else "+" if plus and hundredths else ""
    return f"{sign}{whole:,}.{rest:02d}"


def money(fen: int, language: Language) -> str:
    """An amount with its unit."""
    return language.say(f"{grouped(fen)} 元", f"CNY {grouped(fen)}")


def square_metres(area: int, language: Language) -> str:
    """An area in m²."""
    return f"{grouped(area)} {language.say('平方米', 'm²')}"


def mu(area: int, language: Language) -> str:
    """An area in mu with four places, halves up: 15 mu are a hectare."""
    whole, rest = divmod(half_up_div(area * 3, 20), 10_000)
    return f"{whole:,}.{rest:04d} {language.say('亩', 'mu')}"


def both(area: int, language: Language) -> str:
    """An area in m² and mu."""
    opened, closed = language.say("（", " ("), language.say("）", ")")
    return f"{square_metres(area, language)}{opened}{mu(area, language)}{closed}"


def per_mu(price: Fen, area: Area) -> int:
    """The price of one mu in fen, halves up; the area is above zero."""
    return half_up_div(price * 200_000, area * 3)


def premium(price: Fen, start: Fen) -> str:
    """Percent by which a price lies above its start, two places, down; the start is above zero."""
    return f"{grouped(floor_div((price - start) * 10_000, start))}%"


def instant(at: datetime, language: Language) -> str:
    """An instant in Beijing time; a fraction of a second only where there is one."""
    local = at.astimezone(SHANGHAI)
    fraction = f".{local.microsecond:06d}" if local.microsecond else ""
    time = f"{local:%H:%M:%S}{fraction}"
    return language.say(
        f"{local.year}年{local.month}月{local.day}日 {time}（北京时间）",
        f"{local:%Y-%m-%d} {time} (Beijing time)",
    )


def day(at: datetime, language: Language) -> str:
    """The calendar day in Beijing."""
    local = at.astimezone(SHANGHAI)
    return language.say(f"{local.year}年{local.month}月{local.day}日", f"{local:%Y-%m-%d}")


def short_day(at: datetime) -> str:
    """The calendar day in Beijing, as tables have it."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d}"
