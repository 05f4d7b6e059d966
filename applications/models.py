"""Organisations, their bids, what they answered, and whether a bid meets the funder's rules."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, Role
from commissioning.models import (
    Criterion,
    FunderRule,
    GroupKind,
    Lot,
    Member,
    Round,
    Stage,
    StageKind,
    paired,
)


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, person: Any) -> OrganisationQuerySet:
        """Organisations a person acts for."""
        return self.filter(colleagues__person=person, colleagues__ended_at=None)


class Organisation(models.Model):
    """A group that bids."""

    Kind = GroupKind

    class Income(models.TextChoices):
        UNDER_10 = "under 10000", _("Under £10,000 a year")
        TO_100 = "10000 to 100000", _("£10,000 to £100,000 a year")
        TO_500 = "100000 to 500000", _("£100,000 to £500,000 a year")
        OVER_500 = "over 500000", _("Over £500,000 a year")

    name = models.CharField(_("name of the organisation"), max_length=200)
    kind = models.CharField(_("kind of organisation"), max_length=12, choices=Kind, blank=True)
    charity_number = models.CharField(_("charity number"), max_length=20, blank=True)
    company_number = models.CharField(_("company number"), max_length=20, blank=True)
    address = models.TextField(_("address"), blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    income_band = models.CharField(_("yearly income"), max_length=20, choices=Income, blank=True)
    about = models.TextField(blank=True)
    outside_id = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["outside_id"], condition=~Q(outside_id=""), name="organisation_outside_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Colleague(models.Model):
    """A person who acts for an organisation."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="colleagues"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="acts_for")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "person"],
                condition=Q(ended_at=None),
                name="colleague_once",
            ),
            paired("colleague_ended_at_with_by", "ended_at", "ended_by"),
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.organisation}"


