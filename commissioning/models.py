"""A programme, its rounds, who takes part, stages and their dates, and what is agreed to fund."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from ledger.models import Chain, Channel


def paired(name: str, at: str, by: str) -> models.CheckConstraint:
    """A constraint that an instant and its author are both there or both missing."""
    both = Q(**{f"{at}__isnull": False, f"{by}__isnull": False})
    return models.CheckConstraint(condition=both | Q(**{at: None, by: None}), name=name)


class Programme(models.Model):
    """The fund: its name, who gives the money, and whom to phone for help."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    about = models.TextField(blank=True)
    funder = models.CharField(max_length=160)
    funder_org_id = models.CharField(
        max_length=80, blank=True, help_text="The funder's organisation number, like GB-CHC-1234567"
    )
    prefix_360giving = models.CharField(
        max_length=40, blank=True, help_text="The funder's 360Giving prefix, like 360G-example"
    )
    place_name = models.CharField(max_length=120, blank=True, help_text="The place it is for")
    place_code = models.CharField(
        max_length=9, blank=True, help_text="Its code of the Office for National Statistics"
    )
    help_name = models.CharField(max_length=120)
    help_phone = models.CharField(max_length=40)
    help_email = models.EmailField(blank=True)
    agreement = models.TextField(blank=True, help_text="What people agree to about confidentiality")
    privacy_notice = models.TextField(blank=True)
    complain_days = models.PositiveSmallIntegerField(
        default=28, help_text="How long after its letter a group may complain"
    )
    offer_days = models.PositiveSmallIntegerField(
        default=28, help_text="How long after its letter a group may think about the money"
    )
    complaint_heard_days = models.PositiveSmallIntegerField(
        default=7, help_text="Days until a complaint is taken up by a person with a name"
    )
    complaint_answered_days = models.PositiveSmallIntegerField(
        default=28, help_text="Days until a complaint has its answer"
    )
    is_example = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, person: Any) -> RoundQuerySet:
        """Rounds a person takes part in (volunteers), or all of the site's one programme (staff and
        board)."""
        if not isinstance(person, Person):
            return self.none()
        if person.held_roles & {"facilitator", "board", "administrator"}:
            return self
        return self.filter(members__person=person, members__ended_at=None).distinct()


