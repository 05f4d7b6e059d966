"""What the panel decides with the money, the letters that tell of it, and the report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, Role
from accounts.permissions import Permission, holds
from applications.models import Application, Colleague, Eligibility
from commissioning.models import Choice, Criterion, Lot, Member, Programme, Round, paired
from ledger.models import Letter
from panels.models import BY_CRITERION, Panel, Proposal, Seat, Shortlisting
from support.models import Adjustment


class OutcomeKind(models.TextChoices):
    AWARD = "award", _("Yes, in full")
    LESS = "less", _("Yes, with less money")
    RESERVE = "reserve", _("Reserve")
    NO = "no", _("Not this time")


class MoneyBoard(models.Model):
    """A panel's working list of who gets what. Up to three, side by side; nothing is decided."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="boards")
    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("panel", "id")
        constraints = [models.UniqueConstraint(fields=["panel", "name"], name="board_once")]

    def __str__(self) -> str:
        return f"{self.panel}: {self.name}"


class DotCheck(models.Model):
    """A temperature check: each member puts dots on bids alone, and all are shown at once."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="dot_checks")
    dots = models.PositiveSmallIntegerField(help_text="How many each member has")
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    shown_at = models.DateTimeField(null=True)
    shown_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            paired("dots_shown_at_with_by", "shown_at", "shown_by"),
            models.UniqueConstraint(
                fields=["panel"], condition=Q(shown_at=None), name="dots_one_check_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.panel}: dots"


class DotCard(models.Model):
    """One seat's dots: how many on each bid (id). They can change until all are shown."""

    dot_check = models.ForeignKey(DotCheck, on_delete=models.PROTECT, related_name="cards")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="dot_cards")
    dots = models.JSONField()
    put_at = models.DateTimeField()
    put_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", help_text="Its member, or who typed it"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dot_check", "seat"], name="dots_once")]

    def __str__(self) -> str:
        return f"{self.dot_check}: {self.seat}"

    @property
    def typed(self) -> bool:
        """Whether staff typed it from paper. Needs the seat's member at hand."""
        return self.put_by_id != self.seat.member.person_id


class BoardLine(models.Model):
    """What a money board says of one bid, for now. `reserve_order` is 1 for the first reserve."""

    board = models.ForeignKey(MoneyBoard, on_delete=models.PROTECT, related_name="lines")
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="board_lines"
    )
    outcome = models.CharField(max_length=10, choices=OutcomeKind)
    amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    less_what = models.TextField(blank=True, help_text="Which costs are left out")
    reason = models.TextField(blank=True)
    criterion = models.ForeignKey(
        Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by_criterion = models.JSONField(default=dict, blank=True, help_text=BY_CRITERION)
    conditions = models.TextField(blank=True)
    reserve_order = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["board", "application"], name="board_line_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="board_amount_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.outcome}"


class BoardChange(models.Model):
    """One step on a money board, kept so that it can be undone. `before` and `after` are lines."""

    board = models.ForeignKey(MoneyBoard, on_delete=models.PROTECT, related_name="changes")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("board", "id")

    def __str__(self) -> str:
        return f"{self.board} step {self.pk}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    def standing(self) -> DecisionQuerySet:
        """Decisions signed by a quorum and not replaced by a later standing one."""
        return self.filter(stands_at__isnull=False).exclude(replaced_by__stands_at__isnull=False)


