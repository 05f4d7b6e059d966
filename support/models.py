"""What keeps people well and ready: training, adjustments, encouragement; and who is here."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from commissioning.models import Member, Programme, Round, StageKind, paired
from commissioning.timetable import MOST_MORE_REST


class TrainingTopic(models.Model):
    """Something to learn before the first real score: pages to read and a few friendly questions.

    `pages`: [{"heading", "text"}]; `questions`: [{"text", "options": [str], "answer": int,
    "because"}].
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="training_topics")
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=250, blank=True)
    minutes = models.PositiveSmallIntegerField(default=15)
    required = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=1)
    pages = models.JSONField(default=list)
    questions = models.JSONField(default=list)

    class Meta:
        ordering = ("round", "order", "id")
        constraints = [models.UniqueConstraint(fields=["round", "slug"], name="topic_once")]

    def __str__(self) -> str:
        return self.title


class TrainingDone(models.Model):
    """A member has finished a topic, by reading it or by being at a session."""

    class How(models.TextChoices):
        READ = "read", _("Read here")
        SESSION = "session", _("Came to a session")
        PAPER = "paper", _("Read on paper")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="training_done")
    topic = models.ForeignKey(TrainingTopic, on_delete=models.PROTECT, related_name="done")
    how = models.CharField(max_length=10, choices=How)
    done_at = models.DateTimeField()
    done_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", help_text="Who recorded it"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "topic"], name="training_once")]

    def __str__(self) -> str:
        return f"{self.member}: {self.topic}"


