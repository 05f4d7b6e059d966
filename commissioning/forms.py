"""The questions asked about a round: its money and days, a place in it, and what to agree."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model, QuerySet
from django.forms import BaseFormSet, formset_factory
from django.forms.renderers import get_default_renderer
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.fields import DayField, WordedChoices
from accounts.forms import InvitationForm, PlainForm, PlainModelForm
from accounts.models import Person
from commissioning import limits, pace, rules, timetable
from commissioning.models import (
    Choice,
    Criterion,
    Enquiry,
    FunderRule,
    GroupKind,
    Lot,
    Member,
    MemberQuerySet,
    Priority,
    Round,
    Suggestion,
)
from commissioning.told import EXPERIENCES

YES_NO = [("yes", _("Yes")), ("no", _("No"))]


# ---- Boxes -----------------------------------------------------------------------------------
class MoneyField(forms.DecimalField):
    """Pounds, typed as people type them: 12500, 12,500 or £12,500.50."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(
            {"data-prefix": "£", "inputmode": "decimal", "class": "w-10", "autocomplete": "off"}
        )
        super().__init__(
            max_digits=12, decimal_places=2, min_value=Decimal("0.01"), widget=widget, **kwargs
        )
        self.error_messages["invalid"] = _("Type an amount in pounds, like 12500.")
        self.error_messages["min_value"] = _("Type an amount of more than nothing.")

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # stubs say int
        return super().to_python(re.sub(r"[£,\s]", "", str(value or "")))


class DayTextField(forms.DateField):
    """A day in one box, for tables of many: 3 May 2026, 3/5/2026 or 2026-05-03."""

    def __init__(self, **kwargs: Any) -> None:
        formats = ["%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%d %m %Y", "%Y-%m-%d"]
        super().__init__(
            input_formats=formats,
            widget=forms.DateInput({"class": "w-10", "autocomplete": "off"}, format="%-d %B %Y"),
            **kwargs,
        )
        self.error_messages["invalid"] = _("Type a real day, like 3 May 2026.")
        self.error_messages["required"] = _("Type a day, like 3 May 2026.")


def yes_no(label: Any, missing: Any, **kwargs: Any) -> forms.TypedChoiceField:
    """A question answered with yes or no, neither picked beforehand. Gives a bool."""
    return forms.TypedChoiceField(
        label=label,
        choices=YES_NO,
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": missing},
        **kwargs,
    )


def words(limit: int, rows: int = 4) -> forms.Textarea:
    """A box for a few sentences, with its limit said."""
    return forms.Textarea({"rows": rows, "data-words": str(limit)})


def short_enough(value: str, limit: int) -> str:
    """The text, or a mistake that says how many words too many there are."""
    over = len(value.split()) - limit
    if over > 0:
        raise ValidationError(
            gettext("Use up to %(limit)s words. This is %(over)s more.")
            % {"limit": limit, "over": over}
        )
    return value


