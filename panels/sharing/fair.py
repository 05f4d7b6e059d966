"""Fair loads as a flow of least convex cost, solved exactly by OR-Tools.

Source → person (one arc for each bid more, dearer each time) → group of bids → sink. The sets of
readings that can be given out form a gammoid, so the cheapest flow is also the one whose fullest
share is smallest, then the next fullest, and so on, whatever the costs, as long as their order is
right. See Schrijver, Combinatorial Optimization (2003), chapters 39 and 40.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from ortools.graph.python import min_cost_flow

from panels.sharing.asks import Asks, Numbers
from panels.sharing.share import Share

Rows = tuple[Numbers, Numbers, Numbers, Numbers]
"""Tails, heads, widths and costs of arcs."""

STEP = 2_000
"""By lot: what one step of load costs more than the step before it. Far more than the rest."""

WISH, LUCK, LIVED = 200, 150, 400
"""By lot: what a wish, luck at most, and lived experience that the lot needs are worth."""


@dataclass(frozen=True, slots=True)
class Fair:
    """``load[who]`` is how many they get more; ``given[who, group]`` of which group."""

    load: list[int]
    given: dict[tuple[int, int], int]
    placed: int


class Network:
    """Arcs in the making, then a min-cost flow over them."""

    def __init__(self) -> None:
        self.tails: list[int] = []
        self.heads: list[int] = []
        self.widths: list[int] = []
        self.costs: list[int] = []
        self.rows: list[Rows] = []
        """Arcs that were added many at a time; they come after the others."""
        self.nodes = 0

    def node(self, count: int = 1) -> int:
        """The first of so many new nodes."""
        first = self.nodes
        self.nodes += count
        return first

    def arc(self, tail: int, head: int, width: int, cost: int = 0) -> int:
        """A new arc's number."""
        self.tails.append(tail)
        self.heads.append(head)
        self.widths.append(width)
        self.costs.append(cost)
        return len(self.tails) - 1

    def arcs(
        self, tails: Numbers, heads: Numbers, costs: Numbers, widths: Numbers | None = None
    ) -> None:
        """Many new arcs, each for one reading if no widths are given."""
        ones = np.ones(len(tails), np.int64)
        self.rows.append((tails, heads, ones if widths is None else widths, costs))

    def solve(self, source: int, sink: int, amount: int) -> list[int]:
        """The flow on each arc: as much as goes of this amount, at least cost."""
        amounts: list[int] = self.flows(source, sink, amount).tolist()
        return amounts

    def flows(self, source: int, sink: int, amount: int) -> Numbers:
        """As ``solve``, with the arcs added many at a time after the others."""
        single = (self.tails, self.heads, self.widths, self.costs)
        columns = zip([np.array(column, np.int64) for column in single], *self.rows, strict=True)
        tails, heads, widths, costs = (np.concatenate(column) for column in columns)
        flow = min_cost_flow.SimpleMinCostFlow()
        arcs = flow.add_arcs_with_capacity_and_unit_cost(
            tails.astype(np.int32), heads.astype(np.int32), widths, costs
        )
        flow.set_node_supply(source, amount)
        flow.set_node_supply(sink, -amount)
        status = flow.solve_max_flow_with_min_cost()
        if status != flow.OPTIMAL:
            raise RuntimeError(f"The flow was not solved: {status}.")
        found: Numbers = flow.flows(arcs)
        return found


def ranks(share: Share, idle_first: bool) -> dict[tuple[bool, float], int]:
    """Each step of load in order, from 1: by the share it makes, and with ``idle_first``
    anyone's first bid before all others. Its key is whether it is a later bid, and the share.
    """
    limits = {limit for limit in share.table.limit if limit > 0}
    # One step above the limit too: it is what somebody would be asked for where people are few.
    steps = {(n > 1, n / limit) for limit in limits for n in range(1, limit + 2)}
    order = sorted(steps, key=lambda step: step if idle_first else (step[1], step[0]))
    return {step: rank for rank, step in enumerate(order, 1)}


