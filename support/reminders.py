"""What this app asks people to do by a day: to get ready."""

from collections.abc import Iterable, Iterator

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.reminders import Task
from commissioning.models import Member, StageKind
from commissioning.reminders import UnderWay
from support.models import TrainingDone, TrainingTopic


def tasks(rounds: Iterable[UnderWay]) -> Iterator[Task]:
    """Every volunteer with a required topic still before them, while getting ready is open."""
    for here in rounds:
        stage = here.open_stage(StageKind.TRAINING)
        if not stage or not stage.opened_at:
            continue
        done = TrainingDone.objects.filter(topic=OuterRef("pk"), member=OuterRef(OuterRef("pk")))
        left = TrainingTopic.objects.filter(~Exists(done), round=here.round, required=True)
        members = Member.objects.here().filter(Exists(left), round=here.round)
        for member in members.select_related("person"):
            yield here.task(
                member.person,
                key=f"ready:{member.pk}",
                words=_("Get ready to read bids for “%(round)s”."),
                path=reverse("training_list", args=[here.round.slug]),
                asked_at=stage.opened_at,
                last_day=stage.closes_on,
            )