class Sure(PlainForm):
    """The unticked box before a grave act."""

    sure = forms.BooleanField(error_messages={"required": _("Tick the box to go on.")})

    def __init__(self, *args: Any, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sure"].label = label


# ---- The round -------------------------------------------------------------------------------
class SetUpRound(PlainForm):
    """What is needed to begin; the rest can be written later."""

    name = forms.CharField(
        label=_("What is the round called?"),
        max_length=160,
        error_messages={"required": _("Type a name for the round.")},
    )
    envelope = MoneyField(
        label=_("How much money is there to give?"),
        error_messages={"required": _("Type how much money there is.")},
    )
    first_day = DayField(
        label=_("On which day does it begin?"),
        help_text=_("We lay out all the stages and rests from this day. You can change them."),
        error_messages={"required": _("Type the day the round begins.")},
    )
    about = forms.CharField(
        label=_("What is the round for?"), required=False, widget=words(150), max_length=5000
    )
    delegation = forms.CharField(
        label=_("What may the volunteers decide?"),
        help_text=_("The board agreed this. Everybody can read it."),
        required=False,
        widget=words(250, rows=6),
        max_length=5000,
    )
    award_kind = forms.ChoiceField(
        label=_("What do the winners get?"),
        choices=Round.Award.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a grant or a contract.")},
    )
    trustees_ratify = yes_no(
        _("Do the trustees confirm the decision at the end?"),
        _("Choose yes or no for the trustees."),
        help_text=_("They can never pick a different winner."),
    )


class ChangeRound(PlainModelForm):
    """The round's words; until bids open, its money and choices too."""

    class Meta:
        model = Round
        fields = [
            "name",
            "about",
            "involved",
            "if_not",
            "envelope",
            "delegation",
            "trustees_ratify",
            "award_kind",
            "middle",
            "reason_for",
            "readers_per_bid",
            "bids_expected",
            "quorum",
            "deadline_time",
            "grace_minutes",
            "other_languages",
            "video_links",
        ]
        labels = {
            "name": _("What is the round called?"),
            "about": _("What is the round for?"),
            "involved": _("What does taking part involve?"),
            "if_not": _("What happens if a volunteer says no?"),
            "delegation": _("What may the volunteers decide?"),
            "trustees_ratify": _("The trustees confirm the decision at the end"),
            "award_kind": _("What do the winners get?"),
            "middle": _("Which number stands for all the scores of a bid?"),
            "reason_for": _("What do volunteers give a reason for?"),
            "readers_per_bid": _("How many people read each bid?"),
            "bids_expected": _("About how many bids do you expect?"),
            "quorum": _("How many panel members must be there to decide?"),
            "deadline_time": _("At what time of the last day do bids close?"),
            "grace_minutes": _("How many minutes late may a bid still come in?"),
            "other_languages": _("Bids may be in another language"),
            "video_links": _("Bids may come as a video or a recording"),
        }
        help_texts = {
            "bids_expected": _("People who think of joining are told this."),
            "quorum": _("Leave it empty for more than half, and at least 3."),
            "grace_minutes": _("Everybody is told this beforehand."),
            "deadline_time": _("Like 17:00."),
            "other_languages": _("You put the words into plain English before anybody reads."),
            "video_links": _("You write down what is said before anybody reads."),
        }
        widgets = {
            "about": words(150),
            "involved": words(400, rows=8),
            "if_not": words(150),
            "delegation": words(250, rows=6),
            "award_kind": forms.RadioSelect,
            "middle": forms.RadioSelect,
            "reason_for": forms.RadioSelect,
            "readers_per_bid": forms.TextInput({"inputmode": "numeric", "class": "w-4"}),
            "bids_expected": forms.TextInput({"inputmode": "numeric", "class": "w-4"}),
            "quorum": forms.TextInput({"inputmode": "numeric", "class": "w-4"}),
            "deadline_time": forms.TimeInput({"class": "w-4"}, format="%H:%M"),
            "grace_minutes": forms.TextInput({"inputmode": "numeric", "class": "w-4"}),
        }

    envelope = MoneyField(label=_("How much money is there to give?"))

    def __init__(self, *args: Any, keep: Iterable[str], **kwargs: Any) -> None:
        """`keep`: the names of the fields that may still change."""
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(keep):
            del self.fields[name]


class RuleRow(PlainForm):
    """One rule of the funder. Left empty, it is taken out."""

    rule = forms.ModelChoiceField(
        queryset=FunderRule.objects.none(), required=False, widget=forms.HiddenInput
    )
    text = forms.CharField(
        label=_("The rule, in plain words"),
        required=False,
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
    )
    only_tells = forms.BooleanField(
        label=_("This rule only tells groups something. No bid can break it."), required=False
    )
    mark_optional = False

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rows_of(self, "rule", FunderRule.objects.filter(round=round))

    @property
    def legend(self) -> str:
        return gettext("Rule %(number)s") % {"number": int(str(self.prefix).split("-")[-1]) + 1}


class RuleLimits(PlainForm):
    """What the computer looks at for one rule, and what it compares with."""

    BY_EYE = "eye"

    looks_for = forms.ChoiceField(
        label=_("What should the computer look at?"),
        choices=[(BY_EYE, _("Nothing. People look by eye")), *FunderRule.LooksFor.choices],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the computer should look at.")},
    )
    least = MoneyField(label=_("If the sum: the least a bid may ask for"), required=False)
    most = MoneyField(label=_("If the sum: the most a bid may ask for"), required=False)
    places = forms.CharField(
        label=_("If the place: where the work must be"),
        help_text=_("One on each line, like Armley, or the start of a postcode, like LS12."),
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 4}),
    )
    first = DayField(label=_("If the days: the first day the work may start"), required=False)
    last = DayField(label=_("If the days: the last day the work may end"), required=False)
    kinds = forms.MultipleChoiceField(
        label=_("If the kind of group: which kinds may bid"),
        choices=GroupKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    mark_optional = False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen = given.pop("looks_for", self.BY_EYE)
        self.chosen = "" if chosen == self.BY_EYE else chosen
        self.limits = limits.made(self.chosen, **given)
        for box, sentence in limits.trouble_with(self.chosen, self.limits).items():
            if box not in self.errors:
                self.add_error(box, sentence)
        return given


class LotRow(PlainForm):
    """One lot with its most money. Without a name it is taken out."""

    lot = forms.ModelChoiceField(
        queryset=Lot.objects.none(), required=False, widget=forms.HiddenInput
    )
    name = forms.CharField(label=_("Name of the lot"), required=False, max_length=120)
    about = forms.CharField(
        label=_("What it is for"), required=False, widget=forms.Textarea({"rows": 2})
    )
    limit = MoneyField(label=_("Most money"), required=False)
    mark_optional = False

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rows_of(self, "lot", Lot.objects.filter(round=round))

    @property
    def legend(self) -> str:
        return gettext("Lot %(number)s") % {"number": int(str(self.prefix).split("-")[-1]) + 1}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("name") and not given.get("limit") and "limit" not in self.errors:
            self.add_error("limit", gettext("Type the most money for this lot."))
        if given.get("limit") and not given.get("name"):
            self.add_error("name", gettext("Type a name for this lot."))
        return given


def _rows_of(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Let a question offer these rows."""
    cast("forms.ModelChoiceField[Any]", form.fields[name]).queryset = rows


RuleRows = formset_factory(RuleRow, extra=2, max_num=40)
LotRows = formset_factory(LotRow, extra=2, max_num=20)


class StageRow(PlainForm):
    """The planned days of one stage."""

    opens_on = DayTextField(label=_("First day"))
    closes_on = DayTextField(label=_("Last day"))
    recovery_days = forms.IntegerField(
        label=_("Days of rest after it"),
        min_value=0,
        max_value=60,
        widget=forms.TextInput({"inputmode": "numeric", "class": "w-2", "autocomplete": "off"}),
        error_messages={
            "required": _("Type how many days of rest follow. It may be 0."),
            "invalid": _("Type a whole number of days."),
        },
    )

    def __init__(self, *args: Any, stage: pace.AnyStage, **kwargs: Any) -> None:
        self.stage = stage
        super().__init__(*args, **kwargs)

    @property
    def legend(self) -> str:
        return str(self.stage)

    @property
    def days(self) -> rules.StageDays:
        """What was typed, as the rules take it."""
        return rules.StageDays(**self.cleaned_data)


if TYPE_CHECKING:
    RowsOfStageRow = BaseFormSet[StageRow]
else:  # Django's own class cannot be subscripted
    RowsOfStageRow = BaseFormSet


class StageRows(RowsOfStageRow):
    """The rows of every stage of a round, or of a lot's own, that has not closed."""

    def __init__(self, data: Any = None, *, round: Round, lot: int = 0) -> None:
        self.lot = lot
        self.rows = [row for row in pace.all_stages(round) if row.for_lot == lot]
        self.stages = [stage for stage in self.rows if not stage.closed_at]
        self.min_num = self.max_num = self.absolute_max = len(self.stages)
        initial = [
            {
                "opens_on": stage.opens_on,
                "closes_on": stage.closes_on,
                "recovery_days": stage.recovery_days,
            }
            for stage in self.stages
        ]
        super().__init__(data, initial=initial)

    form = StageRow
    renderer = get_default_renderer()
    extra = 0
    can_order = can_delete = can_delete_extra = validate_max = validate_min = False
    edit_only = False

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "stage": self.stages[index or 0]}

    @property
    def days(self) -> Mapping[str, rules.StageDays]:
        """The days typed for each kind of stage."""
        return {row.stage.kind: row.days for row in self.forms}

    def clean(self) -> None:
        if any(self.errors) or not self.stages:
            return
        problems = rules.problems_with_dates(self.stages[0].round, self.days, lot=self.lot)
        if problems:
            raise ValidationError(problems)


# ---- People ----------------------------------------------------------------------------------
class WhatIf(PlainForm):
    """A stage, and a day on which it might close."""

    kind = forms.ChoiceField(
        label=_("Which stage?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a stage.")},
    )
    closes_on = DayField(
        label=_("On which day might it close?"),
        error_messages={"required": _("Type a day.")},
    )

    def __init__(self, *args: Any, round: Round, on: date, **kwargs: Any) -> None:
        self.plans, self.on = pace.all_plans(round), on
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]  # a ChoiceField has them
            (f"{stage.kind}:{stage.lot}" if stage.lot else stage.kind, rules.in_words(stage.name))
            for stage in self.plans
            if not stage.closed_on
        ]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        kind, day = facts.get("kind"), facts.get("closes_on")
        if kind and day:
            try:
                which, _colon, lot = kind.partition(":")
                self.follows = timetable.what_if(
                    self.plans, which, day, on=self.on, lot=int(lot or 0)
                )
            except ValueError:
                self.add_error("closes_on", _("Type a day after this stage opens."))
        return facts


