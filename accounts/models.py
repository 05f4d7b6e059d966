"""People, the roles they hold, how to reach them, their breaks and what makes reading easier."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from ledger.models import Channel


class PersonQuerySet(models.QuerySet["Person"]):
    def holding(self, role: Role) -> PersonQuerySet:
        """People who hold this role today."""
        return self.filter(roles__role=role, roles__ended_at=None).distinct()

    def visible_to(self, reader: Any) -> PersonQuerySet:
        """The people a reader may look up: all for staff, else only themselves."""
        people = self.filter(kind=Person.Kind.HUMAN)
        if isinstance(reader, Person) and reader.holds(Role.FACILITATOR, Role.ADMINISTRATOR):
            return people
        return people.filter(pk=reader.pk) if isinstance(reader, Person) else people.none()


class PersonManager(BaseUserManager["Person"]):
    """Django and allauth make people through these two names."""

    def get_queryset(self) -> PersonQuerySet:
        return PersonQuerySet(self.model, using=self._db)

    def holding(self, role: Role) -> PersonQuerySet:
        return self.get_queryset().holding(role)

    def visible_to(self, reader: Any) -> PersonQuerySet:
        return self.get_queryset().visible_to(reader)

    def machine(self) -> Person:
        """Whom the trail names for what the program does by itself. Never signs in."""
        return self._stand_in(Person.Kind.MACHINE, "Common Purse")

    def operator(self) -> Person:
        """Whom the trail names for a command typed on the server. Never signs in."""
        return self._stand_in(Person.Kind.OPERATOR, "Server operator")

    def _stand_in(self, kind: Person.Kind, name: str) -> Person:
        return self.get_queryset().get_or_create(
            kind=kind, defaults={"name": name, "is_active": False, "password": "!"}
        )[0]

    def create_user(self, sign_in_email: str | None = None, **fields: Any) -> Person:
        person = self.model(sign_in_email=(sign_in_email or "").lower() or None, **fields)
        person.set_unusable_password()
        person.save(using=self._db)
        return person

    def create_superuser(self, sign_in_email: str, **fields: Any) -> Person:
        return self.create_user(sign_in_email, is_superuser=True, is_staff=True, **fields)


TITLES = frozenset(
    {"Cllr", "Dame", "Dr", "Miss", "Mr", "Mrs", "Ms", "Mx", "Prof", "Rev", "Revd", "Sir"}
)
"""Words before a name that are no first name: nobody is greeted as “Hello Dr”."""


class Person(AbstractBaseUser):
    """Somebody the programme knows. A person without an email takes part on paper or by phone."""

    class TextSize(models.TextChoices):
        NORMAL = "normal", _("Ordinary")
        LARGE = "large", _("Large")
        LARGEST = "largest", _("Largest")

    class Kind(models.TextChoices):
        HUMAN = "human", _("A person")
        MACHINE = "machine", _("The program itself")
        OPERATOR = "operator", _("Whoever runs commands on the server")

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.HUMAN)
    sign_in_email = models.EmailField(
        _("email to sign in with"), unique=True, null=True, blank=True
    )
    contact_email = models.EmailField(_("email to write to"), blank=True)
    phone = models.CharField(_("phone number"), max_length=40, blank=True)
    postal_address = models.TextField(_("address"), blank=True)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    text_size = models.CharField(max_length=10, choices=TextSize, default=TextSize.NORMAL)
    fewer_letters = models.BooleanField(default=False)
    diary_number = models.PositiveIntegerField(
        default=0, help_text="Counts the addresses of their diary; only the newest opens"
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PersonManager] = PersonManager()
    USERNAME_FIELD = "sign_in_email"
    EMAIL_FIELD = "sign_in_email"

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                condition=Q(sign_in_email=None) | Q(sign_in_email=Lower("sign_in_email")),
                name="sign_in_email_is_lower_case",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        first = self.name.split(" ")[0]
        return self.name if first.rstrip(".") in TITLES else first

    def clean(self) -> None:
        if self.sign_in_email:
            self.sign_in_email = self.sign_in_email.lower()

    @cached_property
    def held_roles(self) -> frozenset[str]:
        """The roles this person holds today (one query, kept for this object's life)."""
        return frozenset(self.roles.filter(ended_at=None).values_list("role", flat=True))

    def holds(self, *roles: Role) -> bool:
        """Whether the person holds any of these roles today."""
        return any(role in self.held_roles for role in roles)


class Role(models.TextChoices):
    VOLUNTEER = "volunteer", _("Volunteer")
    FACILITATOR = "facilitator", _("Facilitator")
    APPLICANT = "applicant", _("Applicant")
    BOARD = "board", _("Board member")
    ADMINISTRATOR = "administrator", _("Administrator")
    SUPPORTER = "supporter", _("Supporter")
    SAFEGUARDING = "safeguarding", _("Safeguarding lead")
    COMPLAINTS = "complaints", _("Complaint handler")


class RoleHolding(models.Model):
    """A role a person holds or held. Rows are ended, never deleted: the past can be asked."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(max_length=20, choices=Role)
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role"], condition=Q(ended_at=None), name="role_held_once"
            ),
            # The heart of the product: nobody is staff and volunteer at the same time.
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(ended_at=None, role__in=["volunteer", "facilitator"]),
                name="volunteer_or_facilitator_never_both",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(ended_at=None, role__in=["volunteer", "administrator"]),
                name="volunteer_or_administrator_never_both",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="role_ended_at_with_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"


class BreakQuerySet(models.QuerySet["Break"]):
    def on(self, day: date) -> BreakQuerySet:
        """Breaks that cover this day."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on=None) | Q(ends_on__gte=day))

    def unfinished(self, day: date) -> BreakQuerySet:
        """Breaks that cover this day or are still to come."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day))


class Break(models.Model):
    """A rest a person takes when they like, with no reason asked."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="breaks")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="Empty: until they come back")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    objects = BreakQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="break_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} from {self.starts_on}"