class Adjustment(models.Model):
    """Something asked for that makes taking part easier. Private to the supporting facilitator."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="adjustments")
    asked = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    agreed = models.TextField(blank=True, help_text="What will be done")
    more_rest_days = models.PositiveSmallIntegerField(
        default=0, help_text="Days by which each of the member’s rests is longer"
    )
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("asked_at",)
        constraints = [
            paired("adjustment_agreed_at_with_by", "agreed_at", "agreed_by"),
            paired("adjustment_ended_at_with_by", "ended_at", "ended_by"),
            models.CheckConstraint(
                condition=Q(agreed_at=None) | ~Q(agreed=""), name="adjustment_agreed_in_words"
            ),
            models.CheckConstraint(
                condition=Q(more_rest_days=0)
                | Q(agreed_at__isnull=False, more_rest_days__lte=MOST_MORE_REST),
                name="adjustment_more_rest_agreed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.asked[:40]}"


class Format(models.TextChoices):
    """Forms in which a bid can be read, besides the screen."""

    LARGE_PRINT = "largeprint", _("Large print on paper")
    AUDIO = "audio", _("Read aloud, to listen to")
    EASY_READ = "easyread", _("Easy read: short words and pictures")


class FormatNeed(models.Model):
    """A form without which a member cannot read a bid. For the supporting facilitator, and for
    sharing out."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="format_needs")
    format = models.CharField(max_length=12, choices=Format)
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ("format",)
        constraints = [
            models.UniqueConstraint(fields=["member", "format"], name="format_need_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_format_display()}"


class Encouragement(models.Model):
    """A few good words from a facilitator or a fellow volunteer, kept for the reader."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="encouragements")
    text = models.TextField()
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-given_at",)

    def __str__(self) -> str:
        return self.text[:60]


class PracticeSheet(models.Model):
    """How a member scored the practice bid: theirs alone, no real score, never counted with one.

    `scores`: {point: {"score": int or None, "reason": str}}; None is "I cannot judge this".
    """

    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="practice")
    scores = models.JSONField(default=dict)
    saved_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.member}: practice"


class GatheringQuerySet(models.QuerySet["Gathering"]):
    def going_ahead(self) -> GatheringQuerySet:
        """Those that were not called off."""
        return self.filter(called_off_at=None)


class Gathering(models.Model):
    """Volunteers of a round come together, in a room or on a call: to learn, or to read in company.

    A panel's own meetings are another thing: they decide, and these never do.
    """

    class Kind(models.TextChoices):
        TRAINING = "training", _("To learn together")
        READING = "reading", _("To sit and read together")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="gatherings")
    kind = models.CharField(max_length=10, choices=Kind)
    topics = models.ManyToManyField(TrainingTopic, related_name="gatherings", blank=True)
    starts_at = models.DateTimeField()
    minutes_long = models.PositiveSmallIntegerField(default=120)
    place = models.CharField(max_length=250, blank=True)
    link = models.URLField(blank=True)
    notes = models.TextField(blank=True, help_text="Food and drink, travel, and getting in")
    arranged_at = models.DateTimeField()
    arranged_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    called_off_at = models.DateTimeField(null=True)
    called_off_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = GatheringQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "id")
        constraints = [
            paired("gathering_changed_at_with_by", "changed_at", "changed_by"),
            paired("gathering_called_off_at_with_by", "called_off_at", "called_off_by"),
            models.CheckConstraint(
                condition=~Q(place="") | ~Q(link=""), name="gathering_is_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class GatheringReply(models.Model):
    """Whether a member comes, what they need for it, and, on the day, that they are here.

    `here_at` moves on while their page is open; it says nothing of what they read or scored.
    """

    gathering = models.ForeignKey(Gathering, on_delete=models.PROTECT, related_name="replies")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="gathering_replies")
    coming = models.BooleanField()
    needs = models.TextField(blank=True, help_text="Seen by facilitators only")
    replied_at = models.DateTimeField()
    replied_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    here_at = models.DateTimeField(null=True)
    hand_up_at = models.DateTimeField(null=True)
    came_at = models.DateTimeField(null=True, help_text="When it was noted that they came")
    came_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gathering", "member"], name="gathering_reply_once"),
            paired("gathering_came_at_with_by", "came_at", "came_by"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.gathering}"


class BuddiesQuerySet(models.QuerySet["Buddies"]):
    def of(self, member: Member) -> BuddiesQuerySet:
        """Pairs, asked or agreed, that this member is in."""
        return self.filter(Q(asker=member) | Q(asked=member), ended_at=None)

    def agreed(self) -> BuddiesQuerySet:
        """Pairs that ring each other today."""
        return self.filter(accepted_at__isnull=False, ended_at=None)


class Buddies(models.Model):
    """Two volunteers who agree to ring each other. Either ends it, and no reason is asked."""

    asker = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="buddies_asked")
    asked = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="buddies_asked_of")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", help_text="The asker, or who typed it"
    )
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = BuddiesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "buddies"
        ordering = ("asked_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(asker=models.F("asked")), name="buddies_are_two_people"
            ),
            models.UniqueConstraint(
                fields=["asker", "asked"], condition=Q(ended_at=None), name="buddies_once"
            ),
            paired("buddies_accepted_at_with_by", "accepted_at", "accepted_by"),
            paired("buddies_ended_at_with_by", "ended_at", "ended_by"),
        ]

    def __str__(self) -> str:
        return f"{self.asker} and {self.asked}"


class Worry(models.Model):
    """Somebody is worried about a person's safety. Read by the safeguarding lead alone.

    It stands outside the trail, and outside every report and export.
    """

    about = models.CharField(max_length=200)
    text = models.TextField()
    told_at = models.DateTimeField()
    told_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", help_text="Who told, or typed it"
    )
    told_for = models.CharField(max_length=200, blank=True, help_text="Who rang or wrote in")
    heard_at = models.DateTimeField(null=True)
    heard_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    done = models.TextField(blank=True, help_text="What was done about it")

    class Meta:
        verbose_name_plural = "worries"
        ordering = ("heard_at", "told_at", "id")
        constraints = [
            paired("worry_heard_at_with_by", "heard_at", "heard_by"),
            models.CheckConstraint(
                condition=Q(heard_at=None) | ~Q(done=""), name="worry_heard_in_words"
            ),
        ]

    def __str__(self) -> str:
        return f"worry {self.pk}"


class Conduct(models.Model):
    """Somebody signed the agreement on confidentiality and conduct. It can be taken back."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="conduct")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="conduct")
    wording = models.CharField(max_length=64, help_text="A mark of the words that were signed")
    on_paper = models.BooleanField(default=False)
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", help_text="The signer, or who noted it"
    )
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "conduct"
        constraints = [
            models.UniqueConstraint(
                fields=["round", "person"],
                condition=Q(taken_back_at=None),
                name="conduct_signed_once",
            ),
            paired("conduct_taken_back_at_with_by", "taken_back_at", "taken_back_by"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.round}"


class Helper(models.Model):
    """A family member or carer who reads or types beside one volunteer, and never votes."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="helpers")
    supporter = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="helps")
    knows = models.TextField(blank=True, help_text="Groups and people they have a link with")
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "supporter"], condition=Q(ended_at=None), name="helper_once"
            ),
            paired("helper_ended_at_with_by", "ended_at", "ended_by"),
        ]

    def __str__(self) -> str:
        return f"{self.supporter} beside {self.member}"


class Expense(models.Model):
    """What taking part cost a volunteer, and whether it was paid back. No bank details are kept."""

    class Kind(models.TextChoices):
        TRAVEL = "travel", _("Getting there and back")
        CARE = "care", _("Somebody to look after a person in your care")
        FOOD = "food", _("Food and drink")
        OTHER = "other", _("Something else")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="expenses")
    kind = models.CharField(max_length=10, choices=Kind)
    what = models.CharField(max_length=250)
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    spent_on = models.DateField()
    receipt = models.FileField(upload_to="receipts", blank=True)
    receipt_name = models.CharField(max_length=150, blank=True)
    claimed_at = models.DateTimeField()
    claimed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", help_text="The volunteer, or who typed"
    )
    paid_at = models.DateTimeField(null=True)
    paid_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    refused_why = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering = ("-claimed_at", "-id")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="expense_is_some_money"),
            models.CheckConstraint(
                condition=Q(paid_at=None) | Q(refused_at=None), name="expense_paid_or_refused"
            ),
            models.CheckConstraint(
                condition=Q(refused_at=None) | ~Q(refused_why=""), name="expense_refused_in_words"
            ),
            paired("expense_paid_at_with_by", "paid_at", "paid_by"),
            paired("expense_refused_at_with_by", "refused_at", "refused_by"),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.amount}"


class SupportNote(models.Model):
    """A facilitator's private line about looking after a member: a call, a visit, what helped.

    Read by facilitators only; outside the trail and every report; never beside a score.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="support_notes")
    text = models.TextField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    again_on = models.DateField(null=True, help_text="When to ring again")

    class Meta:
        ordering = ("-noted_at", "-id")

    def __str__(self) -> str:
        return f"{self.member}: {self.noted_at:%Y-%m-%d}"


class AboutQuestion(models.Model):
    """Something all volunteers may be asked about themselves, with no names.

    `options` are the answers in words; "Prefer not to say" always stands beside them. They stay as
    they are: to change a question, it is dropped and a new one is added. `shares` says how many of
    every hundred people the programme is for would choose each option (text, or None if unknown).
    """

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="about_questions"
    )
    slug = models.SlugField(max_length=60)
    text = models.CharField(max_length=200)
    options = models.JSONField(default=list)
    shares = models.JSONField(default=list)
    shares_from = models.CharField(max_length=200, blank=True, help_text="Where shares come from")
    order = models.PositiveSmallIntegerField(default=1)
    dropped_at = models.DateTimeField(null=True)
    dropped_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("programme", "order", "id")
        constraints = [
            models.UniqueConstraint(fields=["programme", "slug"], name="about_question_once"),
            paired("about_question_dropped_at_with_by", "dropped_at", "dropped_by"),
        ]

    def __str__(self) -> str:
        return self.text


