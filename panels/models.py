"""The panel: who sits on it, whom they know, what they read, how they score, meet and interview."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from applications.models import Application, BidVersion
from commissioning.models import Choice, Criterion, Lot, Member, Round, paired
from support.models import Format, Helper

BY_CRITERION = '{"<criterion id>": "words"}: what the group is told beside the reason'


class PanelQuerySet(models.QuerySet["Panel"]):
    def visible_to(self, person: Any) -> PanelQuerySet:
        """Panels a person sits on; all of them for a facilitator. None for anybody else."""
        if not isinstance(person, Person):
            return self.none()
        if "facilitator" in person.held_roles:
            return self
        return self.filter(
            seats__member__person=person, seats__ended_at=None, seats__member__ended_at=None
        ).distinct()


class Panel(models.Model):
    """The people who choose among one lot's bids."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="panels")
    lot = models.OneToOneField(Lot, on_delete=models.PROTECT, related_name="panel")
    name = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    scores_opened_at = models.DateTimeField(
        null=True, help_text="When the panel agreed to see each other's scores"
    )
    interviews_opened_at = models.DateTimeField(
        null=True, help_text="The same for the interview scores"
    )
    invited_at = models.DateTimeField(
        null=True, help_text="When the organisations it meets were asked to choose a time"
    )
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PanelQuerySet.as_manager()

    class Meta:
        ordering = ("lot__order", "id")
        constraints = [paired("panel_invited_at_with_by", "invited_at", "invited_by")]

    def __str__(self) -> str:
        return self.name


class SeatQuerySet(models.QuerySet["Seat"]):
    def held(self) -> SeatQuerySet:
        """Seats held today, by members who have not left."""
        return self.filter(ended_at=None, member__ended_at=None)


class Seat(models.Model):
    """A member's place on a panel: quorum, deciding and signing are for seats only."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="seats")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="seats")
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering = ("panel", "member__person__name")
        constraints = [
            models.UniqueConstraint(
                fields=["panel", "member"], condition=Q(ended_at=None), name="seat_once"
            ),
            paired("seat_ended_at_with_by", "ended_at", "ended_by"),
        ]

    def __str__(self) -> str:
        return f"{self.member} on {self.panel}"


# ---- Interests ------------------------------------------------------------------------------


class Declaration(models.Model):
    """A member has looked through the names of all bids of a lot and said whom they know.

    Tied to the list they saw: a bid added later asks for a new declaration. `list_digest` is over
    the sorted ids of the lot's bids.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="declarations")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="declarations")
    list_digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    typed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-made_at", "-id")
        indexes = [models.Index(fields=["member", "lot"], name="declaration_by_lot")]

    def __str__(self) -> str:
        return f"{self.member}: {self.lot}"


class Interest(models.Model):
    """A tie between a member and a bid. Direct: stands aside from the whole lot. Indirect: said
    openly, and the panel decides."""

    class Kind(models.TextChoices):
        DIRECT = (
            "direct",
            _("I or my close family run it, work for it, helped write it or sell to it"),
        )
        INDIRECT = "indirect", _("I know it as a neighbour, a user, or a member from before")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="interests")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="interests")
    kind = models.CharField(max_length=10, choices=Kind)
    words = models.TextField(blank=True)
    is_late = models.BooleanField(default=False, help_text="Declared after reading began")
    made_at = models.DateTimeField()
    typed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "application", "kind"], name="interest_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_kind_display()}"


class StandingAside(models.Model):
    """A member takes no part in a lot (application empty), or in one bid of it."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="stands_aside")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="standing_aside")
    application = models.ForeignKey(
        Application, null=True, on_delete=models.PROTECT, related_name="standing_aside"
    )
    interest = models.ForeignKey(Interest, on_delete=models.PROTECT, related_name="standing_aside")
    began_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "standing aside"
        indexes = [models.Index(fields=["member", "lot"], name="aside_by_lot")]

    def __str__(self) -> str:
        return f"{self.member} stands aside from {self.application or self.lot}"


# ---- Sharing out ----------------------------------------------------------------------------


class ShareAim(models.TextChoices):
    """What comes first in sharing out, once each bid has its readers and somebody experienced."""

    SHARE = "share", _("Nobody has too much to read")
    LIVED = "lived", _("Each bid has somebody who has lived through what it is about")


class ShareRunQuerySet(models.QuerySet["ShareRun"]):
    def real(self) -> ShareRunQuerySet:
        """Share-outs that were confirmed and not undone."""
        return self.filter(confirmed_at__isnull=False, undoing=None)


class ShareRun(models.Model):
    """A proposal of who reads what, what was changed by hand, and whether it was confirmed."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="share_runs")
    seed = models.BigIntegerField()
    aim = models.CharField(max_length=10, choices=ShareAim, default=ShareAim.SHARE)
    again = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="begun_again",
        help_text="The undone share-out that this one takes up again, changes by hand and all",
    )
    answer = models.JSONField(
        default=dict, help_text='{"pairs": [[bid, member]], "reasons": {}, "shortfalls": []}'
    )
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ShareRunQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at", "-id")
        constraints = [paired("share_run_confirmed_at_with_by", "confirmed_at", "confirmed_by")]

    def __str__(self) -> str:
        return f"{self.round} share-out {self.pk}"


