"""How the panel uses the time of a meeting: it turns to a bid, wants more time, and stops.

Each press is one entry, and nothing else is kept: what a bid has had is summed up from them.
"""

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from applications.models import Application
from ledger.actions import record
from panels.fair_time import Press, What
from panels.models import Meeting
from panels.rules import timing as rules


@transaction.atomic
def turn_to_bid(*, meeting: Meeting, application: Application, by: Person, at: datetime) -> bool:
    """The panel begins to talk about a bid, and its time runs. Whether it did not do so already."""
    meeting, presses = _now(meeting, application, by, at)
    if _on_the_table(presses) == application.pk:
        return False
    _press("turned_to_bid", meeting, application, by, at)
    return True


@transaction.atomic
def want_more_time(
    *, meeting: Meeting, application: Application, seen: int, by: Person, at: datetime
) -> bool:
    """The panel wants more time for the bid it talks about. Whether this added any.

    `seen` is how often more time was wanted when this was pressed: two members who press at the
    same moment mean the same thing, and it counts once.
    """
    meeting, presses = _now(meeting, application, by, at)
    more = [row for row in presses if row.what == What.MORE and row.bid == application.pk]
    if _on_the_table(presses) != application.pk or len(more) != seen:
        return False
    _press("wanted_more_time", meeting, application, by, at)
    return True


@transaction.atomic
def stop_talking(*, meeting: Meeting, application: Application, by: Person, at: datetime) -> bool:
    """The panel leaves a bid, for a break or for good. Whether it was talking about that bid."""
    meeting, presses = _now(meeting, application, by, at)
    if _on_the_table(presses) != application.pk:
        return False
    _press("stopped_talking", meeting, application, by, at)
    return True


def _now(
    meeting: Meeting, application: Application, by: Person, at: datetime
) -> tuple[Meeting, list[Press]]:
    """The meeting, held until all is written, with what was pressed in it so far."""
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("panel__round__chain")
    meeting = rows.get(pk=meeting.pk)
    rules.may_time(meeting, application, by, at=at).require()
    return meeting, rules.presses_of(meeting.panel, [meeting]).get(meeting.pk, [])


def _on_the_table(presses: list[Press]) -> int | None:
    turns = [press for press in presses if press.what != What.MORE]
    return turns[-1].bid if turns and turns[-1].what == What.TURN else None


def _press(verb: str, meeting: Meeting, application: Application, by: Person, at: datetime) -> None:
    record(
        chain=meeting.panel.round.chain,
        verb=verb,
        by=by,
        at=at,
        panel=meeting.panel_id,
        meeting=meeting.pk,
        application=application.pk,
    )
