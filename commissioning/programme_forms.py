"""The form about a programme."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PlainModelForm
from commissioning.models import Programme
from commissioning.places import kind_of_place

DAYS = ("offer_days", "complain_days", "complaint_heard_days", "complaint_answered_days")


class ProgrammeForm(PlainModelForm):
    class Meta:
        model = Programme
        fields = (
            "name",
            "about",
            "funder",
            "help_name",
            "help_phone",
            "help_email",
            "agreement",
            "privacy_notice",
            "funder_org_id",
            "prefix_360giving",
            "place_name",
            "place_code",
            "offer_days",
            "complain_days",
            "complaint_heard_days",
            "complaint_answered_days",
        )
        labels: ClassVar = {
            "name": gettext_lazy("Name of the programme"),
            "about": gettext_lazy("What it is for"),
            "funder": gettext_lazy("Who gives the money"),
            "help_name": gettext_lazy("Who people can phone for help"),
            "help_phone": gettext_lazy("Their phone number"),
            "help_email": gettext_lazy("Their email"),
            "agreement": gettext_lazy("What volunteers agree to about keeping things private"),
            "privacy_notice": gettext_lazy("Privacy notice"),
            "funder_org_id": gettext_lazy("The funder's organisation number"),
            "prefix_360giving": gettext_lazy("The funder's 360Giving prefix"),
            "place_name": gettext_lazy("The place the money is for"),
            "place_code": gettext_lazy("The code of that place"),
            "offer_days": gettext_lazy("Days that a group has to say if it takes the money"),
            "complain_days": gettext_lazy("Days that a group has to complain"),
            "complaint_heard_days": gettext_lazy("Days until somebody takes a complaint up"),
            "complaint_answered_days": gettext_lazy("Days until a complaint has its answer"),
        }
        help_texts: ClassVar = {
            "about": gettext_lazy("A few plain sentences. Everybody can read them."),
            "help_name": gettext_lazy("A person or a help line. It stands on every page."),
            "agreement": gettext_lazy("Short and plain. Leave a line empty between parts."),
            "privacy_notice": gettext_lazy("What you keep about people, why, and for how long."),
            "funder_org_id": gettext_lazy("It looks like GB-CHC-1234567."),
            "place_name": gettext_lazy("A town, a city or a county, like Leeds."),
            "place_code": gettext_lazy(
                "A letter and eight figures, for open data. Leeds is E08000035."
                " Ask your council for yours."
            ),
            "offer_days": gettext_lazy("Counted from the day of its letter."),
            "complain_days": gettext_lazy("Counted from the day of its letter."),
            "complaint_heard_days": gettext_lazy("Counted from the day it was sent."),
            "complaint_answered_days": gettext_lazy("Counted from the day it was sent."),
            "prefix_360giving": gettext_lazy(
                "It looks like 360G-example. You need it to share awards as open data."
            ),
        }
        widgets: ClassVar = {
            "about": forms.Textarea(attrs={"rows": 4}),
            "agreement": forms.Textarea(attrs={"rows": 8}),
            "privacy_notice": forms.Textarea(attrs={"rows": 8}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in DAYS:
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Days left empty stay as they are."""
        given = super().clean() or {}
        for name in DAYS:
            if given.get(name) is None and name not in self.errors:
                given[name] = getattr(self._meta.model(), name)
                if self.instance.pk:
                    given[name] = self.initial[name]
        return given

    def clean_place_code(self) -> str:
        """A code whose kind of place is known; typed in small letters too."""
        code: str = self.cleaned_data["place_code"].upper()
        if code and not kind_of_place(code):
            raise ValidationError(
                _("Type one letter and eight figures, like E08000035. Or leave it empty.")
            )
        return code

    def clean_name(self) -> str:
        """A name that makes an address of its own."""
        name: str = self.cleaned_data["name"]
        if not slugify(name):
            raise ValidationError(_("Use some letters in the name."))
        return name