class FormatGap(models.Model):
    """A bid cannot be had in some form. Noted by staff, with a reason that the panel can read.

    Without such a row a bid is taken to be had in every form: staff make what is needed.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="format_gaps"
    )
    format = models.CharField(max_length=12, choices=Format)
    reason = models.TextField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("application", "format")
        constraints = [
            models.UniqueConstraint(fields=["application", "format"], name="format_gap_once"),
        ]

    def __str__(self) -> str:
        return f"{self.application}: not in {self.get_format_display()}"


class SeatRun(models.Model):
    """A proposal of who could sit on the panels, what was changed by hand, and when it was
    confirmed. The panel's own yes is asked for where it is due."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="seat_runs")
    seed = models.BigIntegerField()
    answer = models.JSONField(
        default=dict, help_text='{"seats": [[panel, member]], "reasons": {}, "short": {}}'
    )
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-proposed_at", "-id")
        constraints = [paired("seat_run_confirmed_at_with_by", "confirmed_at", "confirmed_by")]

    def __str__(self) -> str:
        return f"{self.round} seats {self.pk}"


class SeatChange(models.Model):
    """One change by hand to who was proposed for a panel, with the reason the panel reads."""

    run = models.ForeignKey(SeatRun, on_delete=models.PROTECT, related_name="changes")
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="seat_changes")
    taken_out = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    put_in = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("made_at", "id")

    def __str__(self) -> str:
        return f"{self.panel}: {self.taken_out or '-'} for {self.put_in or '-'}"


class ShareRequest(models.Model):
    """Somebody asked who could read what. The row is the queue: a worker takes it up, once.

    Whoever holds it keeps `claimed_until` ahead of the clock; when they are killed it lapses, and
    the next tick takes it up again. `tries` tells one holder from the next.
    """

    class Stage(models.TextChoices):
        WAITING = "waiting", _("Waiting for its turn")
        GATHERING = "gathering", _("Looking at what each person offered")
        SHARING = "sharing", _("Working out who could read what")
        HELPING = "helping", _("Looking for what would help where readers are missing")
        WRITING = "writing", _("Writing down the reasons")
        DONE = "done", _("Done")
        FAILED = "failed", _("It did not work")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="share_requests")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.WAITING)
    people = models.PositiveIntegerField(null=True, help_text="How many it looks at")
    bids = models.PositiveIntegerField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True, help_text="When it worked, or failed")
    run = models.OneToOneField(
        ShareRun, null=True, on_delete=models.PROTECT, related_name="request"
    )
    sentence = models.TextField(blank=True, help_text="Why it did not work")

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["round"], condition=Q(done_at=None), name="share_request_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=(Q(done_at=None) & ~Q(stage__in=["done", "failed"]))
                | Q(done_at__isnull=False, stage="done", run__isnull=False)
                | (Q(done_at__isnull=False, stage="failed", run=None) & ~Q(sentence="")),
                name="share_request_ends_with_run_or_sentence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.get_stage_display()}"


class ShareUndo(models.Model):
    """A confirmed share-out was taken back before anybody had opened a bid, with a reason."""

    run = models.OneToOneField(ShareRun, on_delete=models.PROTECT, related_name="undoing")
    reason = models.TextField()
    undone_at = models.DateTimeField()
    undone_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.reason[:60]


class ShareChange(models.Model):
    """One change made by hand to a proposal, with a reason, counted in sight of the panel."""

    run = models.ForeignKey(ShareRun, on_delete=models.PROTECT, related_name="changes")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    taken_from = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    given_to = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.reason[:60]