class Round(models.Model):
    """One time of asking for bids and choosing among them."""

    class Award(models.TextChoices):
        GRANT = "grant", _("A grant")
        CONTRACT = "contract", _("A contract")

    class Middle(models.TextChoices):
        MEAN = "mean", _("The mean")
        MEDIAN = "median", _("The middle score")

    class ReasonFor(models.TextChoices):
        CRITERION = "criterion", _("A reason for each score")
        BID = "bid", _("One reason for each bid")

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="rounds")
    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, related_name="round")
    name = models.CharField(max_length=160)
    slug = models.SlugField(unique=True, max_length=80)
    about = models.TextField(_("what this round is for"), blank=True)
    involved = models.TextField(_("what taking part involves"), blank=True)
    if_not = models.TextField(_("what happens if the answer is no"), blank=True)
    envelope = models.DecimalField(
        _("money to give, in pounds"),
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("1"))],
    )
    delegation = models.TextField(_("what volunteers may decide"), blank=True)
    trustees_ratify = models.BooleanField(_("trustees confirm the decision"), default=False)
    award_kind = models.CharField(max_length=10, choices=Award, default=Award.GRANT)
    middle = models.CharField(max_length=10, choices=Middle, default=Middle.MEAN)
    reason_for = models.CharField(max_length=10, choices=ReasonFor, default=ReasonFor.CRITERION)
    readers_per_bid = models.PositiveSmallIntegerField(default=3)
    bids_expected = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="About how many bids will come, for the first estimate"
    )
    quorum = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Empty: more than half, and at least 3"
    )
    deadline_time = models.TimeField(default=time(17, 0))
    grace_minutes = models.PositiveSmallIntegerField(default=15)
    other_languages = models.BooleanField(_("bids in another language are welcome"), default=False)
    video_links = models.BooleanField(_("bids by video or sound are welcome"), default=False)
    has_own_days = models.BooleanField(
        default=False, help_text="Whether a panel of it has stages of its own"
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(null=True, help_text="When bids opened: money and rules fixed")
    frozen_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at",)
        constraints = [
            paired("round_frozen_at_with_by", "frozen_at", "frozen_by"),
            models.CheckConstraint(condition=Q(envelope__gt=0), name="round_has_money"),
        ]

    def __str__(self) -> str:
        return self.name


class Lot(models.Model):
    """A part of the money for one kind of service. Each lot has its own panel."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="lots")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60)
    about = models.TextField(blank=True)
    limit = models.DecimalField(_("most money, in pounds"), max_digits=12, decimal_places=2)
    order = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ("round", "order", "id")
        constraints = [
            models.UniqueConstraint(fields=["round", "slug"], name="lot_once_in_round"),
        ]

    def __str__(self) -> str:
        return self.name


class GroupKind(models.TextChoices):
    """The kinds of group that may bid."""

    CHARITY = "charity", _("Registered charity")
    CIC = "cic", _("Community interest company")
    GROUP = "group", _("Community group, not registered")
    COMPANY = "company", _("Company")
    COOP = "coop", _("Co-operative")
    FAITH = "faith", _("Faith group")
    COUNCIL = "council", _("Council or other public body")


class FunderRuleQuerySet(models.QuerySet["FunderRule"]):
    def breakable(self) -> FunderRuleQuerySet:
        """Rules a bid can break, so that bids are held against them."""
        return self.filter(only_tells=False)


class FunderRule(models.Model):
    """A rule of the funder in plain words. Fixed when bids open; a "not eligible" must cite one.

    The program may look at some of them by itself. It says what it found; people decide.
    """

    class LooksFor(models.TextChoices):
        AMOUNT = "amount", _("The sum a bid asks for")
        AREA = "area", _("Where the work is")
        DAYS = "days", _("When the work is")
        KIND = "kind", _("What kind of group it is")
        ONCE = "once", _("One bid from each group")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="funder_rules")
    text = models.CharField(max_length=300)
    only_tells = models.BooleanField(
        default=False, help_text="It permits something or binds the funder: no bid can break it"
    )
    looks_for = models.CharField(
        max_length=10, choices=LooksFor, blank=True, help_text="Empty: people look by eye alone"
    )
    limits = models.JSONField(
        default=dict, blank=True, help_text="What it compares with, as commissioning.limits has it"
    )
    order = models.PositiveSmallIntegerField(default=1)
    objects = FunderRuleQuerySet.as_manager()

    class Meta:
        ordering = ("round", "order", "id")

    def __str__(self) -> str:
        return self.text


class StageKind(models.TextChoices):
    SETUP = "setup", _("Setting up")
    JOIN = "join", _("Joining")
    TRAINING = "training", _("Getting ready")
    CRITERIA = "criteria", _("Agreeing the criteria")
    OPEN = "open", _("Open for bids")
    ELIGIBILITY = "eligibility", _("Checking the rules")
    SHARING = "sharing", _("Sharing out the bids")
    SCORING = "scoring", _("Reading and scoring")
    SHORTLIST = "shortlist", _("Choosing who to meet")
    INTERVIEWS = "interviews", _("Meeting the organisations")
    DECISION = "decision", _("Deciding")
    LETTERS = "letters", _("Checks and letters")
    REPORT = "report", _("The report")
    LEARN = "learn", _("Looking back")


class StageRow(models.Model):
    """Planned days of a stage, and when it was really opened and closed.

    Its status is worked out from these by `timetable.status`, never stored.
    """

    kind = models.CharField(max_length=20, choices=StageKind)
    order = models.PositiveSmallIntegerField()
    opens_on = models.DateField()
    closes_on = models.DateField()
    recovery_days = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    @property
    def for_lot(self) -> int:
        """The lot whose own stage it is; 0 for a stage of the whole round."""
        return 0


def in_their_order(name: str) -> list[models.BaseConstraint]:
    """A stage opens before it closes, and closes only if it was open."""
    return [
        models.CheckConstraint(
            condition=Q(closes_on__gte=models.F("opens_on")), name=f"{name}_closes_after_opening"
        ),
        paired(f"{name}_opened_at_with_by", "opened_at", "opened_by"),
        paired(f"{name}_closed_at_with_by", "closed_at", "closed_by"),
        models.CheckConstraint(
            condition=Q(closed_at=None) | Q(opened_at__isnull=False),
            name=f"{name}_closed_was_open",
        ),
    ]


class Stage(StageRow):
    """One stage of a round. For a panel it holds where the panel has none of its own."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="stages")

    class Meta:
        ordering = ("round", "order")
        constraints = [
            models.UniqueConstraint(fields=["round", "kind"], name="stage_once_in_round"),
            *in_their_order("stage"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}"


class LotStageManager(models.Manager["LotStage"]):
    """With the lots, whose names its sentences say."""

    def get_queryset(self) -> models.QuerySet[LotStage]:
        return super().get_queryset().select_related("lot")


class LotStage(StageRow):
    """A stage of one lot alone, whose panel goes at its own pace. `pace` reads it."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="own_stages")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="own_stages")

    objects = LotStageManager()

    class Meta:
        ordering = ("round", "order", "lot")
        constraints = [
            models.UniqueConstraint(fields=["lot", "kind"], name="lotstage_once_in_lot"),
            *in_their_order("lotstage"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.lot}"

    @property
    def for_lot(self) -> int:
        """The lot whose own stage it is."""
        return self.lot_id


class MemberQuerySet(models.QuerySet["Member"]):
    def said_yes(self) -> MemberQuerySet:
        """Members who said yes and have not left, whether they count yet or not."""
        return self.filter(ended_at=None).exclude(joined_at=None)

    def here(self) -> MemberQuerySet:
        """Members who take part: they said yes, they count, and they have not left."""
        return self.said_yes().exclude(confirmed_at=None)

    def waiting(self) -> MemberQuerySet:
        """Members who said yes and count once others of the round have confirmed them."""
        return self.said_yes().filter(confirmed_at=None)


class Member(models.Model):
    """A volunteer's place in one round, with what they promised. Ended, never deleted.

    Being invited makes the row; saying yes after the honest estimate fills `joined_at`. Only a
    person who is a volunteer, and was no facilitator or superuser in this round's life, can be one.

    They count from `confirmed_at`: at once while nothing was put to the vote in the round (the
    first list), afterwards when two who count have confirmed them, or when a panel has agreed.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField(null=True)
    joined_by = models.ForeignKey(
        Person,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The volunteer, or who typed their yes for them",
    )
    confirmed_at = models.DateTimeField(null=True, help_text="From then on they count")
    confirmed_by = models.ForeignKey(
        Person,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who was the last to confirm them; of the first list, whoever said their yes",
    )
    bids_wanted = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(2), MaxValueValidator(19)]
    )
    hours_low = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    hours_high = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    reading_hours = models.PositiveSmallIntegerField(
        null=True, help_text="Hours in all that they offered for reading and scoring, if they said"
    )
    days_away = models.TextField(blank=True)
    hopes = models.TextField(blank=True)
    experience = models.JSONField(
        default=list,
        blank=True,
        help_text="Experience offered by name, by consent, for sharing out",
    )
    has_scored_before = models.BooleanField(default=False)
    may_be_named = models.BooleanField(
        default=False, help_text="Their name may stand in the report"
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ("person__name",)
        constraints = [
            models.UniqueConstraint(fields=["round", "person"], name="member_once_in_round"),
            paired("member_joined_at_with_by", "joined_at", "joined_by"),
            paired("member_ended_at_with_by", "ended_at", "ended_by"),
            paired("member_confirmed_at_with_by", "confirmed_at", "confirmed_by"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(joined_at__isnull=False),
                name="member_confirmed_said_yes",
            ),
            models.CheckConstraint(
                condition=Q(bids_wanted__gte=2, bids_wanted__lte=19), name="member_bids_2_to_19"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def takes_part(self) -> bool:
        """Whether they count in the round today: confirmed, and they have not left."""
        return self.confirmed_at is not None and self.ended_at is None


class AwayDays(models.Model):
    """Days on which a member is away, first to last. Reading and interviews are planned round
    them."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="days_gone")
    first_on = models.DateField()
    last_on = models.DateField()

    class Meta:
        ordering = ("first_on", "id")
        verbose_name_plural = "away days"
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=models.F("first_on")), name="away_days_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.first_on} to {self.last_on}"


class LotWish(models.Model):
    """A member would like to read about what a lot is for, or would rather not. Never a promise."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="lot_wishes")
    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="wishes")
    likes = models.BooleanField(help_text="No: would rather not")

    class Meta:
        ordering = ("lot__order", "lot")
        constraints = [
            models.UniqueConstraint(fields=["member", "lot"], name="lot_wish_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member} and {self.lot}"


class Confirmation(models.Model):
    """One volunteer of the round says that a newcomer is real. Insert-only; two make them count."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="confirmations")
    confirmer = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("made_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["member", "confirmer"], name="confirmation_once"),
            models.CheckConstraint(
                condition=~Q(member=models.F("confirmer")), name="confirmation_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.confirmer}: {self.member}"


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    def waiting(self) -> EnquiryQuerySet:
        """Those that nobody has answered yet."""
        return self.filter(invited_at=None, cleared_at=None)


class Enquiry(models.Model):
    """Somebody would like to take part: how to reach them, until they are invited or it ends.

    Nobody needs an account or an email for it. What they told us is blanked as soon as they are
    invited, as soon as it comes to nothing, and after a time in any case.
    """

    class How(models.TextChoices):
        WEB = "web", _("On this site")
        PAPER = "paper", _("On paper")
        PHONE = "phone", _("By phone")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="enquiries")
    how = models.CharField(max_length=5, choices=How)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    postal_address = models.CharField(max_length=500, blank=True)
    channel = models.CharField(max_length=10, choices=Channel)
    words = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who typed it; the machine, where somebody used the page for everybody",
    )
    invited_at = models.DateTimeField(null=True)
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    cleared_at = models.DateTimeField(null=True, help_text="When what they told us was blanked")
    cleared_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "enquiries"
        ordering = ("asked_at", "id")
        constraints = [
            paired("enquiry_invited_at_with_by", "invited_at", "invited_by"),
            paired("enquiry_cleared_at_with_by", "cleared_at", "cleared_by"),
            models.CheckConstraint(
                condition=Q(cleared_at=None)
                | Q(name="", email="", phone="", postal_address="", words=""),
                name="enquiry_cleared_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(invited_at=None) | Q(cleared_at__isnull=False),
                name="enquiry_invited_is_cleared",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.pk}"


class Promise(models.Model):
    """What a member was told and said yes to, each time: never changed, so that it can be compared.

    `reading` is the part of `hours_low` for reading and scoring bids.
    """

    class When(models.TextChoices):
        JOINED = "joined", _("On saying yes")
        CHANGED = "changed", _("On changing it")
        SHARED = "shared", _("When bids were shared out")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="promises")
    when = models.CharField(max_length=10, choices=When)
    bids = models.PositiveSmallIntegerField()
    reading = models.DecimalField(max_digits=5, decimal_places=1)
    hours_low = models.DecimalField(max_digits=5, decimal_places=1)
    hours_high = models.DecimalField(max_digits=5, decimal_places=1)
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("member", "said_at", "id")

    def __str__(self) -> str:
        return f"{self.member}: {self.hours_low} to {self.hours_high}"


class HoursGiven(models.Model):
    """About how long a stage really took a member, if they care to say. The newest one counts."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="hours_given")
    stage = models.CharField(max_length=20, choices=StageKind)
    hours = models.DecimalField(
        max_digits=4, decimal_places=1, validators=[MinValueValidator(Decimal(0))]
    )
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("member", "said_at", "id")
        verbose_name_plural = "hours given"

    def __str__(self) -> str:
        return f"{self.member}, {self.stage}: {self.hours}"


class Suggestion(models.Model):
    """What a volunteer said in their own words, about what to fund or how to choose."""

    class About(models.TextChoices):
        PRIORITIES = "priorities", _("What kinds of services to fund")
        CRITERIA = "criteria", _("What makes a good bid")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="suggestions")
    about = models.CharField(max_length=12, choices=About)
    text = models.TextField()
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="suggestions")
    typed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("made_at", "id")

    def __str__(self) -> str:
        return self.text[:60]


class Agreement(models.Model):
    """A set of priorities, or of criteria, that the round's volunteers word and then vote on.

    A draft has no `put_at`. Put to the vote it is fixed; a majority makes it agreed. A later change
    is a new version with a reason.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="agreements")
    about = models.CharField(max_length=12, choices=Suggestion.About)
    version = models.PositiveSmallIntegerField(default=1)
    reason = models.TextField(blank=True, help_text="Why this version replaces the one before")
    put_at = models.DateTimeField(null=True)
    put_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    turned_down_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("round", "about", "version")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "about", "version"], name="agreement_version_once"
            ),
            paired("agreement_put_at_with_by", "put_at", "put_by"),
        ]

    def __str__(self) -> str:
        return f"{self.get_about_display()}, version {self.version}"


class Priority(models.Model):
    """A kind of service volunteers want to fund. Agreed, it becomes a lot."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="priorities")
    title = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    limit = models.DecimalField(_("most money, in pounds"), max_digits=12, decimal_places=2)
    order = models.PositiveSmallIntegerField(default=1)
    worded_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    suggestions = models.ManyToManyField(Suggestion, blank=True, related_name="priorities")

    class Meta:
        ordering = ("order", "id")
        verbose_name_plural = "priorities"

    def __str__(self) -> str:
        return self.title


class CriterionQuerySet(models.QuerySet["Criterion"]):
    def agreed_for(self, round: Round | int) -> CriterionQuerySet:
        """The criteria bids of this round, or its id, are scored on: the newest agreed version."""
        newest = (
            Agreement.objects.filter(
                round=round, about=Suggestion.About.CRITERIA, agreed_at__isnull=False
            )
            .order_by("-version")
            .values("pk")[:1]
        )
        return self.filter(agreement__in=newest)

    def hold(self, ids: Iterable[int | str]) -> bool:
        """Whether each of these ids is among them. One query, or none where there are no ids."""
        wanted = set(map(str, ids))
        known = all(map(str.isdecimal, wanted))
        return not wanted or (known and self.filter(pk__in=wanted).count() == len(wanted))

    def titles_of(self, *kept: Mapping[str, str]) -> dict[int, str]:
        """By id, the titles of the criteria that words are kept for, in the criteria's own order.
        One query, or none where there are no words."""
        wanted = {int(pk) for words in kept for pk in words}
        if not wanted:
            return {}
        return dict(self.filter(pk__in=wanted).order_by("order", "pk").values_list("pk", "title"))


class Criterion(models.Model):
    """One thing bids are scored on, worded and weighed by volunteers."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="criteria")
    slug = models.SlugField(max_length=40)
    title = models.CharField(max_length=120)
    question = models.CharField(max_length=250, help_text="What a scorer asks")
    about = models.TextField(blank=True)
    weight = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    order = models.PositiveSmallIntegerField(default=1)
    worded_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    suggestions = models.ManyToManyField(Suggestion, blank=True, related_name="criteria")

    objects = CriterionQuerySet.as_manager()

    class Meta:
        ordering = ("order", "id")
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(fields=["agreement", "slug"], name="criterion_once"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="criterion_weight_whole"),
        ]

    def __str__(self) -> str:
        return self.title


class LevelWord(models.Model):
    """What a score of 0 to 5 means for one criterion: a word and a sentence."""

    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="levels")
    level = models.PositiveSmallIntegerField()
    word = models.CharField(max_length=60)
    sentence = models.CharField(max_length=250)

    class Meta:
        ordering = ("criterion", "level")
        constraints = [
            models.UniqueConstraint(fields=["criterion", "level"], name="level_once"),
            models.CheckConstraint(condition=Q(level__lte=5), name="level_0_to_5"),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.word}"


class MustHave(models.Model):
    """Something every bid must have, agreed with the criteria."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="must_haves")
    text = models.CharField(max_length=300)
    worded_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.text


class Objection(models.Model):
    """A facilitator's only say on a wording: which funder rule it would break, and why."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="objections")
    funder_rule = models.ForeignKey(FunderRule, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.text[:60]


class Choice(models.TextChoices):
    """How a member answers when something is put to them."""

    AGREE = "agree", _("I agree")
    LIVE_WITH = "live_with", _("I can live with it")
    DISAGREE = "disagree", _("I disagree")


class AgreementVote(models.Model):
    """One volunteer's answer on an agreement. Insert-only: one each, never changed by anyone."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="votes")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="agreement_votes")
    choice = models.CharField(max_length=10, choices=Choice)
    words = models.TextField(blank=True)
    typed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    voted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "member"], name="agreement_vote_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_choice_display()}"


class TypedAnswerQuerySet(models.QuerySet["TypedAnswer"]):
    def waiting(self) -> TypedAnswerQuerySet:
        """Those that nobody has confirmed or taken back, of people who still take part."""
        return self.filter(confirmed_at=None, dropped_at=None, member__ended_at=None)


class TypedAnswer(models.Model):
    """What a volunteer offers, or the hours they gave, told on paper or by phone and typed.

    It counts once the volunteer confirms it, or a second person who did not type it. What was
    said stands here only while it waits: confirming puts it where the volunteer's own answers
    stand, and it is blanked.
    """

    class About(models.TextChoices):
        PROMISE = "promise", _("What they offer")
        HOURS = "hours", _("The hours they gave")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="typed_answers")
    about = models.CharField(max_length=10, choices=About)
    said = models.JSONField(default=dict, blank=True)
    typed_at = models.DateTimeField()
    typed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    dropped_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = TypedAnswerQuerySet.as_manager()

    class Meta:
        ordering = ("typed_at", "id")
        constraints = [
            paired("typed_answer_confirmed_at_with_by", "confirmed_at", "confirmed_by"),
            paired("typed_answer_dropped_at_with_by", "dropped_at", "dropped_by"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("typed_by")),
                name="typed_answer_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_about_display()}"


class TypedVote(models.Model):
    """A vote typed for somebody who answered on paper or by phone. It counts once it is confirmed.

    The volunteer confirms it, or a second person who did not type it and holds the signed sheet.
    Confirming makes the `AgreementVote`; until then nothing is counted.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="typed_votes")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="typed_votes")
    choice = models.CharField(max_length=10, choices=Choice)
    words = models.TextField(blank=True)
    typed_at = models.DateTimeField()
    typed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    dropped_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "member"],
                condition=Q(dropped_at=None),
                name="typed_vote_once",
            ),
            paired("typed_vote_confirmed_at_with_by", "confirmed_at", "confirmed_by"),
            paired("typed_vote_dropped_at_with_by", "dropped_at", "dropped_by"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("typed_by")),
                name="typed_vote_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_choice_display()}"