class AboutCode(models.Model):
    """A code that lets somebody answer once. Only its digest is kept, never whose it is.

    Spent, it is deleted. Its digest is its key, so that no number tells which came first.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="about_codes")

    def __str__(self) -> str:
        return self.digest[:8]


class AboutAsked(models.Model):
    """This member has had a code. Not when, not which, and not whether it was used."""

    member = models.OneToOneField(
        Member, on_delete=models.PROTECT, primary_key=True, related_name="about_asked"
    )

    def __str__(self) -> str:
        return str(self.member)


class AboutTally(models.Model):
    """How many have chosen one answer since the last day of counting. Shown to nobody.

    One answer adds one to a row that was there before: no row is made for it, it has no time, and
    what one person said to two questions is nowhere kept together. Option 0: prefers not to say.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="about_tallies")
    question = models.ForeignKey(AboutQuestion, on_delete=models.PROTECT, related_name="tallies")
    option = models.PositiveSmallIntegerField()
    waiting = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("question", "option")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "question", "option"], name="about_tally_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question}, {self.option}"


class CountDay(models.Model):
    """A day, fixed ahead, on which those who answered since the day before are counted."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="count_days")
    count_on = models.DateField()
    counted_at = models.DateTimeField(null=True)
    counted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("round", "count_on")
        constraints = [
            models.UniqueConstraint(fields=["round", "count_on"], name="count_day_once"),
            paired("count_day_counted_at_with_by", "counted_at", "counted_by"),
        ]

    def __str__(self) -> str:
        return f"{self.round}, {self.count_on}"


class AboutTable(models.Model):
    """One question's counts on one day of counting, as they may be shown to everybody.

    `counts`: a number for each option (0 first), or None where it is hidden. What is hidden here is
    kept nowhere else.
    """

    day = models.ForeignKey(CountDay, on_delete=models.PROTECT, related_name="tables")
    question = models.ForeignKey(AboutQuestion, on_delete=models.PROTECT, related_name="tables")
    people = models.PositiveIntegerField()
    counts = models.JSONField()

    class Meta:
        ordering = ("question__order", "question", "day")
        constraints = [
            models.UniqueConstraint(fields=["day", "question"], name="about_table_once"),
        ]

    def __str__(self) -> str:
        return f"{self.question}, {self.day}"


class Outreach(models.Model):
    """What staff will do about a gap: whom to ask, by when, and what came of it."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="outreach")
    question = models.ForeignKey(AboutQuestion, on_delete=models.PROTECT, related_name="outreach")
    option = models.PositiveSmallIntegerField()
    who = models.TextField(help_text="Whom to ask, and how")
    due_on = models.DateField()
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    result = models.TextField(blank=True, help_text="What came of it")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("due_on", "id")
        constraints = [paired("outreach_done_at_with_by", "done_at", "done_by")]

    def __str__(self) -> str:
        return self.who[:60]