def fair_by_bid(
    share: Share,
    asks: Asks,
    caps: Sequence[int],
    *,
    idle_first: bool = False,
    lived_first: bool = False,
) -> Fair:
    """The fairest loads when every person and bid is looked at.

    Most places first, then bids with someone experienced, then shares, then lived experience,
    company and wishes. With ``lived_first``, lived experience comes before shares: right where
    bids lack one reader at most.
    """
    table = share.table
    people, bids = len(table.readers), len(table.bids)
    net = Network()
    source, sink = net.node(), net.node()
    person, bid_node, veteran = net.node(people), net.node(bids), net.node(bids)
    rank = ranks(share, idle_first)
    step = 32 * (people + bids)
    lived = 2 * step * (len(rank) + 2) if lived_first else 12
    expert = step * (len(rank) + 2) + 2 * lived
    asked = np.unique(asks.bid)
    lacks = np.array([share.lacks(bid) for bid in asked.tolist()], np.int64)
    wanted = np.array(table.wanted, np.int64)[asked]
    guarded = np.array([share.guarded(bid) for bid in asked.tolist()], bool)
    for level in range(int(wanted.max(initial=0))):
        due = asked[(wanted - lacks <= level) & (level < wanted)]
        net.arcs(bid_node + due, np.full(len(due), sink), np.full(len(due), 4 * expert * level))
    alone = asked[~guarded]
    # Worth more than any level: a bid that kept readers asks at a high one for its experienced one.
    worth = (4 * int(wanted.max(initial=0)) + 2) * expert
    net.arcs(veteran + alone, bid_node + alone, np.full(len(alone), -worth))
    net.arcs(veteran + asked, bid_node + asked, np.zeros(len(asked), np.int64), wanted)
    _add_loads(net, share, np.unique(asks.who).tolist(), caps, step, rank)
    old_hand = np.array(table.old_hand, bool)
    heads = np.where(old_hand[asks.who], veteran, bid_node) + asks.bid
    net.arcs(person + asks.who, heads, asks.cost - lived * asks.helps)
    flows = net.flows(source, sink, sum(share.lacks(bid) for bid in range(bids)))
    used = np.flatnonzero(flows[len(flows) - len(asks.who) :])
    who = asks.who[used]
    given = dict.fromkeys(zip(who.tolist(), asks.bid[used].tolist(), strict=True), 1)
    load = np.bincount(who, minlength=people).tolist()
    return Fair(load, given, len(given))


def _add_loads(
    net: Network,
    share: Share,
    who: Sequence[int],
    caps: Sequence[int],
    step: int,
    rank: Mapping[tuple[bool, float], int],
) -> None:
    """Arcs from the source, node 0, to these people, whose nodes begin at 2: one for each bid more,
    dearer each time."""
    ladders: dict[int, Numbers] = {}
    for limit in {share.table.limit[person] for person in who}:
        ladders[limit] = np.array(
            [0, *(step * rank[n > 1, n / limit] for n in range(1, limit + 2))], np.int64
        )
    have = [len(share.reads[person]) + 1 for person in who]
    costs = [
        ladders[share.table.limit[person]][least : caps[person] + 1]
        for person, least in zip(who, have, strict=True)
    ]
    if costs:
        heads = np.repeat(np.array(who, np.int64) + 2, [len(cost) for cost in costs])
        net.arcs(np.zeros(len(heads), np.int64), heads, np.concatenate(costs))