class ShareReply(models.Model):
    """What a member said of their share: fine, fewer please, or more please."""

    class Answer(models.TextChoices):
        FINE = "fine", _("This is right for me")
        FEWER = "fewer", _("Fewer, please")
        MORE = "more", _("I could read more")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="share_replies")
    answer = models.CharField(max_length=10, choices=Answer)
    bids_wanted = models.PositiveSmallIntegerField()
    replied_at = models.DateTimeField()
    typed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-replied_at", "-id")
        verbose_name_plural = "share replies"

    def __str__(self) -> str:
        return f"{self.member}: {self.get_answer_display()}"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, person: Any) -> AssignmentQuerySet:
        """What a volunteer may read: their own share, never where they stand aside."""
        if not isinstance(person, Person) or "volunteer" not in person.held_roles:
            return self.none()
        return self.in_hands_of(person.pk)

    def in_hands_of(self, person: int) -> AssignmentQuerySet:
        """The share of the volunteer with this id, without what they stand aside from."""
        return self.in_hands().filter(member__person=person)

    def in_hands(self) -> AssignmentQuerySet:
        """What somebody reads today, without what they stand aside from."""
        aside = StandingAside.objects.filter(
            Q(application=OuterRef("application")) | Q(application=None),
            member=OuterRef("member"),
            lot=OuterRef("application__lot"),
        )
        return self.filter(~Exists(aside), member__ended_at=None, ended_at=None)

    def current(self) -> AssignmentQuerySet:
        """Assignments that still stand."""
        return self.filter(ended_at=None)


class Assignment(models.Model):
    """A bid a member reads and scores. Ended with a reason, never deleted."""

    class Ended(models.TextChoices):
        HANDED_BACK = "handed_back", _("Handed back")
        INTEREST = "interest", _("Knows people in the bid")
        BREAK = "break", _("Is taking a break")
        WITHDRAWN = "withdrawn", _("The bid was withdrawn")
        LEFT = "left", _("Left the round")
        UNDONE = "undone", _("The share-out was undone")
        FEWER = "fewer", _("Asked for fewer")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="assignments")
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="assignments"
    )
    version = models.ForeignKey(
        BidVersion, on_delete=models.PROTECT, related_name="assignments", help_text="Copy to read"
    )
    run = models.ForeignKey(ShareRun, null=True, on_delete=models.PROTECT, related_name="assigned")
    reasons = models.JSONField(default=list, help_text="Codes, for the reader alone")
    order_key = models.FloatField(help_text="Random reading order, made once")
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True, help_text="When its reader first opened the bid")
    later_at = models.DateTimeField(null=True, help_text="Left for later; it comes back")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_why = models.CharField(max_length=12, choices=Ended, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ("member", "order_key")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "application"],
                condition=Q(ended_at=None),
                name="assignment_once",
            ),
            paired("assignment_ended_at_with_by", "ended_at", "ended_by"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | ~Q(ended_why=""), name="assignment_ended_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["member", "order_key"], name="assignment_next"),
            models.Index(fields=["application", "ended_at"], name="assignment_readers"),
        ]

    def __str__(self) -> str:
        return f"{self.member} reads {self.application}"


# ---- Scoring --------------------------------------------------------------------------------


class BesideLeave(models.Model):
    """A volunteer lets their helper read their bids with them, until they take it back."""

    helper = models.ForeignKey(Helper, on_delete=models.PROTECT, related_name="leaves")
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["helper"], condition=Q(taken_back_at=None), name="beside_leave_once"
            ),
            paired("beside_leave_taken_back_at_with_by", "taken_back_at", "taken_back_by"),
        ]

    def __str__(self) -> str:
        return f"{self.helper}: {self.given_at:%Y-%m-%d}"


class ReadBeside(models.Model):
    """A helper began to read a bid beside its reader, and said that they know nobody in it."""

    helper = models.ForeignKey(Helper, on_delete=models.PROTECT, related_name="read")
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="beside")
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "read beside"
        constraints = [
            models.UniqueConstraint(fields=["helper", "assignment"], name="read_beside_once"),
        ]

    def __str__(self) -> str:
        return f"{self.helper}: {self.assignment_id}"


class Phase(models.TextChoices):
    READING = "reading", _("After reading")
    TALK = "talk", _("After talking")
    INTERVIEW = "interview", _("After the interview")


