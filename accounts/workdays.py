"""Working days, where the programme is: no weekend, no public holiday."""

from datetime import date, timedelta
from functools import cache

import holidays
from django.conf import settings

DAY = timedelta(days=1)


@cache
def _calendar(place: str) -> holidays.HolidayBase:
    country, _dash, part = place.partition("-")
    return holidays.country_holidays(country, subdiv=part or None, language="en_GB")


def holiday(day: date) -> str:
    """The name of the public holiday on this day, or nothing. `HOLIDAYS` says where ("GB-ENG")."""
    return str(_calendar(settings.HOLIDAYS).get(day) or "")


def holidays_between(first: date, last: date) -> dict[date, str]:
    """The public holidays from one day to another, both included, each with its name."""
    days = (first + number * DAY for number in range((last - first).days + 1))
    return {day: name for day in days if (name := holiday(day))}


def is_workday(day: date) -> bool:
    """Whether post is carried and offices are open."""
    return day.weekday() < 5 and not holiday(day)


def before(day: date, number: int) -> date:
    """The working day that comes so many working days before this day."""
    while number:
        day -= DAY
        number -= is_workday(day)
    return day