class FormQuestion(models.Model):
    """One question of a round's bid form, tied to the criteria its answer serves."""

    class Kind(models.TextChoices):
        SHORT = "short", _("A short answer")
        LONG = "long", _("A longer answer")
        NUMBER = "number", _("A number")
        MONEY = "money", _("A sum of money")
        CHOICE = "choice", _("One choice from a list")
        PLACE = "place", _("A place")
        DATE = "date", _("A date")
        STARTS = "starts", _("The day the work would start")
        ENDS = "ends", _("The day the work would end")

    PLANNED = (Kind.STARTS, Kind.ENDS)
    """The days a bid plans to work between; asked once each."""
    IN_WORDS = (Kind.SHORT, Kind.LONG)
    """What is answered in words, and so in any language."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="form_questions")
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=250)
    hint = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.LONG)
    choices = models.JSONField(default=list, blank=True)
    word_limit = models.PositiveSmallIntegerField(null=True, blank=True)
    required = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=1)
    criteria = models.ManyToManyField(Criterion, blank=True, related_name="form_questions")
    version = models.PositiveIntegerField(default=1, help_text="Goes up with each save")

    class Meta:
        ordering = ("round", "order", "id")
        constraints = [
            models.UniqueConstraint(fields=["round", "key"], name="form_question_once"),
            models.UniqueConstraint(
                fields=["round", "kind"],
                condition=Q(kind__in=["starts", "ends"]),
                name="form_question_one_start_and_end",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def most_words(self) -> int | None:
        """The most words of an answer; what is not answered in words has no such limit."""
        return self.word_limit if self.kind in self.IN_WORDS else None

    @property
    def asks_a_day(self) -> bool:
        """Whether the answer is one day, kept as 2026-03-03."""
        return self.kind in (self.Kind.DATE, *self.PLANNED)


COMMUNITIES = [
    ("lonely", _("People who are lonely")),
    ("carer", _("People who care for someone at home")),
    ("bereaved", _("People who have lost someone close")),
    ("disabled", _("People who are disabled, or have a long illness")),
    ("bame", _("People from Black, Asian and other minority communities")),
    ("lgbt", _("Lesbian, gay, bisexual and trans people")),
    ("area", _("People in a part of town that is often left out")),
]
"""For whom a project is: the same short names as what volunteers may offer from their lives."""


def name_as_sent(bid: str) -> Subquery:
    """The name that the group sent a bid with, last; `bid` is where a query has the bid's id."""
    versions = BidVersion.objects.filter(application=OuterRef(bid)).order_by("-number")
    named = versions.annotate(named=KeyTextTransform("organisation", "content"))
    return Subquery(named.values("named")[:1])


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, person: Any) -> ApplicationQuerySet:
        """Bids an applicant works on, or all that were sent for a facilitator who checks rules.

        Panel members reach bids only through `panels.Assignment.objects.visible_to`.
        """
        if not isinstance(person, Person):
            return self.none()
        mine = Q(organisation__colleagues__person=person, organisation__colleagues__ended_at=None)
        if person.holds(Role.FACILITATOR):
            mine |= Q(submitted_at__isnull=False)
        return self.filter(mine).distinct()

    def with_asked(self) -> ApplicationQuerySet:
        """With the sum each asked for when it was last sent, so that `asked` needs no more rows."""
        versions = BidVersion.objects.filter(application=OuterRef("pk")).order_by("-number")
        return self.annotate(sent_asking=Subquery(versions.values("asked")[:1]))

    def with_sent_name(self) -> ApplicationQuerySet:
        """With the group's name as it was last sent, so that `sent_from` needs no more rows."""
        return self.annotate(sent_name=name_as_sent("pk"))

    def with_set_aside(self) -> ApplicationQuerySet:
        """Saying whether words made way in them, so that `made_way` mostly asks for no rows."""
        rows = SetAside.objects.filter(application=OuterRef("pk"))
        return self.annotate(any_set_aside=Exists(rows))

    def sent(self) -> ApplicationQuerySet:
        """Bids that were sent and not withdrawn."""
        return self.filter(submitted_at__isnull=False, withdrawn_at=None)

    def typed_late(self) -> ApplicationQuerySet:
        """Bids on paper that were typed in after bidding had closed (`rules.typed_late`)."""
        closed = Stage.objects.filter(
            round=OuterRef("round"), kind=StageKind.OPEN, closed_at__lt=OuterRef("submitted_at")
        )
        return self.filter(Exists(closed), came_by=Application.CameBy.PAPER)

    def whole(self) -> ApplicationQuerySet:
        """Bids with all that a sent copy is made from, in few queries."""
        return self.select_related(
            "round__programme", "round__chain", "lot", "organisation"
        ).prefetch_related(
            "round__stages",
            "round__form_questions__criteria",
            "answers",
            "budget_lines",
            "documents",
            "versions",
            "extensions",
        )

    def numbered(self, round: Round, typed: str) -> Application | None:
        """The bid of a round with this number, however it was typed; sent or not."""
        return self.filter(round=round, reference=typed.strip().upper()).first()

    def next_references(self, round: Round, count: int) -> list[str]:
        """The next references of a round, like GC-017. Locks the round until all is written."""
        rounds = Round.objects.select_for_update(of=("self",)).select_related("programme")
        programme = rounds.get(pk=round.pk).programme
        initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", programme.name))
        initials = (initials or "B")[:4].upper()
        taken = self.filter(round=round).values_list("reference", flat=True)
        last = max((int(text.rpartition("-")[2]) for text in taken), default=0)
        return [f"{initials}-{number:03}" for number in range(last + 1, last + 1 + count)]

    def eligible(self) -> ApplicationQuerySet:
        """Sent bids that go on: the ruling that stands says yes."""
        return self.sent().filter(Exists(Eligibility.objects.standing().filter(eligible=True)))

    def not_eligible(self) -> ApplicationQuerySet:
        """Sent bids that do not go on: a second person agreed, and no volunteer asks for them."""
        return self.sent().filter(Exists(Eligibility.objects.standing().final_no()))

    def undecided(self) -> ApplicationQuerySet:
        """Sent bids with no ruling, a "no" that waits for a second person, or one asked back."""
        settled = Q(eligible=True) | Q(pk__in=Eligibility.objects.final_no().values("pk"))
        return self.sent().filter(~Exists(Eligibility.objects.standing().filter(settled)))

    def asked_back(self) -> ApplicationQuerySet:
        """Bids ruled out that a volunteer asked for and that still have no answer."""
        asked = AskBack.objects.waiting().filter(eligibility__application=OuterRef("pk"))
        ruled_out = Eligibility.objects.standing().filter(eligible=False)
        return self.filter(Exists(asked), Exists(ruled_out), withdrawn_at=None)


