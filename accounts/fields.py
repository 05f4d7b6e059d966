"""Questions plain Django asks less kindly: a day in three boxes, a time, choices with words."""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.IGNORECASE)


class WordedChoices(forms.RadioSelect):
    """Radios with a sentence under each: `choice_hints` maps a choice's value to its sentence."""

    def __init__(self, *, choice_hints: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choice_hints = dict(choice_hints or {})


class DayBoxes(forms.MultiWidget):
    """Day, month and year, each typed as a number in a box of its own."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        labels = (gettext_lazy("Day"), gettext_lazy("Month"), gettext_lazy("Year"))
        super().__init__(
            [
                forms.TextInput(
                    {"inputmode": "numeric", "class": width, "data-label": label, **(attrs or {})}
                )
                for label, width in zip(labels, ("w-2", "w-2", "w-4"), strict=True)
            ]
        )

    def decompress(self, value: Any) -> list[Any]:
        return [value.day, value.month, value.year] if isinstance(value, date) else ["", "", ""]


class DayField(forms.Field):
    """A day, asked in three boxes. Gives a `date`, or None when it may be left and was."""

    widget = DayBoxes

    def to_python(self, value: Any) -> date | None:
        """The day typed (or a `date` as it is), or a mistake that says what to do."""
        if isinstance(value, date) or not value:
            return value or None
        parts = [str(part or "").strip() for part in value]
        if not any(parts):
            return None
        try:
            day, month, year = (int(part) for part in parts)
            typed = date(year, month, day)
        except ValueError:
            raise ValidationError(
                _("Type a real day, like 3 3 2026 for 3 March 2026."), code="invalid"
            ) from None
        if typed.year < 1900:
            raise ValidationError(_("Type the year with four figures, like 2026."), code="year")
        return typed


class TimeOfDayField(forms.CharField):
    """A time as people write it: 2 pm, 2:30 pm, 14:30. Gives a `time`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput({"class": "w-10", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """The time typed, or a mistake that says what to do."""
        if isinstance(value, time) or not value:
            return value
        found = TIME.fullmatch(str(value).strip().lower().replace("midday", "12 pm"))
        try:
            if found is None:
                raise ValueError
            hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
            if half and not 1 <= hour <= 12:
                raise ValueError
            return time(hour % 12 + (12 if half == "pm" else 0) if half else hour, minute)
        except ValueError:
            raise ValidationError(_("Type a time, like 2:30 pm."), code="invalid") from None