class ScoreDraft(models.Model):
    """What a reader is still writing about one criterion of one bid. Not sent yet."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="drafts")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    value = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(5)]
    )
    cannot_judge = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    client_id = models.CharField(max_length=40, blank=True, help_text="Last edit's own id")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "criterion"], name="draft_once"),
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__lte=5, cannot_judge=False),
                name="draft_value_0_to_5",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment} draft"


class BidDraft(models.Model):
    """What a reader is writing about a whole bid: "What made you choose this?", and own notes."""

    assignment = models.OneToOneField(
        Assignment, on_delete=models.PROTECT, related_name="bid_draft"
    )
    why = models.TextField(blank=True)
    notes = models.TextField(blank=True, help_text="Private; never sent")
    version = models.PositiveIntegerField(default=1)
    client_id = models.CharField(max_length=40, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.assignment} draft"


class ScoreSheetQuerySet(models.QuerySet["ScoreSheet"]):
    def counting(self) -> ScoreSheetQuerySet:
        """Sheets that count: confirmed where typed for someone, not taken back, not void."""
        return self.filter(taken_back=None, void=None).exclude(
            typed_by__isnull=False, confirmed_at=None
        )


class ScoreSheet(models.Model):
    """One member's scores for one bid, sent together: what their receipt lists. Insert-only.

    `phase` says when: after reading, after talking (then the sheet holds only what changed), or
    after the interview. A typed sheet counts only once its volunteer has confirmed it.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="sheets")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="sheets")
    assignment = models.ForeignKey(
        Assignment, null=True, on_delete=models.PROTECT, related_name="sheets"
    )
    version = models.ForeignKey(
        BidVersion, on_delete=models.PROTECT, related_name="sheets", help_text="The copy judged"
    )
    phase = models.CharField(max_length=10, choices=Phase)
    why = models.TextField(blank=True, help_text="In their own words")
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    typed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScoreSheetQuerySet.as_manager()

    class Meta:
        ordering = ("sent_at", "id")
        constraints = [
            paired("sheet_confirmed_at_with_by", "confirmed_at", "confirmed_by"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("typed_by")),
                name="sheet_not_confirmed_by_its_typist",
            ),
        ]
        indexes = [models.Index(fields=["application", "phase"], name="sheet_by_bid")]

    def __str__(self) -> str:
        return f"{self.member}: {self.application} ({self.get_phase_display()})"


class SheetScanQuerySet(models.QuerySet["SheetScan"]):
    def here(self) -> SheetScanQuerySet:
        """Pictures that are still there, of sheets in their reader's hands."""
        held = Assignment.objects.in_hands()
        return self.filter(removed_at=None, assignment__in=held).exclude(file="")


class SheetScan(models.Model):
    """A picture of a page of one reader's paper score sheet, to type from. Secret like the scores.

    What is taken away loses its file; that it was there stays.
    """

    class Kind(models.TextChoices):
        PDF = "pdf", _("PDF")
        JPG = "jpg", _("Picture")

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="scans")
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    file = models.FileField(upload_to="sheets", blank=True)
    kind = models.CharField(max_length=4, choices=Kind)
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = SheetScanQuerySet.as_manager()

    class Meta:
        verbose_name = "picture of a score sheet"
        verbose_name_plural = "pictures of score sheets"
        ordering = ("id",)
        constraints = [
            paired("scan_removed_at_with_by", "removed_at", "removed_by"),
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(file=""), name="scan_removed_has_no_file"
            ),
            models.UniqueConstraint(
                fields=["assignment", "sha256"], condition=Q(removed_at=None), name="scan_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}: {self.pk}"

    @property
    def name(self) -> str:
        """What it is called when somebody saves it. The name it came with is not kept."""
        return f"sheet-{self.pk}.{self.kind}"


class Score(models.Model):
    """One number, or "I cannot judge this" (value empty), with its reason. Insert-only.

    About a criterion of the round, or about a question asked at the interview.
    """

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.PROTECT, related_name="scores")
    criterion = models.ForeignKey(
        Criterion, null=True, on_delete=models.PROTECT, related_name="scores"
    )
    question = models.ForeignKey(
        "InterviewQuestion", null=True, on_delete=models.PROTECT, related_name="scores"
    )
    value = models.PositiveSmallIntegerField(null=True)
    reason = models.TextField(blank=True)
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by"
    )

    class Meta:
        ordering = ("sheet", "id")
        constraints = [
            models.CheckConstraint(condition=Q(value=None) | Q(value__lte=5), name="score_0_to_5"),
            models.CheckConstraint(
                condition=Q(criterion__isnull=False, question=None)
                | Q(criterion=None, question__isnull=False),
                name="score_on_criterion_or_question",
            ),
            models.UniqueConstraint(fields=["sheet", "criterion"], name="score_once_on_sheet"),
            models.UniqueConstraint(
                fields=["sheet", "question"], name="score_once_on_interview_sheet"
            ),
        ]

    def __str__(self) -> str:
        return "cannot judge" if self.value is None else str(self.value)

    @property
    def about(self) -> str:
        """What it is about: the criterion's title, or the question that was asked."""
        if self.question:
            return self.question.text
        return self.criterion.title if self.criterion else ""


