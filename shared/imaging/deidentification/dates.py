"""Dates that move by whole days, with the precision that they have (PS3.5 6.2). Times of day stay as they are."""

import datetime
import re

# YYYYMMDD, or YYYY.MM.DD as ACR-NEMA had it
DATE = re.compile(r"([0-9]{4})(\.?)([0-9]{2})\2([0-9]{2})")
TIME = re.compile(r"([01][0-9]|2[0-3])(:?[0-5][0-9](:?([0-5][0-9]|60)(\.[0-9]{1,6})?)?)?")
DATE_TIME = re.compile(
    r"(?P<year>[0-9]{4})((?P<month>[0-9]{2})((?P<day>[0-9]{2})"
    r"(?P<time>([01][0-9]|2[0-3])([0-5][0-9](([0-5][0-9]|60)(\.[0-9]{1,6})?)?)?)?)?)?(?P<zone>[+-][01][0-9][0-5][0-9])?"
)
ZONE = re.compile(r"[+-][01][0-9][0-5][0-9]")


def is_whole(text: str, vr: str) -> bool:
    """Whether a text is one valid date, time of day or both, by its VR."""
    if vr == "TM":
        return TIME.fullmatch(text) is not None
    return moved(text, vr, 0) is not None


def moved(text: str, vr: str, days: int) -> str | None:
    """A DA or DT, `days` later; None if it is no valid one, or leaves the years from 1 to 9999."""
    try:
        return _moved_date(text, days) if vr == "DA" else _moved_date_time(text, days)
    except (ValueError, OverflowError):
        return None


def _moved_date(text: str, days: int) -> str | None:
    found = DATE.fullmatch(text)
    if not found:
        return None
    year, dot, month, day = found.groups()
    return dot.join(_later(int(year), int(month), int(day), days))


def _moved_date_time(text: str, days: int) -> str | None:
    """One with only a year or a month counts from its first day."""
    found = DATE_TIME.fullmatch(text)
    if not found:
        return None
    given = [found["year"], *filter(None, (found["month"], found["day"]))]
    year, month, day, *_ = *map(int, given), 1, 1
    later = _later(year, month, day, days)
    return "".join(later[: len(given)]) + (found["time"] or "") + (found["zone"] or "")


def _later(year: int, month: int, day: int, days: int) -> tuple[str, str, str]:
    later = datetime.date(year, month, day) + datetime.timedelta(days)
    return f"{later.year:04}", f"{later.month:02}", f"{later.day:02}"