class InviteVolunteers(PlainForm):
    """Whom to invite, from the volunteers who are not in the round yet."""

    people = forms.ModelMultipleChoiceField(
        label=_("Whom would you like to invite?"),
        queryset=Person.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one person.")},
    )

    def __init__(self, *args: Any, could: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everyone = Person.objects.get_queryset().order_by("name")
        _rows_of(self, "people", everyone.filter(pk__in=[one.pk for one in could]))


class _Newcomers(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic in stubs only
    """Newcomers, each with who invited them and when."""

    def label_from_instance(self, member: Model) -> str:
        if not isinstance(member, Member):
            raise TypeError("Only members can be confirmed.")
        return gettext("%(name)s, invited by %(by)s on %(day)s") % {
            "name": member.person.name,
            "by": member.invited_by.name,
            "day": date_format(timezone.localdate(member.invited_at), "j F Y"),
        }


class ConfirmNewcomers(PlainForm):
    """Which of the new people one knows. Nothing is ticked beforehand."""

    members = _Newcomers(
        label=_("Whom do you know?"),
        help_text=_("Tick a name only if you know them, or have spoken with them."),
        queryset=Member.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick at least one person. Do you know nobody here? Then go back."),
            "invalid_choice": _("Somebody was confirmed meanwhile. Please look again."),
        },
    )

    def __init__(self, *args: Any, could: MemberQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rows_of(self, "members", could)


def bids_field() -> forms.IntegerField:
    """How many bids to read."""
    return forms.IntegerField(
        label=_("How many bids would you like to read?"),
        help_text=_("Any number from 2 to 19. You can change it later."),
        widget=forms.TextInput({"inputmode": "numeric", "class": "w-2", "autocomplete": "off"}),
        validators=[
            MinValueValidator(2, _("Choose 2 bids or more.")),
            MaxValueValidator(19, _("Choose 19 bids or fewer.")),
        ],
        error_messages={
            "required": _("Type how many bids you would like to read."),
            "invalid": _("Type a whole number, like 5."),
        },
    )


class HowMany(PlainForm):
    """How many bids."""

    bids_wanted = bids_field()


class DaysAway(PlainForm):
    """When not to expect anything."""

    days_away = forms.CharField(
        label=_("When are you away or busy?"),
        help_text=_("Holidays, or the same day each week. Then we plan round it."),
        required=False,
        widget=words(80),
    )

    def clean_days_away(self) -> str:
        return short_enough(self.cleaned_data["days_away"], 80)


class AboutYou(PlainForm):
    """Hopes, and experience offered by consent."""

    hopes = forms.CharField(
        label=_("What do you hope for?"),
        help_text=_("For yourself, or for the people the money is for."),
        required=False,
        widget=words(80),
    )
    experience = forms.MultipleChoiceField(
        label=_("Is there something from your own life you would like to offer?"),
        help_text=_(
            "We use it only to share out bids. Other volunteers never see it. "
            "You can take it back at any time."
        ),
        required=False,
        choices=EXPERIENCES,
        widget=forms.CheckboxSelectMultiple,
    )
    has_scored_before = yes_no(
        _("Have you scored bids before?"),
        _("Choose yes or no. Both are fine."),
        help_text=_("Each bid gets somebody who has, where we can."),
    )
    may_be_named = yes_no(
        _("May your name stand in the report at the end?"),
        _("Choose yes or no for your name in the report."),
        help_text=_("If you choose no, we say only that a volunteer took part."),
    )

    def clean_hopes(self) -> str:
        return short_enough(self.cleaned_data["hopes"], 80)


class Confidence(PlainForm):
    """The short agreement on keeping things to oneself."""

    keeps_confidence = forms.BooleanField(
        label=_("I agree to this"),
        error_messages={"required": _("Tick the box if you agree. Ring us if you do not.")},
    )


class MyPromise(AboutYou, DaysAway, HowMany):
    """All of a promise on one page, to change it."""

    field_order = (
        "bids_wanted",
        "days_away",
        "hopes",
        "experience",
        "has_scored_before",
        "may_be_named",
    )


class ReadingHours(PlainForm):
    """How many hours, if somebody wants to set a limit."""

    reading_hours = forms.IntegerField(
        label=_("How many hours can you give to reading and scoring, in all?"),
        help_text=_("A whole number. Leave it empty if the number of bids is enough."),
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "class": "w-4", "autocomplete": "off"}),
        validators=[
            MinValueValidator(2, _("Type 2 hours or more, or leave it empty.")),
            MaxValueValidator(200, _("Type 200 hours or fewer.")),
        ],
        error_messages={"invalid": _("Type a whole number, like 12, or leave it empty.")},
    )