class Decision(models.Model):
    """A panel's decision on its lot. Put for signing it is fixed; a quorum's signatures make it
    stand. A correction is a new decision that replaces it, with a reason, by the panel."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    board = models.ForeignKey(MoneyBoard, on_delete=models.PROTECT, related_name="decisions")
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    reason = models.TextField(blank=True, help_text="Why it replaces the one before")
    digest = models.CharField(max_length=64)
    put_at = models.DateTimeField()
    put_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    stands_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True, help_text="Signing failed; the panel talks again")

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ("panel", "number")
        constraints = [
            models.UniqueConstraint(fields=["panel", "number"], name="decision_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.panel}: decision {self.number}"


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    def standing(self) -> OutcomeQuerySet:
        """Outcomes of decisions that stand today."""
        return self.filter(decision__in=Decision.objects.standing())

    def awards(self) -> OutcomeQuerySet:
        """Those that give money."""
        return self.filter(kind__in=[OutcomeKind.AWARD, OutcomeKind.LESS])


class Outcome(models.Model):
    """What a decision says of one bid: an award (in full or less), a reserve, or not this time."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="outcomes")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="outcomes")
    kind = models.CharField(max_length=10, choices=OutcomeKind)
    asked = models.DecimalField(max_digits=12, decimal_places=2)
    amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    less_what = models.TextField(blank=True)
    reason = models.TextField()
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    by_criterion = models.JSONField(default=dict, help_text=BY_CRITERION)
    conditions = models.TextField(blank=True)
    reserve_order = models.PositiveSmallIntegerField(null=True)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ("decision", "id")
        constraints = [
            models.UniqueConstraint(fields=["decision", "application"], name="outcome_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["award", "less"], amount__gt=0)
                | Q(kind__in=["reserve", "no"], amount=0),
                name="only_awards_have_money",
            ),
            models.CheckConstraint(
                condition=Q(amount__lte=models.F("asked")), name="award_within_what_was_asked"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="outcome_has_a_reason"),
            models.CheckConstraint(
                condition=Q(kind="reserve", reserve_order__isnull=False)
                | (~Q(kind="reserve") & Q(reserve_order=None)),
                name="only_reserves_are_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.get_kind_display()}"


class SignatureQuerySet(models.QuerySet["Signature"]):
    def counting(self) -> SignatureQuerySet:
        """Those made by the member, or typed for them and confirmed."""
        return self.filter(Q(typed_by=None) | Q(confirmed_at__isnull=False))


class Signature(models.Model):
    """One seat signs a decision. Insert-only. Dissent is kept word for word."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="signatures")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="signatures")
    choice = models.CharField(max_length=10, choices=Choice)
    words = models.TextField(blank=True)
    signed_at = models.DateTimeField()
    typed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = SignatureQuerySet.as_manager()

    class Meta:
        constraints = [
            # A typed signature that its member never confirmed leaves them free to sign themself.
            models.UniqueConstraint(
                fields=["decision", "seat"],
                condition=Q(typed_by=None) | Q(confirmed_at__isnull=False),
                name="signature_once",
            ),
            paired("signature_confirmed_at_with_by", "confirmed_at", "confirmed_by"),
        ]

    def __str__(self) -> str:
        return f"{self.seat}: {self.get_choice_display()}"


class Ratification(models.Model):
    """Trustees confirm a standing decision where the delegation record says so, or put a legal
    hold on it (stop payment, with a reason the panel sees). They never put in a winner."""

    class Kind(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        HOLD = "hold", _("On hold for a legal reason")
        LIFTED = "lifted", _("Hold lifted")

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="ratifications")
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("made_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="confirmed") | ~Q(reason=""), name="hold_has_a_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.decision}: {self.get_kind_display()}"


class CheckKind(models.TextChoices):
    REGISTER = "register", _("The organisation is on its register")
    ACCOUNTS = "accounts", _("Accounts looked at")
    SAFEGUARDING = "safeguarding", _("Safeguarding policy looked at")
    BANK = "bank", _("Bank account is the organisation's")
    WANTS = "wants", _("The organisation still wants the money")


class DueDiligence(models.Model):
    """One check on an organisation that was chosen. A failed one goes back to the panel."""

    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="checks")
    kind = models.CharField(max_length=14, choices=CheckKind)
    passed = models.BooleanField()
    words = models.TextField(blank=True)
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    ASKED = {
        CheckKind.REGISTER: _("We asked whether the organisation is on its register."),
        CheckKind.ACCOUNTS: _("We asked whether the accounts are in order."),
        CheckKind.SAFEGUARDING: _("We asked whether the safeguarding policy is in order."),
        CheckKind.BANK: _("We asked whether the bank account is the organisation’s."),
        CheckKind.WANTS: _("We asked whether the organisation still wants the money."),
    }

    class Meta:
        verbose_name_plural = "due diligence"
        ordering = ("checked_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(passed=True) | ~Q(words=""), name="failed_check_says_why"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {'yes' if self.passed else 'no'}"

    @property
    def what_was_asked(self) -> str:
        """What was checked, in words that do not sound as if it had gone well."""
        return str(self.ASKED[CheckKind(self.kind)])


class OutcomeLetterQuerySet(models.QuerySet["OutcomeLetter"]):
    def waiting_to_go(self, panel: Panel) -> OutcomeLetterQuerySet:
        """Those the panel agreed that have not gone. A letter about a decision that another one
        replaced waits for nothing."""
        return self.filter(
            application__lot=panel.lot_id, approved_by_proposal__isnull=False, letter=None
        ).exclude(outcome__decision__replaced_by__stands_at__isnull=False)

    def put_in(self, proposal: Proposal, *, hidden: Iterable[int]) -> OutcomeLetterQuerySet:
        """Those a panel is asked to read, but for bids that are hidden from their reader."""
        put = self.filter(pk__in=proposal.data.get("letters", {}))
        return put.exclude(application__in=hidden).select_related(
            "application__organisation", "outcome"
        )

    def with_what_it_tells(self) -> OutcomeLetterQuerySet:
        """With all that is asked before a letter is agreed or sent: so many queries for any number
        of them."""
        return self.select_related(
            "application__organisation",
            "application__lot__panel__round__chain",
            "approved_by_proposal",
            "eligibility",
            "shortlisting__replaced_by",
            "outcome__decision__panel__lot",
            "outcome__decision__panel__round",
        ).prefetch_related(
            "eligibility__asked_back",
            "outcome__checks",
            "outcome__decision__ratifications",
            "outcome__decision__panel__decisions",
            "outcome__decision__panel__round__stages",
        )


class OutcomeLetter(models.Model):
    """The letter to one applicant, from the panel's own words, read by the panel before it goes.

    It tells of one thing: an outcome of a decision, a "not this time" at the shortlist, or a rule
    check that said no. How many days it gives is kept with it, whatever the programme gives later.
    `staff_note` is marked as the staff's in the letter. The sender refuses any
    text but the one the panel approved (`digest`).
    """

    class Kind(models.TextChoices):
        YES = "yes", _("Yes, in full")
        LESS = "less", _("Yes, with less money")
        RESERVE = "reserve", _("Reserve")
        NO = "no", _("Not this time")
        NOT_MET = "not_met", _("Not this time, after reading")
        NOT_ELIGIBLE = "not_eligible", _("Not within the funder's rules")

    kind = models.CharField(max_length=14, choices=Kind)
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="outcome_letters"
    )
    outcome = models.OneToOneField(
        Outcome, null=True, on_delete=models.PROTECT, related_name="letter"
    )
    shortlisting = models.OneToOneField(
        Shortlisting, null=True, on_delete=models.PROTECT, related_name="letter"
    )
    eligibility = models.OneToOneField(
        Eligibility, null=True, on_delete=models.PROTECT, related_name="letter"
    )
    subject = models.CharField(max_length=250)
    body = models.TextField()
    staff_note = models.TextField(blank=True)
    complain_days = models.PositiveSmallIntegerField(default=28, help_text="As its words say")
    offer_days = models.PositiveSmallIntegerField(default=28, help_text="As its words say")
    digest = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    approved_by_proposal = models.ForeignKey(
        Proposal, null=True, on_delete=models.PROTECT, related_name="outcome_letters"
    )
    letter = models.OneToOneField(
        Letter, null=True, on_delete=models.PROTECT, related_name="outcome_letter"
    )

    objects = OutcomeLetterQuerySet.as_manager()

    class Meta:
        ordering = ("application", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__isnull=False, shortlisting=None, eligibility=None)
                | Q(outcome=None, shortlisting__isnull=False, eligibility=None)
                | Q(outcome=None, shortlisting=None, eligibility__isnull=False),
                name="outcome_letter_tells_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(letter=None) | Q(approved_by_proposal__isnull=False),
                name="outcome_letter_sent_was_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class Acceptance(models.Model):
    """An organisation says yes or no to its award and conditions."""

    outcome = models.OneToOneField(Outcome, on_delete=models.PROTECT, related_name="acceptance")
    accepted = models.BooleanField()
    words = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.outcome}: {'accepted' if self.accepted else 'declined'}"


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def heard_by(self, person: Any) -> ComplaintQuerySet:
        """Complaints that this complaint handler may hear: those they have no part in.

        Never somebody who was ever a facilitator or on the board, who took part in the round or
        helped somebody who did, or who acts or acted for a group that bids in it. A group cannot
        choose who hears it: whom it adds once it has complained is not shut out by that.
        """
        if not isinstance(person, Person) or not person.holds(Role.COMPLAINTS):
            return self.none()
        if person.roles.filter(role__in=[Role.FACILITATOR, Role.BOARD]).exists():
            return self.none()
        acts = Colleague.objects.filter(
            ~Q(organisation=OuterRef("application__organisation"))
            | Q(added_at__lte=OuterRef("made_at")),
            person=person,
            organisation__applications__round=OuterRef("application__round"),
        )
        return (
            self.exclude(application__round__members__person=person)
            .exclude(application__round__members__helpers__supporter=person)
            .exclude(Exists(acts))
        )


class Complaint(models.Model):
    """A group says that something was not done fairly. It never opens the choice itself again.

    `hear_on` and `answer_on` are what the group was told. Heard by a complaint handler who had no
    part in it.
    """

    class Outcome(models.TextChoices):
        RIGHT = "right", _("It was done as it should be")
        PART = "part", _("Some of it was not done as it should be")
        WRONG = "wrong", _("It was not done as it should be")
        CHOICE = "choice", _("It is about the choice itself, which a complaint cannot change")

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="complaints"
    )
    text = models.TextField()
    told_by = models.CharField(
        max_length=160,
        blank=True,
        help_text="Who told it by phone or letter, where a complaint handler typed it",
    )
    hear_on = models.DateField()
    answer_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    words = models.TextField(blank=True, help_text="The answer to the group")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        ordering = ("made_at", "id")
        constraints = [
            paired("complaint_taken_at_with_by", "taken_at", "taken_by"),
            paired("complaint_answered_at_with_by", "answered_at", "answered_by"),
            models.CheckConstraint(
                condition=Q(answered_at=None) | (~Q(outcome="") & ~Q(words="")),
                name="complaint_answer_says_why",
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(answered_at=None),
                name="complaint_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"A complaint about {self.application}"


class ReportApproval(models.Model):
    """A panel has read the report and agreed it; without every panel's there is no final export."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="report_approvals")
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="report_approvals")
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, help_text="Of the facts that were approved")
    approved_at = models.DateTimeField()

    class Meta:
        ordering = ("approved_at",)

    def __str__(self) -> str:
        return f"{self.panel} approved the report"