def fair_by_lot(share: Share, caps: Sequence[int], luck: Sequence[float]) -> Fair:
    """Fair loads when bids of one lot count as alike, with the same order of aims.

    Experienced people, and people who share a community with the lot's bids, are rewarded as far
    as the lot needs them. ``luck`` holds a number from 0 to 1 for each person: it makes lots that
    are equally good for them differ a little, so that most people land in one lot.
    """
    table = share.table
    people = len(table.readers)
    net = Network()
    source, sink = net.node(), net.node()
    person = net.node(people)
    rank = ranks(share, idle_first=False)
    expert = STEP * (len(rank) + 2)
    for who in range(people):
        limit = table.limit[who]
        for n in range(len(share.reads[who]) + 1, caps[who] + 1):
            net.arc(source, person + who, 1, STEP * rank[n > 1, n / limit])
    views = lot_views(share)
    asks: list[tuple[int, int, int]] = []
    for lot, view in enumerate(views):
        everyone, veteran = net.node(), net.node()
        for level, count in sorted(view.levels.items()):
            net.arc(everyone, sink, count, 4 * expert * level)
        net.arc(veteran, everyone, view.unguarded, -2 * expert)
        net.arc(veteran, everyone, view.places)
        doors = {True: _doors(net, view, veteran), False: _doors(net, view, everyone)}
        for who in range(people):
            width = view.readable(table.needs[who])
            if not (table.in_lots[who] >> lot & 1 and caps[who] and width):
                continue
            wish = (table.likes_lot[who] >> lot & 1) - (table.avoids_lot[who] >> lot & 1)
            chance = luck[who] * 977 * (lot + 1) % 1
            cost = 2 * WISH - WISH * wish + int(LUCK * chance)
            tag = next((tag for tag in view.rarest if table.tags[who] >> tag & 1), None)
            to = doors[table.old_hand[who]][tag]
            asks.append((net.arc(person + who, to, width, cost), who, lot))
    flows = net.solve(source, sink, sum(view.places for view in views))
    given = {(who, lot): flows[arc] for arc, who, lot in asks if flows[arc]}
    load = [0] * people
    for (who, _), count in given.items():
        load[who] += count
    return Fair(load, given, sum(load))


def _doors(net: Network, view: "LotView", to: int) -> dict[int | None, int]:
    """A way into the lot for each community, as wide as the lot needs it at a reward; ``None``
    is for people who share none. Experienced people and others have ways of their own, so each
    gets a little over half of the reward."""
    doors: dict[int | None, int] = {None: to}
    for tag, count in view.only.items():
        door = doors[tag] = net.node()
        net.arc(door, to, -(-count * 6 // 10), -LIVED)
        net.arc(door, to, view.places)
    return doors


@dataclass(frozen=True, slots=True)
class LotView:
    """What one lot still asks for. ``levels`` counts places by how many readers come before;
    ``only`` counts bids by the community (its bit) that most people share with them."""

    places: int
    levels: dict[int, int]
    unguarded: int
    only: dict[int, int]
    rarest: list[int]
    """Those communities, the one that the fewest people share first."""
    by_formats: dict[int, int]

    can_read: dict[int, int] = field(default_factory=dict)
    """By needs: how many of its bids can be had in all these formats, once it was asked."""

    def readable(self, needs: int) -> int:
        """How many of its bids can be had in all these formats."""
        if needs not in self.can_read:
            self.can_read[needs] = sum(
                n for formats, n in self.by_formats.items() if not needs & ~formats
            )
        return self.can_read[needs]


def lot_views(share: Share) -> list[LotView]:
    """What each lot still asks for, by its place."""
    table = share.table
    crowd: dict[int, int] = {}
    for tags in table.tags:
        for tag in bits(tags):
            crowd[tag] = crowd.get(tag, 0) + 1
    views = [LotView(0, {}, 0, {}, [], {}) for _ in table.lot_ids]
    found: list[tuple[list[int], dict[int, int], dict[int, int], dict[int, int]]] = [
        ([0, 0], {}, {}, {}) for _ in table.lot_ids
    ]
    for bid, lot in enumerate(table.lot):
        lacks = share.lacks(bid)
        if not lacks:
            continue
        counts, levels, only, by_formats = found[lot]
        counts[0] += lacks
        counts[1] += not share.guarded(bid)
        for level in range(table.wanted[bid] - lacks, table.wanted[bid]):
            levels[level] = levels.get(level, 0) + 1
        formats = table.formats[bid]
        by_formats[formats] = by_formats.get(formats, 0) + 1
        if not share.covered(bid):
            easiest = max(bits(table.serves[bid]), key=lambda tag: crowd.get(tag, 0))
            only[easiest] = only.get(easiest, 0) + 1
    for lot, (counts, levels, only, by_formats) in enumerate(found):
        rarest = sorted(only, key=lambda tag: (crowd.get(tag, 0) / only[tag], tag))
        views[lot] = LotView(counts[0], levels, counts[1], only, rarest, by_formats)
    return views


def bits(mask: int) -> list[int]:
    """The places of the bits that are set, lowest first."""
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found