class OneTimeAway(PlainForm):
    """From when to when somebody is away."""

    first_on = DayField(label=_("First day away"), help_text=_("For example, 3 3 2026."))
    last_on = DayField(label=_("Last day away"), help_text=_("For one day, the same again."))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first_on"), given.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", _("The last day is before the first."))
        return given


class Wishes(PlainForm):
    """One question for each lot: would like to, would rather not, or either way."""

    LIKE, EITHER, RATHER_NOT = "like", "either", "rather-not"

    def __init__(self, *args: Any, member: Member, lots: Iterable[Lot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lots = list(lots)
        said = {wish.lot_id: wish.likes for wish in member.lot_wishes.all()}
        shown = {True: self.LIKE, False: self.RATHER_NOT, None: self.EITHER}
        for lot in self.lots:
            self.fields[f"lot_{lot.pk}"] = forms.ChoiceField(
                label=lot.name,
                choices=[
                    (self.LIKE, _("I would like to read these")),
                    (self.EITHER, _("Either way is fine")),
                    (self.RATHER_NOT, _("I would rather not")),
                ],
                widget=forms.RadioSelect,
                initial=shown[said.get(lot.pk)],
                error_messages={"required": _("Choose one of the three.")},
            )

    @property
    def wishes(self) -> dict[Lot, bool]:
        """What was said, as the action takes it: either way is nothing."""
        given = {lot: self.cleaned_data[f"lot_{lot.pk}"] for lot in self.lots}
        return {lot: said == self.LIKE for lot, said in given.items() if said != self.EITHER}


class TypePromise(Wishes):
    """What somebody offers, told on paper or by phone: how much, when not, and what about."""

    TIMES = 3
    """For how many times away there is room; one more than there are, where there are more."""

    bids_wanted = bids_field()
    reading_hours = ReadingHours.base_fields["reading_hours"]

    def __init__(self, *args: Any, member: Member, lots: Iterable[Lot], **kwargs: Any) -> None:
        away = [(row.first_on, row.last_on) for row in member.days_gone.all()]
        said = {"bids_wanted": member.bids_wanted, "reading_hours": member.reading_hours}
        said["experience"] = member.experience
        super().__init__(*args, member=member, lots=lots, initial=said, **kwargs)
        wished = list(self.fields)[2:]
        for name, lot in zip(wished, self.lots, strict=True):
            self.fields[name].label = _("To read about: %(lot)s") % {"lot": lot.name}
        self.times = max(self.TIMES, len(away) + 1)
        for number in range(1, self.times + 1):
            first, last = away[number - 1] if number <= len(away) else (None, None)
            self.fields[f"first_{number}"] = DayField(
                label=_("First day away: time %(n)s") % {"n": number},
                required=False,
                initial=first,
            )
            self.fields[f"last_{number}"] = DayField(
                label=_("Last day away: time %(n)s") % {"n": number}, required=False, initial=last
            )
        self.fields["experience"] = forms.MultipleChoiceField(
            label=_("What do you offer from your own life?"),
            help_text=_("Only what you want to say. No tick takes back what you said before."),
            required=False,
            choices=EXPERIENCES,
            widget=forms.CheckboxSelectMultiple,
        )
        times = [f"{end}_{n}" for n in range(1, self.times + 1) for end in ("first", "last")]
        self.order_fields(["bids_wanted", "reading_hours", *times, *wished, "experience"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for number in range(1, self.times + 1):
            first, last = given.get(f"first_{number}"), given.get(f"last_{number}")
            if last and not first and f"first_{number}" not in self.errors:
                self.add_error(f"first_{number}", gettext("Type the first day too."))
            if first and last and last < first:
                self.add_error(f"last_{number}", gettext("The last day is before the first."))
        return given

    @property
    def away(self) -> list[tuple[date, date]]:
        """The times away; where only the first day was said, it is that one day."""
        given = self.cleaned_data
        days = [
            (given[f"first_{n}"], given[f"last_{n}"] or given[f"first_{n}"])
            for n in range(1, self.times + 1)
            if given[f"first_{n}"]
        ]
        return sorted(set(days))


class HoursForm(PlainForm):
    hours = forms.DecimalField(
        label=_("About how many hours?"),
        help_text=_("A rough number is fine, like 6 or 7.5."),
        min_value=0,
        max_value=200,
        decimal_places=1,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "w-4"}),
        error_messages={
            "required": _("Type about how many hours it took."),
            "invalid": _("Type a number, like 6 or 7.5."),
            "min_value": _("Type a number of hours from 0 to 200."),
            "max_value": _("Type a number of hours from 0 to 200."),
        },
    )


class TypeYes(PlainForm):
    """A yes given on paper or by phone, typed by a facilitator."""

    bids_wanted = bids_field()
    days_away = forms.CharField(
        label=_("When are they away or busy?"), required=False, widget=words(80)
    )
    hopes = forms.CharField(label=_("What do they hope for?"), required=False, widget=words(80))
    experience = forms.MultipleChoiceField(
        label=_("What did they offer from their own life?"),
        required=False,
        choices=EXPERIENCES,
        widget=forms.CheckboxSelectMultiple,
    )
    has_scored_before = yes_no(
        _("Have they scored bids before?"), _("Say whether they have scored bids before.")
    )
    may_be_named = yes_no(
        _("May their name stand in the report?"), _("Choose yes or no for their name.")
    )
    keeps_confidence = forms.BooleanField(
        label=_("They read, or heard, our agreement and agreed to it"),
        error_messages={"required": _("Tick the box once they have agreed.")},
    )


# ---- What to agree ---------------------------------------------------------------------------
class Suggest(PlainForm):
    """A suggestion in one's own words."""

    text = forms.CharField(
        widget=words(100, rows=5),
        error_messages={"required": _("Write your suggestion in a few words.")},
    )

    def __init__(self, *args: Any, about: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = (
            _("What makes a good bid?")
            if about == Suggestion.About.CRITERIA
            else _("What should the money be for?")
        )
        self.fields["text"].help_text = _("Say it as you would to a friend.")

    def clean_text(self) -> str:
        return short_enough(self.cleaned_data["text"], 100)


class MemberChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in stubs only
    """Choose a person who takes part."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Member.objects.none(),
            empty_label=_("Choose a person"),
            error_messages={"required": _("Choose whose words these are.")},
            **kwargs,
        )


class TypeSuggestion(Suggest):
    """The same, typed for somebody who said it on paper or by phone."""

    member = MemberChoice(label=_("Whose words are these?"))
    field_order = ("member", "text")

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rows_of(self, "member", members)


class GrewFrom(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic in stubs only
    """The suggestions a wording grew from, each in its writer's words."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Which suggestions did it grow from?"),
            help_text=_("Tick all that fit. Everybody can then see where it came from."),
            queryset=Suggestion.objects.none(),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )

    def label_from_instance(self, obj: Any) -> str:
        return f"“{obj.text}”"


class WordCriterion(PlainForm):
    """One criterion: its words, its weight, and where it came from."""

    title = forms.CharField(
        label=_("What is it called?"),
        help_text=_("A few words, like “The need is real”."),
        max_length=120,
        error_messages={"required": _("Give it a short name.")},
    )
    question = forms.CharField(
        label=_("What does the person scoring ask?"),
        help_text=_("One question, like “Does this bid show that it is needed here?”"),
        max_length=250,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": _("Write the question that people ask.")},
    )
    about = forms.CharField(
        label=_("What else should people know about it?"), required=False, widget=words(100)
    )
    weight = forms.TypedChoiceField(
        label=_("How much does it count?"),
        choices=[
            (1, _("1: as much as the others")),
            (2, _("2: twice as much")),
            (3, _("3: three times as much")),
            (4, _("4: four times as much")),
            (5, _("5: five times as much")),
        ],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how much it counts.")},
    )
    suggestions = GrewFrom()

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rows_of(self, "suggestions", _said(round, Suggestion.About.CRITERIA))


class AddPriority(PlainForm):
    """One kind of service to fund, with its most money."""

    title = forms.CharField(
        label=_("What kind of service is it?"),
        help_text=_("A few words, like “Getting about”."),
        max_length=120,
        error_messages={"required": _("Give it a short name.")},
    )
    about = forms.CharField(label=_("What is it for?"), required=False, widget=words(100))
    limit = MoneyField(
        label=_("What is the most money for it?"),
        error_messages={"required": _("Type the most money for it.")},
    )
    suggestions = GrewFrom()

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rows_of(self, "suggestions", _said(round, Suggestion.About.PRIORITIES))


def _said(round: Round, about: str) -> Any:
    return Suggestion.objects.filter(round=round, about=about)


class LevelWords(PlainForm):
    """A word and a sentence for each score from 0 to 5."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for level in rules.LEVELS:
            self.fields[f"word_{level}"] = forms.CharField(
                label=gettext("A word for %(level)s") % {"level": level},
                max_length=60,
                widget=forms.TextInput({"class": "w-20"}),
                error_messages={
                    "required": gettext("Write a word for %(level)s.") % {"level": level}
                },
            )
            self.fields[f"sentence_{level}"] = forms.CharField(
                label=gettext("What %(level)s means") % {"level": level},
                max_length=250,
                widget=forms.Textarea({"rows": 2}),
                error_messages={
                    "required": gettext("Write a sentence for %(level)s.") % {"level": level}
                },
            )

    @property
    def words(self) -> dict[int, tuple[str, str]]:
        """What was typed, as the action takes it."""
        given = self.cleaned_data
        return {
            level: (given[f"word_{level}"], given[f"sentence_{level}"]) for level in rules.LEVELS
        }


class AddMustHave(PlainForm):
    """Something every bid must have."""

    text = forms.CharField(
        label=_("What must every bid have?"),
        help_text=_("One sentence, like “The group has its own bank account.”"),
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": _("Write what every bid must have.")},
    )


class NewVersion(PlainForm):
    """Why a new version is needed."""

    reason = forms.CharField(
        label=_("Why is a new version needed?"),
        widget=words(80),
        error_messages={"required": _("Say why a new version is needed.")},
    )

    def clean_reason(self) -> str:
        return short_enough(self.cleaned_data["reason"], 80)


class Vote(PlainForm):
    """Agree, live with it, or disagree."""

    choice = forms.ChoiceField(
        label=_("What do you say?"),
        choices=Choice.choices,
        widget=WordedChoices(
            choice_hints={
                Choice.AGREE: gettext_lazy("It is right as it is."),
                Choice.LIVE_WITH: gettext_lazy("I would change something, but it will do."),
                Choice.DISAGREE: gettext_lazy("It should not go ahead like this."),
            },
            attrs={"autocomplete": "off"},
        ),
        error_messages={"required": _("Choose what you say.")},
    )
    words = forms.CharField(
        label=_("Is there anything you would like written down?"),
        required=False,
        widget=words(100),
    )

    def clean_words(self) -> str:
        return short_enough(self.cleaned_data["words"], 100)


class TypeVote(Vote):
    """A vote given on paper or by phone."""

    member = MemberChoice(label=_("Whose vote is it?"))
    field_order = ("member", "choice", "words")

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].label = _("What did they say?")
        self.fields["words"].label = _("Which words would they like written down?")
        _rows_of(self, "member", members)


class Objection(PlainForm):
    """Which funder rule a wording would break, and how."""

    funder_rule = forms.ModelChoiceField(
        label=_("Which rule of the funder would it break?"),
        queryset=FunderRule.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Choose the rule it would break.")},
    )
    text = forms.CharField(
        label=_("How would it break the rule?"),
        help_text=_("Volunteers read this beside the vote. They still decide."),
        widget=words(120),
        error_messages={"required": _("Say how it would break the rule.")},
    )

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rows_of(self, "funder_rule", FunderRule.objects.filter(round=round))


def told(priority: Priority | Criterion) -> dict[str, Any]:
    """What a wording's form starts with when it is worded anew."""
    names = ("title", "question", "about", "weight", "limit")
    first = {name: getattr(priority, name) for name in names if hasattr(priority, name)}
    return {**first, "suggestions": list(priority.suggestions.all())}


# ---- Asking people in --------------------------------------------------------------------------
class EnquiryForm(InvitationForm):
    """I am interested: a name, and one way to reach me."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (
            ("name", _("Your name")),
            ("channel", _("How shall we write to you?")),
            ("email", _("Your email")),
            ("postal_address", _("Your address")),
            ("phone", _("Your phone number")),
        ):
            self.fields[name].label = label
        self.fields["email"].help_text = _("You need none. Post or phone is just as good.")
        self.fields["words"] = forms.CharField(
            label=_("Is there anything you would like to ask or tell us?"),
            required=False,
            max_length=2000,
            widget=words(100),
        )


class TypeEnquiryForm(InvitationForm):
    """The same, told by phone or sent on paper."""

    how = forms.ChoiceField(
        label=_("How did they tell us?"),
        choices=[row for row in Enquiry.How.choices if row[0] != Enquiry.How.WEB],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how they told us.")},
    )
    words = forms.CharField(
        label=_("What did they ask or tell us?"),
        required=False,
        max_length=2000,
        widget=words(100),
    )
    field_order = ("how", "name", "channel", "email", "postal_address", "phone", "words")