class Look(models.Model):
    """How sure a member feels about a few things, before or after, and what they hoped or got.

    Theirs alone: nobody else reads it by name, and no entry tells who answered. `answers`: slug of
    the question → 1 to 5; what was left empty is not there.
    """

    class When(models.TextChoices):
        BEFORE = "before", _("Before")
        AFTER = "after", _("After")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="looks")
    when = models.CharField(max_length=6, choices=When)
    answers = models.JSONField(default=dict, blank=True)
    words = models.TextField(blank=True, help_text="What they hope for, or what they got")
    may_quote = models.BooleanField(default=False, help_text="Their words, with no name")
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("member", "said_at")
        constraints = [models.UniqueConstraint(fields=["member", "when"], name="look_once")]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_when_display()}"


class LookTable(models.Model):
    """How many feel surer than before about one thing: counted once, as everybody may see it.

    `counts`: not said both times, surer, the same, less sure; None where it is hidden. `people`:
    all who took part in the round.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="look_tables")
    slug = models.SlugField(max_length=40)
    text = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField(default=1)
    people = models.PositiveIntegerField()
    counts = models.JSONField()
    counted_at = models.DateTimeField()
    counted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("round", "order", "id")
        constraints = [models.UniqueConstraint(fields=["round", "slug"], name="look_table_once")]

    def __str__(self) -> str:
        return self.text


class Reference(models.Model):
    """A letter about a member in a facilitator's own words, with plain facts. The newest counts.

    `facts`: sentences worked out from what was recorded, never a score.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="reference_letters")
    text = models.TextField()
    facts = models.JSONField(default=list)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-written_at", "-id")

    def __str__(self) -> str:
        return f"{self.member}: {self.written_at:%Y-%m-%d}"


class Lesson(models.Model):
    """Something learned in one stage, for whoever does this the next time. Shown with no name."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="lessons")
    stage = models.CharField(max_length=20, choices=StageKind)
    text = models.TextField()
    from_staff = models.BooleanField(default=False)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    dropped_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("round", "written_at", "id")
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="lesson_in_words"),
            paired("lesson_dropped_at_with_by", "dropped_at", "dropped_by"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