class TakeBack(models.Model):
    """A member took their sent scores back, to change them before the panel opens them."""

    sheet = models.OneToOneField(ScoreSheet, on_delete=models.PROTECT, related_name="taken_back")
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.sheet} taken back"


class Void(models.Model):
    """A sheet that does not count, and why: a late interest, or an objection to what was typed."""

    class Why(models.TextChoices):
        INTEREST = "interest", _("Knows people in the bid")
        TYPED_WRONG = "typed_wrong", _("Was typed wrongly")
        LATE = "late", _("Came too late; the panel decided")

    sheet = models.OneToOneField(ScoreSheet, on_delete=models.PROTECT, related_name="void")
    why = models.CharField(max_length=12, choices=Why)
    words = models.TextField(blank=True)
    voided_at = models.DateTimeField()
    voided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.sheet} does not count"


class Abstention(models.Model):
    """A reader will not score a bid, with a reason; counted apart, never as a zero."""

    class Why(models.TextChoices):
        CONFLICT = "conflict", _("I know the people")
        NOT_MY_AREA = "not_my_area", _("It is not something I know about")
        NOT_WELL = "not_well", _("I am not well")

    assignment = models.OneToOneField(
        Assignment, on_delete=models.PROTECT, related_name="abstention"
    )
    why = models.CharField(max_length=12, choices=Why)
    words = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.assignment}: {self.get_why_display()}"


# ---- The panel's own agreements -------------------------------------------------------------


class CombineRule(models.TextChoices):
    """How what was read and what was said at the meeting count together."""

    BESIDE = "beside", _("We look at both side by side, and add nothing up")
    SAME = "same", _("Both count the same")
    READING = "reading", _("What we read counts twice as much as the meeting")
    MEETING = "meeting", _("The meeting counts twice as much as what we read")


class Proposal(models.Model):
    """Something put to the panel: it is agreed, or not, by its seats. One model for all of it.

    Opening scores, who to meet, days of rest, a new member, an indirect interest, letters, the
    report. `about` names the bid where there is one; `data` the facts (ids and numbers) it settles,
    and for who to meet the words about each criterion (`BY_CRITERION`).
    """

    class Kind(models.TextChoices):
        OPEN_SCORES = "open_scores", _("Open the scores")
        OPEN_INTERVIEWS = "open_interviews", _("Open the interview scores")
        SHORTLIST = "shortlist", _("Who to meet")
        CLOSE_EARLY = "close_early", _("Close a stage with work unsent")
        SHORTEN_REST = "shorten_rest", _("Change the days of rest")
        ADD_MEMBER = "add_member", _("Add a member")
        INTEREST = "interest", _("Somebody's interest")
        RETURN_BID = "return_bid", _("Having a bid back")
        SHARE_AIM = "share_aim", _("What comes first in sharing out")
        COMBINE = "combine", _("How reading and meeting count")
        LETTERS = "letters", _("The letters")
        REPORT = "report", _("The report")
        OTHER = "other", _("Something else")

    class Outcome(models.TextChoices):
        AGREED = "agreed", _("Agreed")
        NOT_AGREED = "not_agreed", _("Not agreed")
        TIE = "tie", _("Split: talk again")
        DROPPED = "dropped", _("Taken off the table")

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="proposals")
    kind = models.CharField(max_length=20, choices=Kind)
    application = models.ForeignKey(
        Application, null=True, on_delete=models.PROTECT, related_name="proposals"
    )
    words = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    put_at = models.DateTimeField()
    put_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("put_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", settled_at=None)
                | (~Q(outcome="") & Q(settled_at__isnull=False)),
                name="proposal_settled_with_outcome",
            )
        ]
        indexes = [models.Index(fields=["panel", "kind"], name="proposal_by_kind")]

    def __str__(self) -> str:
        return f"{self.panel}: {self.get_kind_display()}"


