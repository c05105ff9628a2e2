"""Calendar arithmetic in Asia/Shanghai. Instants come in as arguments and are timezone-aware."""

import calendar as _calendar
from datetime import date, datetime, time, timedelta, timezone

# China has kept one offset without summer time since 1991, so a fixed zone needs no tz database.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def local_date(instant: datetime) -> date:
    """The calendar day in Asia/Shanghai."""
    return instant.astimezone(SHANGHAI).date()


def add_months(day: date, months: int) -> date:
    """`day + months`, keeping the day of the month or taking the last day of a shorter month."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = _calendar.monthrange(year, month0 + 1)[1]
    return date(year, month0 + 1, min(day.day, last))


def add_years(day: date, years: int) -> date:
    """`day + years`; 29 February becomes 28 February in a common year."""
    return add_months(day, 12 * years)


def midnight(day: date) -> datetime:
    """00:00 of `day` in Asia/Shanghai."""
    return datetime.combine(day, time(0), SHANGHAI)


def wire(instant: datetime) -> str:
    """RFC 3339 in +08:00, as every answer shows time; whole seconds stay without a fraction."""
    return instant.astimezone(SHANGHAI).isoformat()


def days(count: int) -> timedelta:
    """A term of n days is n x 24 hours."""
    return timedelta(days=count)