class Reminder(models.Model):
    """A note that a person was sent about a task. Each kind goes once for a task, for ever: a date
    that moves on later does not begin again. After both, somebody rings."""

    class Kind(models.TextChoices):
        BEFORE = "before", _("Before the last day")
        ON_DAY = "on_day", _("On the last day")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reminders")
    task = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind)
    letter_key = models.CharField(max_length=200)
    chain = models.ForeignKey(
        "ledger.Chain", null=True, on_delete=models.PROTECT, related_name="reminders"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "task", "kind"], name="reminder_once")
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.kind}"


class KeptWorkQuerySet(models.QuerySet["KeptWork"]):
    def visible_to(self, reader: Any, *, at: datetime) -> KeptWorkQuerySet:
        """What is still kept for this reader at this instant: a day, and only their own."""
        if not isinstance(reader, Person):
            return self.none()
        return self.filter(person=reader, kept_at__gt=at - timedelta(hours=24))


class KeptWork(models.Model):
    """Words that were typed when a session had ended, kept until their writer signs in again."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="kept_work")
    path = models.CharField(max_length=300)
    fields = models.JSONField(default=dict)
    kept_at = models.DateTimeField()

    objects = KeptWorkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.person} {self.path}"


class DraftKey(models.Model):
    """What locks the words a person's own browser keeps while it cannot reach us.

    A random row each, handed only to their signed-in pages, so that neither somebody else at the
    same computer nor the site's own secret opens them.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="draft_key")
    key = models.CharField(max_length=44)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"the key of {self.person}"


class SignIn(models.Model):
    """A browser in which a person signed in: shown to them alone, so that they can end it.

    It holds no address of a network and no time of last use: only what a person needs to know a
    device again.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=80)
    began_at = models.DateTimeField()

    class Meta:
        ordering = ("-began_at", "-id")

    def __str__(self) -> str:
        return f"{self.person}: {self.device}"


class NewEmailQuerySet(models.QuerySet["NewEmail"]):
    def waiting(self) -> NewEmailQuerySet:
        """Those that no second person has looked at yet."""
        return self.filter(agreed_at=None, refused_at=None)


class NewEmail(models.Model):
    """Another email to sign in with, for somebody who lost theirs. Two people of the staff do it.

    One asks, after they talked with its owner; another, who talked with them too, agrees. Staff
    alone can never move an account that was used. Once it is settled the address is let go of
    here: it stands with the person, or nowhere.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="new_emails")
    email = models.EmailField(blank=True)
    why = models.CharField(max_length=300)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = NewEmailQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(agreed_at=None, refused_at=None),
                name="new_email_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(agreed_at=None, agreed_by=None)
                | Q(agreed_at__isnull=False, agreed_by__isnull=False),
                name="new_email_agreed_at_with_by",
            ),
            models.CheckConstraint(
                condition=Q(refused_at=None, refused_by=None)
                | Q(refused_at__isnull=False, refused_by__isnull=False),
                name="new_email_refused_at_with_by",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None)
                | (~Q(agreed_by=models.F("asked_by")) & ~Q(agreed_by=models.F("person"))),
                name="new_email_agreed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"another email for {self.person}"
