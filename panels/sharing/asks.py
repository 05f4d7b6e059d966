"""Who may read which bid that lacks a reader, when every person and bid is looked at."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panels.sharing.share import Share

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Cells = tuple[Numbers, Numbers]

BLOCK = 64
"""How many bids to look at at a time, with everyone for each."""


@dataclass(frozen=True, slots=True)
class Asks:
    """Who may read which bid that lacks a reader, a row each.

    ``cost`` is of company and wishes; ``helps`` says whether they bring lived experience that the
    bid has not yet.
    """

    who: Numbers
    bid: Numbers
    cost: Numbers
    helps: Flags


def asks_by_bid(share: Share, caps: Sequence[int], most: int | None = None) -> Asks:
    """Every person and bid that could be put together now. For small rounds, or few bids.

    With ``most``, only so many people for each bid: those who bring what it has not yet, then those
    who have met its readers.
    """
    lacking = [bid for bid in range(len(share.team)) if share.lacks(bid)]
    desk = _Desk(share, caps, lacking)
    rows = [desk.asks(at, most) for at in range(0, len(lacking), BLOCK)]
    nothing = np.zeros(0, np.int64)
    rows.append((nothing, nothing, nothing, np.zeros(0, bool)))
    return Asks(*(np.concatenate(column) for column in zip(*rows, strict=True)))


class _Desk:
    """Looks at everyone for some of these bids at a time. A bid's row is its place among them."""

    def __init__(self, share: Share, caps: Sequence[int], lacking: Sequence[int]) -> None:
        self.share, self.table, self.lacking = share, share.table, lacking
        table, row = share.table, np.full(len(share.team), -1)
        row[lacking] = np.arange(len(lacking))
        room = [len(own) < top for own, top in zip(share.reads, caps, strict=True)]
        self.room = np.array(room, bool)
        self.in_lots, self.likes_lot, self.avoids_lot, self.needs, self.tags = map(
            _sets, (table.in_lots, table.likes_lot, table.avoids_lot, table.needs, table.tags)
        )
        self.barred, self.likes, self.avoids = (
            _cells(own, row) for own in (table.barred, table.likes, table.avoids)
        )

    def asks(self, at: int, most: int | None) -> tuple[Numbers, Numbers, Numbers, Flags]:
        """The rows of ``Asks`` for a block of bids."""
        table, share = self.table, self.share
        bids = self.lacking[at : at + BLOCK]
        lot = np.array([table.lot[bid] for bid in bids])[:, None]
        formats = _sets([table.formats[bid] for bid in bids])[:, None]
        missing = _sets([0 if share.covered(bid) else table.serves[bid] for bid in bids])[:, None]
        may = self.room & (_holds(self.in_lots, lot) == 1) & (self.needs & ~formats == 0)
        wish = _holds(self.likes_lot, lot) - _holds(self.avoids_lot, lot)
        cost = 2 - 2 * wish.astype(np.int64)
        may[_block(self.barred, at)] = False
        cost[_block(self.likes, at)] = 0
        cost[_block(self.avoids, at)] = 4
        for row, bid in enumerate(bids):
            team = share.team[bid]
            if team:
                cost[row] += 3 * len(team)
                for who, met in _known(share, team).items():
                    cost[row, who] -= 3 * met
                may[row, team] = False
        helps: Flags = self.tags & missing != 0
        if most:
            may &= self._useful(bids, may, cost - 20 * helps, most)
        rows, people = np.nonzero(may)
        some: Numbers = np.array(bids, np.int64)[rows]
        return people.astype(np.int64), some, cost[rows, people], helps[rows, people]

    def _useful(self, bids: Sequence[int], may: Flags, use: Numbers, most: int) -> Flags:
        """For each bid, the ``most`` people who are of most use; the lowest ``use`` is the most."""
        lacks_old_hand = np.array([not self.share.guarded(bid) for bid in bids])
        use = use - 40 * np.outer(lacks_old_hand, np.array(self.table.old_hand, bool))
        order = np.argsort(np.where(may, use, np.iinfo(np.int64).max), axis=1, kind="stable")
        found = np.zeros_like(may)
        np.put_along_axis(found, order[:, :most], True, axis=1)
        return found


def _sets(masks: Sequence[int]) -> NDArray[Any]:
    """Sets as bits. Where they do not fit into 64, as Python's own numbers: slower, but right."""
    fit = max(masks, default=0).bit_length() < 64
    return np.array(masks, np.int64 if fit else object)


def _holds(sets: NDArray[Any], place: NDArray[Any]) -> NDArray[np.int8]:
    """1 where the set holds this place, else 0."""
    found: NDArray[np.int8] = (sets >> place & 1).astype(np.int8)
    return found


def _cells(bids_of: Sequence[Collection[int]], row: Numbers) -> Cells:
    """Rows, lowest first, and people of these sets of bids. Bids whose row is -1 are left out."""
    who = np.repeat(np.arange(len(bids_of)), [len(bids) for bids in bids_of])
    rows = row[np.fromiter(chain.from_iterable(bids_of), np.int64, len(who))]
    order = np.argsort(rows, kind="stable")[np.count_nonzero(rows < 0) :]
    return rows[order], who[order]


def _block(cells: Cells, at: int) -> Cells:
    """Those in the block of rows that begins here, rows counted from there."""
    rows, who = cells
    first, last = np.searchsorted(rows, (at, at + BLOCK))
    return rows[first:last] - at, who[first:last]


def _known(share: Share, team: Sequence[int]) -> Counter[int]:
    """How many of this team each person reads another bid with, or the same."""
    return Counter(
        mate
        for who in team
        for mate in {mate for own in share.reads[who] for mate in share.team[own]}
    )