class Application(models.Model):
    """A bid. What is being written is `Answer` and `BudgetLine`; each sending freezes a copy."""

    class CameBy(models.TextChoices):
        WEB = "web", _("On this site")
        PAPER = "paper", _("On paper, typed in")
        IMPORT = "import", _("From another system")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="applications")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="applications")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="applications"
    )
    reference = models.CharField(max_length=20, help_text="Short, said over the phone: GC-017")
    title = models.CharField(_("name of your project"), max_length=160, blank=True)
    area = models.CharField(_("where it happens"), max_length=160, blank=True)
    communities = models.JSONField(default=list, blank=True)
    partners_named = models.TextField(
        _("people and partners named in the bid"), blank=True, help_text="One on each line"
    )
    contact_name = models.CharField(max_length=160, blank=True)
    contact_channel = models.CharField(max_length=10, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    smallest_useful = models.DecimalField(
        _("smallest sum that would still help"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
    )
    other_ways = models.JSONField(
        default=list,
        blank=True,
        help_text="What is in another language or in a link, as applications.ways has it",
    )
    declared_true = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, help_text="Goes up with each save")
    saved_at = models.DateTimeField(null=True, help_text="When the project or its costs last were")
    saved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    came_by = models.CharField(max_length=10, choices=CameBy, default=CameBy.WEB)
    received_on = models.DateField(
        null=True, help_text="The day a bid on paper, or in another system, reached the fund"
    )
    compared_at = models.DateTimeField(
        null=True, help_text="When a second person compared what was typed with the paper"
    )
    compared_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    unsent = models.JSONField(
        null=True, help_text="What its group had changed and not sent as bidding closed"
    )
    outside_id = models.CharField(max_length=120, blank=True)
    outside_awarded = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ("reference",)
        constraints = [
            models.UniqueConstraint(fields=["round", "reference"], name="reference_once_in_round"),
            models.UniqueConstraint(
                fields=["round", "outside_id"],
                condition=~Q(outside_id=""),
                name="application_outside_once",
            ),
            paired("application_saved_at_with_by", "saved_at", "saved_by"),
            paired("application_submitted_at_with_by", "submitted_at", "submitted_by"),
            paired("application_withdrawn_at_with_by", "withdrawn_at", "withdrawn_by"),
            paired("application_compared_at_with_by", "compared_at", "compared_by"),
            models.CheckConstraint(
                condition=Q(compared_by=None) | ~Q(compared_by=models.F("submitted_by")),
                name="application_compared_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.organisation}"

    @property
    def asked(self) -> Decimal:
        """The sum asked for, in pounds: the newest sent copy's, or the budget as it stands."""
        known: Decimal | None = vars(self).get("sent_asking")
        if known is not None:
            return known
        sent = self.newest_version
        if sent:
            return sent.asked
        return sum((line.asked for line in self.budget_lines.all()), Decimal(0))

    @property
    def sent_from(self) -> str:
        """The group's name as the newest sent copy has it. The group may have changed it since."""
        known: str | None = vars(self).get("sent_name")
        if known is None and (sent := self.newest_version):
            known = sent.content["organisation"]
        return known or self.organisation.name

    @property
    def made_way(self) -> list[SetAside]:
        """The words that made way for others in this bid, the newest first."""
        if vars(self).get("any_set_aside") is False:
            return []
        return list(self.set_aside.select_related("written_by", "chosen_by"))

    @property
    def newest_version(self) -> BidVersion | None:
        """The newest sent copy, from prefetched rows where there are any."""
        return max(self.versions.all(), key=lambda row: row.number, default=None)


class Answer(models.Model):
    """What an applicant is writing under one question."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(FormQuestion, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "question"], name="answer_once"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class BudgetLine(models.Model):
    """One cost: what it is, what it costs, and how much of it is asked from this fund (pounds)."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="budget_lines"
    )
    item = models.CharField(_("what it is for"), max_length=200)
    cost = models.DecimalField(_("what it costs"), max_digits=12, decimal_places=2)
    asked = models.DecimalField(_("what you ask from us"), max_digits=12, decimal_places=2)
    order = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ("order", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(asked__gte=0, cost__gte=models.F("asked")), name="budget_asked_in_cost"
            )
        ]

    def __str__(self) -> str:
        return self.item


class SetAside(models.Model):
    """Words that made way for others, when two people wrote in one place and one of them chose.

    Everybody who works on the bid can read them there. They go when the bid's own words go.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="set_aside")
    part = models.CharField(max_length=60, help_text="answer: and a question's key, or a page")
    text = models.TextField()
    written_at = models.DateTimeField(null=True)
    written_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField()
    chosen_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-chosen_at", "-id")
        verbose_name_plural = "words set aside"
        constraints = [paired("set_aside_written_at_with_by", "written_at", "written_by")]

    def __str__(self) -> str:
        return self.text[:60]


class DocumentQuerySet(models.QuerySet["Document"]):
    def here(self) -> DocumentQuerySet:
        """Files that were not taken away again."""
        return self.filter(removed_at=None)

    def in_bid(self) -> DocumentQuerySet:
        """Those of them that belong to what the group says in its bid."""
        return self.here().filter(of_paper=False)

    def paper(self) -> DocumentQuerySet:
        """The pictures of the paper a bid was typed from, as they were added."""
        return self.here().filter(of_paper=True).select_related("added_by")

    def visible_to(self, person: Any) -> DocumentQuerySet:
        """Files of the bids a person may see here. A panel's readers ask `panels`."""
        gone = Q(of_paper=True, removed_at__isnull=False)
        return self.filter(application__in=Application.objects.visible_to(person)).exclude(gone)


class Document(models.Model):
    """A file that belongs to a bid, kept in private storage under a name of our own."""

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        DOCX = "docx", "Word"
        ODT = "odt", "OpenDocument"
        PNG = "png", "PNG"
        JPG = "jpg", "JPG"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="documents")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    name = models.CharField(max_length=160, help_text="The name it came with, for people to see")
    kind = models.CharField(max_length=6, choices=Kind)
    file = models.FileField(upload_to="documents")
    size = models.PositiveIntegerField(help_text="Bytes")
    sha256 = models.CharField(max_length=64)
    of_paper = models.BooleanField(
        default=False, help_text="A picture of the paper a bid was typed from: readers never see it"
    )
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ("added_at",)
        constraints = [paired("document_removed_at_with_by", "removed_at", "removed_by")]

    def __str__(self) -> str:
        return self.name

    @property
    def in_bid(self) -> bool:
        """Whether it belongs to what the group says in its bid now."""
        return not self.removed_at and not self.of_paper