class Description(models.Model):
    """What a bid is about, as its group has put it right for the report alone. Insert-only: the
    newest counts, and what the panel read stays as it was read."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="descriptions"
    )
    text = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("made_at", "id")

    def __str__(self) -> str:
        return f"{self.application}, as the report describes it"


class BoardNote(models.Model):
    """The board notes the report, or asks a question about how things were done."""

    class Kind(models.TextChoices):
        NOTED = "noted", _("The board has noted the report")
        QUESTION = "question", _("A question about how things were done")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="board_notes")
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("made_at",)
        constraints = [paired("board_note_answered_at_with_by", "answered_at", "answered_by")]

    def __str__(self) -> str:
        return self.get_kind_display()


class ReportFile(models.Model):
    """An exported report as it was made, for the board to fetch again."""

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        XLSX = "xlsx", _("Spreadsheet")
        CSV = "csv", "CSV"
        GIVING = "360giving", "360Giving"

    class Audience(models.TextChoices):
        BOARD = "board", _("For the board")
        PUBLIC = "public", _("For everyone")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="report_files")
    format = models.CharField(max_length=10, choices=Format)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.BOARD)
    large_print = models.BooleanField(default=False)
    file = models.FileField(upload_to="reports")
    sha256 = models.CharField(max_length=64)
    head_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.round} {self.format}"


class ErrandQuerySet(models.QuerySet["Errand"]):
    def visible_to(self, person: Any) -> ErrandQuerySet:
        """Each kind for those whose work it is, in their rounds; a reader's own pack for them."""
        kinds = [kind for kind in Errand.Kind if holds(person, Errand.WORK_OF[kind])]
        return self.filter(
            Q(kind__in=kinds, round__in=Round.objects.visible_to(person))
            | Q(kind=Errand.Kind.PACKS, member__person=person, member__ended_at=None)
        )

    def unfinished(self) -> ErrandQuerySet:
        """What waits for a worker, or is being done."""
        return self.filter(done_at=None)

    def many_packs(self) -> ErrandQuerySet:
        """Packs of all who wait for one: they take minutes, so one of these at a time is made."""
        return self.filter(kind=Errand.Kind.PACKS, member=None)

    def same_packs(self, errand: Errand) -> ErrandQuerySet:
        """The packs of the same reader, panel or round."""
        return self.filter(
            kind=Errand.Kind.PACKS,
            round=errand.round_id,
            panel=errand.panel_id,
            member=errand.member_id,
        )


