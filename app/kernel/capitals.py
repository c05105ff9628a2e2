"""Amounts in capital numerals (大写), as on Chinese cheques: one slip of a digit shows at once."""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_TEN_THOUSAND = 10**4
_HUNDRED_MILLION = 10**8


def capitals(fen: int) -> str:
    """An amount of at least 0 fen: 6600000050 is 人民币陆仟陆佰万元伍角整."""
    yuan, rest = divmod(fen, 100)
    jiao, odd = divmod(rest, 10)
    text = "人民币"
    if yuan or not rest:
        text += f"{_whole(yuan) or '零'}元"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif odd and yuan:
        text += "零"
    return text + (f"{_DIGITS[odd]}分" if odd else "整")


def _whole(number: int) -> str:
    """A whole number, empty for 0: myriads first, with 零 where places between are empty."""
    for unit, name in ((_HUNDRED_MILLION, "亿"), (_TEN_THOUSAND, "万")):
        if number >= unit:
            high, low = divmod(number, unit)
            gap = "零" if 0 < low < unit // 10 else ""
            return f"{_whole(high)}{name}{gap}{_whole(low)}"
    text = ""
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            text += _DIGITS[digit] + _PLACES[place]
        elif text and not text.endswith("零") and number % 10**place:
            text += "零"
    return text
