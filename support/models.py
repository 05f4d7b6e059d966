"""What keeps people well and ready: training, adjustments and encouragement."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from commissioning.models import Member, Round, paired
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