class ProposalVoteQuerySet(models.QuerySet["ProposalVote"]):
    def counting(self) -> ProposalVoteQuerySet:
        """Answers that count: a member's own, and typed ones that were confirmed."""
        return self.filter(Q(typed_by=None) | Q(confirmed_at__isnull=False))


class ProposalVote(models.Model):
    """One seat's answer. Insert-only. Minuted on one laptop, it counts once it is confirmed.

    What was typed wrongly is never confirmed: the member answers, or it is typed again.
    """

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="votes")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="votes")
    choice = models.CharField(max_length=10, choices=Choice)
    words = models.TextField(blank=True)
    voted_at = models.DateTimeField()
    typed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ProposalVoteQuerySet.as_manager()

    class Meta:
        ordering = ("voted_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "seat"],
                condition=Q(typed_by=None) | Q(confirmed_at__isnull=False),
                name="proposal_vote_once",
            ),
            paired("vote_confirmed_at_with_by", "confirmed_at", "confirmed_by"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("typed_by")),
                name="vote_not_confirmed_by_its_typist",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(typed_by__isnull=False),
                name="vote_confirmed_was_typed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat}: {self.get_choice_display()}"


class Shortlisting(models.Model):
    """What the panel settled about meeting an organisation. A later row replaces an earlier one."""

    class Outcome(models.TextChoices):
        MEET = "meet", _("Meet them")
        NO = "no", _("Not this time")

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="shortlist")
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="shortlistings"
    )
    outcome = models.CharField(max_length=6, choices=Outcome)
    reason = models.TextField()
    criterion = models.ForeignKey(
        Criterion,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The criterion the reason rests on",
    )
    by_criterion = models.JSONField(default=dict, help_text=BY_CRITERION)
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="shortlisting")
    replaces = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    settled_at = models.DateTimeField()

    class Meta:
        ordering = ("application", "settled_at")
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="") & (Q(outcome="meet") | Q(criterion__isnull=False)),
                name="shortlisting_no_has_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.get_outcome_display()}"


# ---- Meetings, interviews, questions --------------------------------------------------------


class Meeting(models.Model):
    """A time the panel comes together, with minutes."""

    class Kind(models.TextChoices):
        SHORTLIST = "shortlist", _("Choosing who to meet")
        DECISION = "decision", _("Deciding")
        READING = "reading", _("Sitting together to read")
        OTHER = "other", _("Another meeting")

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="meetings")
    kind = models.CharField(max_length=10, choices=Kind)
    starts_at = models.DateTimeField()
    minutes_long = models.PositiveSmallIntegerField(default=120)
    break_minutes = models.PositiveSmallIntegerField(
        default=0, help_text="How much of it is planned for breaks"
    )
    place = models.CharField(max_length=250, blank=True)
    link = models.URLField(blank=True)
    notes = models.TextField(blank=True, help_text="Refreshments, travel, access")
    minutes = models.TextField(blank=True, help_text="What was said about how things were done")
    arranged_at = models.DateTimeField()
    arranged_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    called_off_at = models.DateTimeField(null=True)
    called_off_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("starts_at",)
        constraints = [paired("meeting_called_off_at_with_by", "called_off_at", "called_off_by")]

    def __str__(self) -> str:
        return f"{self.panel}: {self.get_kind_display()}"


class Attendance(models.Model):
    """A member was at a meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendance")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "member"], name="there_once")]

    def __str__(self) -> str:
        return f"{self.member} was there"


class Reflection(models.Model):
    """What a facilitator wrote in a few lines after a meeting, about their own part in it."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="reflections")
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("written_at",)
        constraints = [
            models.UniqueConstraint(fields=["meeting", "written_by"], name="reflected_once")
        ]

    def __str__(self) -> str:
        return f"{self.written_by} on {self.meeting}"


