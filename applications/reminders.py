"""Who is owed a letter about a bid on a day. The day's task writes them; each key goes once."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.utils import timezone

from accounts.models import Person
from accounts.reminders import Owed
from applications import rules
from applications.models import Application, Eligibility, PlainWords
from commissioning.models import StageKind

# Days before the last day on which an unsent bid is spoken of. By email they can be turned off.
DAYS_BEFORE = (30, 7, 1)
# How long after a "no" somebody newly added to the organisation is still told (days).
STILL_TELLING = 60


def owed(*, on: date) -> Iterator[Owed]:
    """Notes before the end of bidding about an unsent bid, letters of "not eligible", and letters
    about plain-English words that stand beside a bid."""
    yield from _unsent(on)
    yield from _not_eligible(on)
    yield from _put_plainly(on)


def _unsent(on: date) -> Iterator[Owed]:
    drafts = (
        Application.objects.filter(
            submitted_at=None,
            withdrawn_at=None,
            round__stages__kind=StageKind.OPEN,
            round__stages__opened_at__isnull=False,
            round__stages__closed_at=None,
        )
        .select_related("round__programme", "round__chain", "lot", "organisation")
        .prefetch_related(
            "round__stages",
            "round__form_questions",
            "answers",
            "budget_lines",
            "extensions",
            "organisation__colleagues__person",
        )
    )
    for bid in drafts:
        told = rules.deadline_of(bid)
        if told is None:
            continue
        left = timezone.localdate(told) - on
        if left not in [timedelta(days=days) for days in DAYS_BEFORE]:
            continue
        for person in colleagues_of(bid):
            yield Owed(
                person=person,
                chain=bid.round.chain,
                name="bid_unsent",
                key=f"bid_unsent:{bid.pk}:{person.pk}:{timezone.localdate(told)}:{left.days}",
                context={
                    "application": bid,
                    "deadline": told,
                    "gaps": rules.gaps(bid),
                },
            )


def _not_eligible(on: date) -> Iterator[Owed]:
    """Told only once the volunteers' time to ask for the bid is over, so that it is told once."""
    rulings = (
        Eligibility.objects.newest()
        .final_no()
        .filter(
            application__withdrawn_at=None,
            seconded_at__date__range=(on - timedelta(days=STILL_TELLING), on),
        )
        .select_related("rule", "application__round__programme", "application__round__chain")
        .prefetch_related("application__organisation__colleagues__person")
    )
    for ruling in rulings:
        until = rules.ask_back_until(ruling)
        if until is None or on <= until:
            continue
        for person in colleagues_of(ruling.application):
            yield Owed(
                person=person,
                chain=ruling.application.round.chain,
                name="not_eligible",
                key=f"not_eligible:{ruling.pk}:{person.pk}",
                context={"application": ruling.application, "eligibility": ruling},
            )


def _put_plainly(on: date) -> Iterator[Owed]:
    """All that was put beside one bid on one day is told together, the day after."""
    rows = (
        PlainWords.objects.filter(
            application__withdrawn_at=None,
            put_at__date__range=(on - timedelta(days=STILL_TELLING), on - timedelta(days=1)),
        )
        .select_related("application__round__programme", "application__round__chain")
        .prefetch_related("application__organisation__colleagues__person")
    )
    told = {(row.application_id, timezone.localdate(row.put_at)): row.application for row in rows}
    for (pk, put_on), bid in told.items():
        for person in colleagues_of(bid):
            yield Owed(
                person=person,
                chain=bid.round.chain,
                name="plain_words_put",
                key=f"plain_words_put:{pk}:{put_on}:{person.pk}",
                context={"application": bid},
            )


def colleagues_of(application: Application) -> list[Person]:
    """The people who act for a bid's organisation, from prefetched rows where there are any."""
    rows = application.organisation.colleagues.all()
    return [row.person for row in rows if row.ended_at is None]