EMPTIED: dict[str, Any] = {
    "title": "",
    "organisation": "",
    "summary": "",
    "area": "",
    "partners": [],
    "answers": [],
    "budget": [],
    "documents": [],
    "smallest_useful": "",
}
"""What stands in a copy once its words were kept long enough. Its digest stays."""


class BidVersion(models.Model):
    """A bid exactly as it was sent: what readers see, never changed under them.

    `content`: {"title", "organisation", "summary", "area", "partners": [str], "answers":
    [{"key", "label", "text", "criteria": [slug]}], "budget": [{"item", "cost", "asked"}],
    "documents": [{"uuid", "name"}], "smallest_useful"}; sums are texts of pounds. Where some of it
    is in another language or in a link, "other_ways" says so (`applications.ways`).

    `group` is for those who check the funder's rules, and no part of what is read or marked:
    {"kind", "charity_number", "company_number", "postcode"} of the organisation, as it was then.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    asked = models.DecimalField(max_digits=12, decimal_places=2)
    words = models.PositiveIntegerField(help_text="Words to read")
    digest = models.CharField(max_length=64)
    group = models.JSONField(
        default=dict, help_text="What the group was then, for the funder's rules"
    )
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("application", "number")
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="bid_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.application} as sent ({self.number})"


class Extension(models.Model):
    """More time for one organisation, with a reason."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="extensions"
    )
    until = models.DateTimeField()
    reason = models.TextField()
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.application} until {self.until}"


class HelpQuestion(models.Model):
    """A question about applying. Its answer is published to everyone, without the asker's name."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="help_questions")
    text = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("asked_at",)
        constraints = [paired("help_answered_at_with_by", "answered_at", "answered_by")]

    def __str__(self) -> str:
        return self.text[:60]


class RuleCheck(models.Model):
    """One facilitator's look at one funder rule for one bid."""

    class Answer(models.TextChoices):
        YES = "yes", _("Yes, it meets this rule")
        NO = "no", _("No, it does not")
        UNSURE = "unsure", _("I am not sure")

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="rule_checks"
    )
    rule = models.ForeignKey(FunderRule, on_delete=models.PROTECT, related_name="checks")
    answer = models.CharField(max_length=10, choices=Answer)
    note = models.TextField(blank=True)
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "rule", "checked_by"], name="rule_check_once_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.answer}"


class EligibilityQuerySet(models.QuerySet["Eligibility"]):
    def standing(self) -> EligibilityQuerySet:
        """For use inside Exists(): the newest ruling on the bid outside."""
        return self.filter(application=OuterRef("pk"), replaced_by=None)

    def newest(self) -> EligibilityQuerySet:
        """Rulings that no later one replaced."""
        return self.filter(replaced_by=None)

    def final_no(self) -> EligibilityQuerySet:
        """Each "no" that counts: a second person agreed, and no volunteer asked for the bid."""
        return self.filter(eligible=False, seconded_at__isnull=False, asked_back=None)