class Steered(models.Model):
    """A panel member felt steered. Heard by a complaint handler, who is no facilitator.

    Without `said_by` the member did not give their name, and nothing here knows it.
    """

    class Outcome(models.TextChoices):
        TALKED = "talked", _("We talked it through")
        CHANGED = "changed", _("Something is done differently now")
        NOTHING = "nothing", _("We looked into it, and nothing needs to change")

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="steered")
    text = models.TextField()
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    words = models.TextField(blank=True, help_text="What came of it, for the panel to read")
    heard_at = models.DateTimeField(null=True)
    heard_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-said_at", "-id")
        constraints = [paired("steered_heard_at_with_by", "heard_at", "heard_by")]

    def __str__(self) -> str:
        return f"Somebody felt steered on {self.panel}"


class Question(models.Model):
    """Something a panel member asks. The answer is seen by the whole panel."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="questions")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="questions")
    text = models.TextField()
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-asked_at",)
        constraints = [paired("question_answered_at_with_by", "answered_at", "answered_by")]

    def __str__(self) -> str:
        return self.text[:60]


class Said(models.Model):
    """What somebody said in the panel's conversation. Staff are marked; nothing is taken back.

    With a bid it is a question why about its scores, or an answer to one, and shows no name.
    """

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="talk")
    member = models.ForeignKey(
        Member,
        null=True,
        on_delete=models.PROTECT,
        related_name="talk",
        help_text="Whose words they are; empty for staff",
    )
    text = models.TextField()
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", help_text="Who said it, or typed it"
    )
    application = models.ForeignKey(
        Application, null=True, on_delete=models.PROTECT, related_name="asked_why"
    )
    criterion = models.ForeignKey(
        Criterion, null=True, on_delete=models.PROTECT, related_name="asked_why"
    )
    answers = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="answered_by"
    )

    class Meta:
        verbose_name_plural = "said"
        ordering = ("said_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(application__isnull=False)
                | Q(criterion__isnull=True, answers__isnull=True),
                name="said_why_about_a_bid",
            ),
            models.CheckConstraint(
                condition=Q(application__isnull=True) | Q(member__isnull=False),
                name="said_why_by_a_member",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class InterviewQuestion(models.Model):
    """A core question the panel asks every organisation, and who asks it."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="interview_questions")
    text = models.CharField(max_length=300)
    criterion = models.ForeignKey(
        Criterion, null=True, on_delete=models.PROTECT, related_name="interview_questions"
    )
    asked_by = models.ForeignKey(
        Seat, null=True, on_delete=models.PROTECT, related_name="asks", help_text="Who asks it"
    )
    order = models.PositiveSmallIntegerField(default=1)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("panel", "order", "id")

    def __str__(self) -> str:
        return self.text


class InterviewSlot(models.Model):
    """A time and place offered for an interview; a shortlisted applicant chooses one."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="slots")
    starts_at = models.DateTimeField()
    minutes_long = models.PositiveSmallIntegerField(default=45)
    place = models.CharField(max_length=250, blank=True)
    link = models.URLField(blank=True)
    application = models.OneToOneField(
        Application, null=True, on_delete=models.PROTECT, related_name="slot"
    )
    access_needs = models.TextField(blank=True, help_text="For staff alone")
    agreed = models.TextField(
        blank=True, help_text="What is done for them. The panel reads it, and not why"
    )
    more_minutes = models.PositiveSmallIntegerField(default=0)
    refreshments = models.CharField(max_length=120, blank=True)
    chosen_at = models.DateTimeField(null=True)
    chosen_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("starts_at",)
        constraints = [
            models.UniqueConstraint(fields=["panel", "starts_at"], name="slot_once"),
            paired("slot_chosen_at_with_by", "chosen_at", "chosen_by"),
        ]

    def __str__(self) -> str:
        return f"{self.panel} at {self.starts_at}"

    @property
    def minutes_in_all(self) -> int:
        """The minutes that everybody has, and those agreed on top."""
        return self.minutes_long + self.more_minutes


class InterviewDraft(models.Model):
    """A member's unsent score and notes for one interview question about one bid."""

    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="interview_drafts")
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="interview_drafts"
    )
    question = models.ForeignKey(InterviewQuestion, on_delete=models.PROTECT, related_name="+")
    value = models.PositiveSmallIntegerField(null=True, blank=True)
    cannot_judge = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    client_id = models.CharField(max_length=40, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seat", "application", "question"], name="interview_draft_once"
            ),
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__lte=5, cannot_judge=False),
                name="interview_draft_0_to_5",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat} interview draft"