class Errand(models.Model):
    """Somebody asked for what takes a while: a copy of the report, letters to be written or sent,
    packs to print, or bids out of a file.

    The row is the queue: a worker takes it up, once. Whoever holds it keeps `claimed_until` ahead
    of the clock; when they are killed it lapses, and the next tick takes it up again. `tries` tells
    one holder from the next.
    """

    class Kind(models.TextChoices):
        COPY = "copy", _("A copy of the report")
        LETTERS = "letters", _("Letters to the groups")
        SEND = "send", _("Sending the letters to the groups")
        PACKS = "packs", _("Packs for readers")
        LOOK = "look", _("A look at a file of bids")
        IMPORT = "import", _("Bids from a file")

    class Stage(models.TextChoices):
        WAITING = "waiting", _("Waiting for its turn")
        WORKING = "working", _("Being done")
        DONE = "done", _("Done")
        FAILED = "failed", _("It did not work")
        STOPPED = "stopped", _("Stopped")

    WORK_OF: ClassVar[dict[str, Permission]] = {
        Kind.COPY: Permission.READ_REPORTS,
        Kind.LETTERS: Permission.SEND_LETTERS,
        Kind.SEND: Permission.SEND_LETTERS,
        Kind.PACKS: Permission.TYPE_FOR,
        Kind.LOOK: Permission.TYPE_FOR,
        Kind.IMPORT: Permission.TYPE_FOR,
    }
    """Whose work each kind is: they ask for it, see how far it is, and stop it."""

    kind = models.CharField(max_length=10, choices=Kind)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="errands")
    panel = models.ForeignKey(Panel, null=True, on_delete=models.PROTECT, related_name="errands")
    format = models.CharField(max_length=10, choices=ReportFile.Format, blank=True)
    audience = models.CharField(max_length=10, choices=ReportFile.Audience, blank=True)
    large_print = models.BooleanField(default=False)
    member = models.ForeignKey(
        Member, null=True, on_delete=models.PROTECT, related_name="+", help_text="Of one reader"
    )
    lot = models.ForeignKey(
        Lot, null=True, on_delete=models.PROTECT, related_name="errands", help_text="Where bids go"
    )
    look = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="imports",
        help_text="What was seen of the file before its bids come in",
    )
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.WAITING)
    made = models.PositiveIntegerField(
        default=0,
        help_text="Letters written or sent, pages laid out, packs made, or bids brought in",
    )
    of = models.PositiveIntegerField(null=True, help_text="How many there will be, where known")
    tries = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True, help_text="When it ended, well or not")
    stopped_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    file = models.OneToOneField(
        ReportFile, null=True, on_delete=models.PROTECT, related_name="errand"
    )
    kept = models.FileField(
        upload_to="errands", blank=True, help_text="The packs, or the file of bids, for some days"
    )
    told = models.JSONField(
        default=dict,
        blank=True,
        help_text="Which bids the packs hold, what the file holds, or which letters go and stay",
    )
    sentence = models.TextField(blank=True, help_text="Why it did not work")

    objects = ErrandQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "format", "audience", "large_print"],
                condition=Q(done_at=None, kind="copy"),
                name="errand_one_copy_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["panel", "kind"],
                condition=Q(done_at=None, kind__in=["letters", "send"]),
                name="errand_one_batch_at_a_time",
            ),
            models.UniqueConstraint(
                "round",
                Coalesce("panel", 0),
                Coalesce("member", 0),
                condition=Q(done_at=None, kind="packs"),
                name="errand_one_of_these_packs_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["look"],
                condition=Q(done_at=None, kind="import"),
                name="errand_one_import_at_a_time",
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind="copy", panel=None, kept="") & ~Q(format="") & ~Q(audience="")
                    | Q(
                        kind__in=["letters", "send"],
                        panel__isnull=False,
                        kept="",
                        format="",
                        audience="",
                    )
                    | Q(kind="packs", format="", audience="")
                    | Q(kind="look", lot__isnull=False, panel=None, format="", audience="")
                    | Q(kind="import", look__isnull=False, kept="", format="", audience="")
                )
                & (Q(kind="copy") | Q(file=None))
                & (Q(kind="packs") | Q(member=None))
                & (Q(kind__in=["look", "import"]) | Q(lot=None))
                & (Q(kind="import") | Q(look=None)),
                name="errand_says_what_is_wanted",
            ),
            models.CheckConstraint(
                condition=(Q(done_at=None, stage__in=["waiting", "working"], file=None))
                | Q(done_at__isnull=False, stage="done", kind="copy", file__isnull=False)
                | Q(done_at__isnull=False, stage="done") & ~Q(kind="copy")
                | (Q(done_at__isnull=False, stage="failed", file=None) & ~Q(sentence=""))
                | Q(done_at__isnull=False, stage="stopped", file=None, stopped_by__isnull=False),
                name="errand_ends_with_what_it_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_stage_display()}"


class Kept(models.TextChoices):
    """What is kept for a time and then deleted, by hand and by two people."""

    DRAFTS = "drafts", _("Bids that were begun and never sent")
    NEEDS = "needs", _("What makes taking part easier for a volunteer")
    CARE = "care", _("Words about looking after people, and what they told us of themselves")
    COSTS = "costs", _("What people spent, and their receipts")
    BIDS = "bids", _("Bids that got no money")
    DECISIONS = "decisions", _("What people said and wrote on the way to a decision")


class RetentionRule(models.Model):
    """How many months a programme keeps something, where it is not the usual number.

    One person may make it longer. `shorter` is what one person asked for; a second one agrees.
    """

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="retention_rules"
    )
    what = models.CharField(max_length=10, choices=Kept)
    months = models.PositiveSmallIntegerField()
    shorter = models.PositiveSmallIntegerField(null=True, help_text="Waits for a second person")
    asked_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "what"], name="retention_rule_once"),
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=120), name="retention_in_reason"
            ),
            paired("retention_asked_at_with_by", "asked_at", "asked_by"),
            paired("retention_agreed_at_with_by", "agreed_at", "agreed_by"),
            models.CheckConstraint(
                condition=Q(shorter=None)
                | Q(shorter__gte=1, shorter__lt=models.F("months"), asked_at__isnull=False),
                name="retention_shorter_was_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.months}"


class DueForDeletion(models.Model):
    """How much of something was old enough to go when the program last looked, for the pages of
    those who may put it forward. Written anew each time; nothing is deleted by it."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=10, choices=Kept)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "what"], name="due_for_deletion_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.count}"


class Clearing(models.Model):
    """A deletion as one person put it forward (`digest` is of exactly which rows) and another did.

    The rows stay and their words go; each is told by an `Erasure`. Nothing in the trail is touched.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="clearings")
    what = models.CharField(max_length=10, choices=Kept)
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    put_at = models.DateTimeField()
    put_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("put_at", "id")
        constraints = [
            paired("clearing_done_at_with_by", "done_at", "done_by"),
            models.CheckConstraint(
                condition=Q(done_by=None) | ~Q(done_by=models.F("put_by")),
                name="clearing_by_two_people",
            ),
            models.UniqueConstraint(
                fields=["programme", "what"], condition=Q(done_at=None), name="clearing_one_waits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.count}"


class ForgettingQuerySet(models.QuerySet["Forgetting"]):
    def waiting(self) -> ForgettingQuerySet:
        """What was asked for, and neither done nor taken back."""
        return self.filter(done_at=None, dropped_at=None)

    def visible_to(self, person: Person) -> ForgettingQuerySet:
        """One's own, and for who looks after volunteers or keeps the site everybody's."""
        if holds(person, Permission.LOOK_AFTER) or holds(person, Permission.KEEP_SITE):
            return self
        return self.filter(person=person)


class Forgetting(models.Model):
    """Somebody asked for their name and details to be taken away; a second person does it.

    They ask on their own page, or a facilitator writes down that they rang or wrote. What they
    decided stays, under a number in place of their name.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="forgettings")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    dropped_at = models.DateTimeField(null=True, help_text="They changed their mind")
    dropped_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ForgettingQuerySet.as_manager()

    class Meta:
        ordering = ("asked_at", "id")
        constraints = [
            paired("forgetting_done_at_with_by", "done_at", "done_by"),
            paired("forgetting_dropped_at_with_by", "dropped_at", "dropped_by"),
            models.CheckConstraint(
                condition=Q(done_by=None)
                | ~Q(done_by=models.F("asked_by")) & ~Q(done_by=models.F("person")),
                name="forgetting_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(dropped_at=None), name="forgetting_done_or_dropped"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(done_at=None, dropped_at=None),
                name="forgetting_one_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"Forgetting {self.pk}"


class Erasure(models.Model):
    """The words of one row, or of one round, are gone: by which clearing. Insert-only."""

    clearing = models.ForeignKey(Clearing, on_delete=models.PROTECT, related_name="erasures")
    application = models.OneToOneField(
        Application, null=True, on_delete=models.PROTECT, related_name="erasure"
    )
    adjustment = models.OneToOneField(
        Adjustment, null=True, on_delete=models.PROTECT, related_name="erasure"
    )
    round = models.OneToOneField(Round, null=True, on_delete=models.PROTECT, related_name="erasure")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(application__isnull=False, adjustment=None, round=None)
                | Q(application=None, adjustment__isnull=False, round=None)
                | Q(application=None, adjustment=None, round__isnull=False),
                name="erasure_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"Erasure {self.pk}"