class Eligibility(models.Model):
    """Whether a bid goes on. A "no" cites a funder rule and counts once a second person agrees."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="eligibility"
    )
    eligible = models.BooleanField()
    rule = models.ForeignKey(FunderRule, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    seconded_at = models.DateTimeField(null=True)
    seconded_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    upheld_because = models.TextField(
        blank=True, help_text="Why the board upholds the rule though a volunteer asked for the bid"
    )
    replaced_by = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="replaces"
    )

    objects = EligibilityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "eligibility"
        constraints = [
            models.CheckConstraint(
                condition=Q(eligible=True) | (Q(rule__isnull=False) & ~Q(reason="")),
                name="not_eligible_has_rule_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(seconded_by=None) | ~Q(seconded_by=models.F("decided_by")),
                name="second_person_is_another",
            ),
            paired("eligibility_seconded_at_with_by", "seconded_at", "seconded_by"),
        ]

    def __str__(self) -> str:
        return f"{self.application}: {'goes on' if self.eligible else 'not eligible'}"


class AskBackQuerySet(models.QuerySet["AskBack"]):
    def waiting(self) -> AskBackQuerySet:
        """Those the board did not answer: no "no" made after the asking has its second person."""
        upheld = Eligibility.objects.filter(
            application=OuterRef("eligibility__application"),
            pk__gt=OuterRef("eligibility"),
            eligible=False,
            seconded_at__isnull=False,
        )
        return self.filter(~Exists(upheld))


class AskBack(models.Model):
    """A volunteer asks for a bid back that was found not eligible; the outcome is in words."""

    eligibility = models.ForeignKey(
        Eligibility, on_delete=models.PROTECT, related_name="asked_back"
    )
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    asked_at = models.DateTimeField()

    objects = AskBackQuerySet.as_manager()

    def __str__(self) -> str:
        return self.reason[:60]


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def waiting(self) -> CorrectionQuerySet:
        """Asked of an applicant, without an answer yet, be its day over or not."""
        return self.filter(kind=Correction.Kind.ASKED, answered_at=None)

    def to_settle(self) -> CorrectionQuerySet:
        """Wished for by an applicant, without a yes or no yet."""
        return self.filter(kind=Correction.Kind.WISHED, settled_at=None)


class Correction(models.Model):
    """One named part of a sent bid put right: staff asked for it, or its applicant wished to.

    Only that part changes, in a new copy (`version`); the copy before it stays as it was read. Of
    what staff ask, the funder's rule it is for is named; what an applicant wishes waits for a yes
    with a reason. `value` is the part as `applications.parts` describes it.
    """

    class Kind(models.TextChoices):
        ASKED = "asked", _("Asked for by staff")
        WISHED = "wished", _("Wished for by the applicant")

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="corrections"
    )
    kind = models.CharField(max_length=6, choices=Kind)
    part = models.CharField(max_length=60, help_text="The one part, as applications.parts has it")
    rule = models.ForeignKey(FunderRule, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.TextField(help_text="What is asked; or why the applicant wishes it")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    until_on = models.DateField(null=True, help_text="The last day for an answer")
    value = models.JSONField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    granted = models.BooleanField(null=True)
    reason = models.TextField(blank=True, help_text="Why staff said yes or no to a wish")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    version = models.OneToOneField(
        BidVersion, null=True, on_delete=models.PROTECT, related_name="correction"
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ("asked_at", "id")
        constraints = [
            paired("correction_answered_at_with_by", "answered_at", "answered_by"),
            paired("correction_settled_at_with_by", "settled_at", "settled_by"),
            models.CheckConstraint(
                condition=Q(kind="asked", rule__isnull=False, until_on__isnull=False, granted=None)
                | Q(kind="wished", rule=None, until_on=None, answered_at__isnull=False),
                name="correction_asked_has_rule_and_day",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, granted=None)
                | (Q(settled_at__isnull=False, granted__isnull=False) & ~Q(reason="")),
                name="correction_settled_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(version=None)
                | Q(kind="asked", answered_at__isnull=False)
                | Q(kind="wished", granted=True),
                name="correction_copy_is_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.part}"


class PlainWords(models.Model):
    """One part of a sent bid in plain English: put into it, or written down from a link.

    It stands beside the applicant's own words, which stay, and says who wrote it. It belongs to
    what it was made from (`mark`); better words are a new row.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="plain_words"
    )
    version = models.ForeignKey(BidVersion, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=60, help_text="The part, as applications.ways has it")
    mark = models.CharField(max_length=64, help_text="The mark of what it was made from")
    text = models.TextField()
    who = models.CharField(max_length=160, help_text="Who wrote it, as readers are told")
    put_at = models.DateTimeField()
    put_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("put_at", "id")
        verbose_name_plural = "plain words"

    def __str__(self) -> str:
        return self.text[:60]
