"""Whether a letter may go now: rest and breaks are kept even when a letter is long since queued.

`settings.LETTER_GATE` names `may_send`; the ledger asks it at the moment a letter is claimed.
Pages that list many letters ask `held` (`settings.LETTERS_HELD`).
"""

from collections.abc import Collection
from datetime import datetime, time

from django.utils import timezone

from accounts.models import Break
from commissioning.models import Member
from commissioning.pace import lots_of
from commissioning.rules import longer_rests, resting
from ledger.models import Channel, Letter

DAY_BEGINS = time(9)
DAY_ENDS = time(20)


def may_send(letter: Letter, at: datetime) -> bool:
    """Whether this letter may go at this instant. It is asked again later when the answer is no.

    An answer (to what somebody just did, or about safety) always may. A notice goes in the
    daytime only, and never to someone on a break, or to a volunteer who is in a round at rest.
    A volunteer with whom longer rests are agreed rests longer.
    """
    return letter.pk not in held([letter], at)


def held(letters: Collection[Letter], at: datetime) -> set[int]:
    """The ids of those letters that wait at this instant (at most 4 queries; three more
    where panels have days of their own)."""
    notices = [letter for letter in letters if letter.when == Letter.When.NOTICE]
    if not notices:
        return set()
    local = timezone.localtime(at)
    night = not DAY_BEGINS <= local.time() < DAY_ENDS
    people = {letter.to_id for letter in notices if letter.to_id is not None}
    away = set(
        Break.objects.on(local.date()).filter(person__in=people).values_list("person", flat=True)
    )
    members = Member.objects.here().filter(person__in=people).select_related("round")
    places = list(members.prefetch_related("round__stages"))
    rounds = {place.round_id: place.round for place in places}
    longer = longer_rests(list(rounds.values()), on=local.date())
    lots = lots_of(rounds.values(), people=people)
    rest: dict[tuple[int, frozenset[int]], bool] = {}
    for place in places:
        theirs = lots.get((place.round_id, place.person_id), frozenset())
        key = (place.round_id, theirs)
        if key not in rest:
            rest[key] = bool(resting(rounds[place.round_id], on=local.date(), lots=theirs))
        if rest[key]:
            away.add(place.person_id)
    away |= {
        person
        for (round, person), more in longer.items()
        if person in people
        and resting(rounds[round], on=local.date(), more=more, lots=lots.get((round, person), ()))
    }
    return {
        letter.pk
        for letter in notices
        if letter.to_id in away or (night and letter.channel != Channel.POST)
    }
