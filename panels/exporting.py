"""The sharing-out problem as one plain JSON value, for looking at with other tools. Pure.

The format is that of the published benchmark instances: lots, applications and volunteers with
ids, hours, tags and conflicts. It holds ids only, no names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from panels import sharing

ALL_FORMATS = ["audio", "easyread", "largeprint"]
"""What a bid without a list of formats can be had in: every format there is."""


@dataclass(frozen=True, slots=True)
class LotDays:
    """When a lot is read and when its organisations are met."""

    reads_from: date
    reads_to: date
    interviews_on: date
    fewest: int
    most: int


def as_instance(
    problem: sharing.Problem,
    *,
    lots: Mapping[int, LotDays],
    first_day: date,
    experience: bool = False,
) -> dict[str, Any]:
    """The instance. Days are whole numbers from `first_day`.

    What people have lived through, and in which form they need a bid, is theirs to tell: it is left
    out, unless `experience` is asked. A bid that cannot be had so counts as closed to them.

    Who may read nothing yet, such as those who have still to say whom they know, is left out.

    Each bid has an organisation of its own here, so that an interest in one bid, standing aside
    from a lot, and reading in some lots only can all be said as conflicts.
    """
    reading = {who for _bid, who in problem.kept}
    here = [row for row in problem.readers if row.lots is None or row.lots or row.id in reading]
    return {
        "size": "round",
        "interests": "by_bid",
        "seed": problem.seed,
        "min_free_days": 0,
        "lots": [_lot(pk, days, first_day) for pk, days in sorted(lots.items())],
        "applications": [_bid(bid) for bid in problem.bids],
        "volunteers": [_reader(reader, problem.bids, experience=experience) for reader in here],
    }


def _lot(pk: int, days: LotDays, first_day: date) -> dict[str, Any]:
    return {
        "id": f"L{pk}",
        "window": [(days.reads_from - first_day).days, (days.reads_to - first_day).days],
        "interview_day": (days.interviews_on - first_day).days,
        "panel_size": [days.fewest, days.most],
    }


def _bid(bid: sharing.Bid) -> dict[str, Any]:
    return {
        "id": f"A{bid.id}",
        "lot": f"L{bid.lot}",
        "org": f"O{bid.id}",
        "hours": bid.hours,
        "readers": bid.readers_wanted,
        "serves": sorted(bid.communities),
        "formats": ALL_FORMATS if bid.formats is None else sorted(bid.formats),
    }


def _reader(
    reader: sharing.Reader, bids: tuple[sharing.Bid, ...], *, experience: bool
) -> dict[str, Any]:
    closed = [
        bid.id
        for bid in bids
        if bid.id in reader.conflicts
        or (reader.lots is not None and bid.lot not in reader.lots)
        or (bid.formats is not None and not reader.needs <= bid.formats)
    ]
    return {
        "id": f"V{reader.id}",
        "limit": reader.limit,
        "hours": reader.hours,
        "away": [],
        "tags": sorted(reader.lived) if experience else [],
        "experienced": reader.experienced,
        "needs": sorted(reader.needs) if experience else [],
        "trained": reader.trained,
        "conflicts": [f"O{pk}" for pk in closed],
        "like_lots": [f"L{pk}" for pk in sorted(reader.like_lots)],
        "rather_not_lots": [f"L{pk}" for pk in sorted(reader.rather_not_lots)],
        "like_apps": [f"A{pk}" for pk in sorted(reader.likes)],
        "rather_not_apps": [f"A{pk}" for pk in sorted(reader.rather_not)],
    }
