"""Who is owed a letter about a bid on a day. The day's task writes them; each key goes once."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone

from accounts.models import Person
from accounts.reminders import Owed
from applications import rules
from applications.models import Application, ApplicationQuerySet, Eligibility, PlainWords
from commissioning.models import StageKind

# Days before the last day on which an unsent bid is spoken of. By email they can be turned off.
DAYS_BEFORE = (30, 7, 1)
# How long after a "no" somebody newly added to the organisation is still told (days).
STILL_TELLING = 60


def owed(*, on: date) -> Iterator[Owed]:
    """Notes before the end of bidding about a bid that was not sent, or changed and not sent again,
    letters of "not eligible", and letters about plain-English words that stand beside a bid."""
    yield from _unsent(on)
    yield from _changed(on)
    yield from _not_eligible(on)
    yield from _put_plainly(on)


WRITTEN = ("round__form_questions", "answers", "budget_lines")
"""What a bid is written in, besides its own row."""


def _unsent(on: date) -> Iterator[Owed]:
    drafts = Application.objects.filter(submitted_at=None, withdrawn_at=None)
    for bid, told in _near_the_end(drafts, *WRITTEN, on=on):
        context = {"application": bid, "deadline": told, "gaps": rules.gaps(bid)}
        yield from _before_the_end("bid_unsent", bid, told, context, on=on)


def _changed(on: date) -> Iterator[Owed]:
    for bid, told in _near_the_end(
        Application.objects.sent(), *WRITTEN, "documents", "versions", on=on
    ):
        if rules.changed_since_sent(bid):
            context = {"application": bid, "deadline": told, "version": bid.newest_version}
            yield from _before_the_end("bid_changed", bid, told, context, on=on)


def _near_the_end(
    bids: ApplicationQuerySet, *more: str, on: date
) -> Iterator[tuple[Application, datetime]]:
    """Those of these bids whose own end of bidding is so many days away, with all that is asked of
    them. `more` is fetched for them alone."""
    taken = bids.filter(
        round__stages__kind=StageKind.OPEN,
        round__stages__opened_at__isnull=False,
        round__stages__closed_at=None,
    )
    rows = taken.select_related("round__programme", "round__chain", "lot", "organisation")
    ends = {
        bid: told
        for bid in rows.prefetch_related("round__stages", "extensions")
        if (told := rules.deadline_of(bid)) and (timezone.localdate(told) - on).days in DAYS_BEFORE
    }
    prefetch_related_objects(list(ends), "organisation__colleagues__person", *more)
    yield from ends.items()


def _before_the_end(
    name: str, bid: Application, told: datetime, context: dict[str, Any], *, on: date
) -> Iterator[Owed]:
    last = timezone.localdate(told)
    for person in colleagues_of(bid):
        yield Owed(
            person=person,
            chain=bid.round.chain,
            name=name,
            key=f"{name}:{bid.pk}:{person.pk}:{last}:{(last - on).days}",
            context=context,
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
