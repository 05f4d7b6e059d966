"""Loads under the lowest ceiling, for bids that have no readers yet: by maximum flows.

A ceiling is a share of what they offered that nobody goes above. People → bids, and one place of
each bid is kept for somebody experienced. Where a flow cannot fill every place, its smallest cut
names the people who hold it up, and so the next ceiling that could be enough: two or three flows
find the lowest. Flows without costs are solved many times faster than flows of least cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import max_flow

from panels.sharing.asks import Asks, Numbers
from panels.sharing.share import Share
from panels.sharing.table import NEARLY

SOURCE, SINK, FIRST = 0, 1, 2
"""Nodes; people's begin at ``FIRST``."""

TRIES = 2
"""How often to ask for lived experience, before it is left to the mending."""


@dataclass(frozen=True, slots=True)
class Lowest:
    """The lowest ceiling. ``least`` is the most bids each may have where only those go up to it who
    must, and ``most`` where everybody may."""

    ceiling: float
    least: Numbers
    most: Numbers


class Places:
    """The empty places of a share where nobody reads anything yet, and who may take which of them.
    ``caps`` is the most bids each person may have."""

    def __init__(self, share: Share, asks: Asks, caps: Sequence[int]) -> None:
        table = share.table
        self.people, self.bids = len(table.readers), len(table.bids)
        self.wanted = np.array([share.lacks(bid) for bid in range(self.bids)], np.int64)
        self.places = int(self.wanted.sum())
        limits = {*table.limit}
        self.ceilings = sorted({n / limit for limit in limits for n in range(1, limit + 1)})
        steps = np.multiply.outer(self.ceilings, table.limit) + NEARLY
        self.tops = np.minimum(steps.astype(np.int64), np.array(caps, np.int64))
        """By ceiling and person, the most bids."""
        # A flow tends to use what comes first: what people would like, then those who help.
        order = np.argsort((asks.cost - asks.helps).astype(np.int8), kind="stable")
        self.who, self.bid = asks.who[order], asks.bid[order]
        self.everyone, self.old_hand = np.ones(self.people, bool), np.array(table.old_hand, bool)
        self._draw(self.old_hand[self.who], asks.helps[order])

    def _draw(self, experienced: NDArray[np.bool_], helps: NDArray[np.bool_]) -> None:
        """The arcs. Each bid has four nodes: for people who bring nothing that it needs, lived
        experience, experience, or both. Who brings something may take any other place too."""
        person = np.arange(FIRST, FIRST + self.people, dtype=np.int32)
        anyone = np.arange(self.bids, dtype=np.int32) + FIRST + self.people
        kin, old, both = (anyone + self.bids * n for n in (1, 2, 3))
        source, sink = np.full(self.people, SOURCE, np.int32), np.full(self.bids, SINK, np.int32)
        self.tails = np.concatenate(
            [source, person[self.who], both, both, old, kin, old, kin, anyone]
        )
        # Which of the four each goes to, first as if lived experience did not count.
        brings = (2 * experienced, 2 * experienced + helps)
        doors = [(anyone[self.bid] + self.bids * what).astype(np.int32) for what in brings]
        self.heads = [
            np.concatenate([person, door, old, kin, anyone, anyone, sink, sink, sink])
            for door in doors
        ]
        # People first, and last the places kept for experience and lived experience, and the rest.
        ones, for_old = np.ones(self.people + len(self.who), np.int64), np.minimum(self.wanted, 1)
        self.widths = np.concatenate([ones, *[self.wanted] * 4, for_old, 0 * for_old, for_old])

    def flow(self, tops: Numbers, for_kin: Numbers | None = None) -> max_flow.SimpleMaxFlow:
        """As many places filled as can be, where each bid keeps so many for lived experience."""
        kept = np.zeros_like(self.wanted) if for_kin is None else for_kin
        rest = self.wanted - np.minimum(self.wanted, 1) - kept
        self.widths[: self.people] = tops
        self.widths[len(self.widths) - 2 * self.bids :] = np.concatenate([kept, rest])
        flow = max_flow.SimpleMaxFlow()
        flow.add_arcs_with_capacity(self.tails, self.heads[for_kin is not None], self.widths)
        if flow.solve(SOURCE, SINK) != flow.OPTIMAL:
            raise RuntimeError("The flow was not solved.")
        return flow

    def lowest(self) -> Lowest | None:
        """The lowest ceiling under which every place can be filled, with somebody experienced on
        each bid. None where there is none. It forgets hours."""
        first = at = self._at(self.everyone, self.places)
        short = self.everyone
        # Experienced people are often what is short: cheaper to count than to find by a flow.
        if (guarded := self._at(self.old_hand, int((self.wanted > 0).sum()))) > at:
            short, at = self.old_hand, guarded
        while at < len(self.ceilings):
            flow = self.flow(self.tops[at])
            if flow.optimal_flow() == self.places:
                least = np.where(short, self.tops[at], self.tops[first])
                return Lowest(self.ceilings[at], least, self.tops[at])
            # Of all that the cut goes through, only people's room grows with the ceiling.
            cut = np.array(flow.get_source_side_min_cut())
            short = self.everyone.copy()
            short[cut[(cut >= FIRST) & (cut < FIRST + self.people)] - FIRST] = False
            missing = self.places - flow.optimal_flow()
            at = self._at(short, missing + int(self.tops[at, short].sum()))
        return None

    def _at(self, who: NDArray[np.bool_], bids: int) -> int:
        """The place of the lowest ceiling under which these people have room for so many bids."""
        return int(np.searchsorted(self.tops[:, who].sum(axis=1), bids))

    def filled(self, lowest: Lowest) -> list[tuple[int, int]]:
        """A person and a bid for every place, with lived experience on as many bids as a few
        flows find."""
        for_kin = np.clip(self.wanted - 1, 0, 1)
        for _ in range(TRIES):
            flow = self.flow(lowest.least, for_kin)
            if flow.optimal_flow() == self.places:
                break
            last = np.arange(len(self.tails) - 3 * self.bids, len(self.tails))
            for_kin[flow.flows(last).reshape(3, self.bids).sum(axis=0) < self.wanted] = 0
        else:
            flow = self.flow(lowest.most)
        used = np.flatnonzero(flow.flows(np.arange(self.people, self.people + len(self.who))))
        return list(zip(self.who[used].tolist(), self.bid[used].tolist(), strict=True))
