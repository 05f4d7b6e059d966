"""Circles: small groups in a lot who read the same bids, so that they can talk about them.

Each lot's readers are put in circles of four or five with loads alike, those with the same needs
together and experienced people dealt out evenly. A small flow gives each circle its bids. In a
circle of four each bid is read by all but one.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations

from panels.sharing.fair import Network, bits
from panels.sharing.share import Share

SIZE = 4

LARGEST = 12
"""How large circles get where few are experienced, and how many are weighed for one bid. Every
team of a circle is weighed, so a circle of all would take hours with 300 people."""


@dataclass(slots=True)
class Circle:
    """``left[who]`` is how many bids each member is still to get; ``bids`` how many it reads."""

    left: dict[int, int]
    bids: int = 0
    needs: int = 0


def fill_by_circles(share: Share, given: dict[tuple[int, int], int]) -> None:
    """Give out the readings of a fair flow by lot, circle by circle."""
    by_lot: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for (who, lot), count in sorted(given.items()):
        by_lot[lot].append((who, count))
    bids_of: defaultdict[int, list[int]] = defaultdict(list)
    for bid, lot in enumerate(share.table.lot):
        if share.lacks(bid):
            bids_of[lot].append(bid)
    for lot, members in sorted(by_lot.items()):
        for block in blocks(share, members, bids_of[lot]):
            circles, bids = block
            for circle, own in zip(circles, deal(share, circles, bids), strict=True):
                read_together(share, circle, own)


def blocks(
    share: Share, members: list[tuple[int, int]], bids: list[int], most: int = 64
) -> list[tuple[list[Circle], list[int]]]:
    """The lot's circles and bids in parts of at most so many circles, so that time stays linear."""
    circles = make_circles(share, members)
    wanted = sum(share.lacks(bid) for bid in bids)
    per_bid = wanted / max(1, len(bids))
    parts = -(-len(circles) // most) or 1
    # Like circles are next to each other: deal them out, so that each part has all kinds.
    split = [circles[part::parts] for part in range(parts)]
    loads = [sum(sum(circle.left.values()) for circle in part) for part in split]
    found, at, done = [], 0, 0
    for part, load in zip(split, loads, strict=True):
        done += load
        upto = round(len(bids) * done / max(1, sum(loads)))
        share_out_bids(part, upto - at, per_bid)
        found.append((part, bids[at:upto]))
        at = upto
    return found


def make_circles(share: Share, members: list[tuple[int, int]]) -> list[Circle]:
    """Circles of ``SIZE`` or one more, as like as can be in needs and loads; larger ones where
    there are not two experienced people for each."""
    table = share.table
    ordered = sorted(members, key=lambda row: (-table.needs[row[0]], -row[1], row[0]))
    old = [row for row in ordered if table.old_hand[row[0]]]
    new = [row for row in ordered if not table.old_hand[row[0]]]
    count = max(1, min(len(ordered) // SIZE, max(len(old) // 2, len(ordered) // LARGEST)))
    circles = []
    for place in range(count):
        part = [
            row
            for rows in (old, new)
            for row in rows[len(rows) * place // count : len(rows) * (place + 1) // count]
        ]
        needs = 0
        for who, _ in part:
            needs |= table.needs[who]
        circles.append(Circle(dict(part), needs=needs))
    _come_out_even(share, circles)
    return circles


def _come_out_even(share: Share, circles: list[Circle], team: int = 3, near: int = 5) -> None:
    """Swap people between circles near each other, so that each circle's loads make whole teams.

    ``team`` is how many read a bid. Only people alike in experience and needs are swapped.
    """
    table = share.table
    for place, circle in enumerate(circles):
        over = sum(circle.left.values()) % team
        if not over:
            continue
        swaps = [
            (abs(theirs - ours), one, two, other)
            for other in circles[place + 1 : place + 1 + near]
            for one, ours in circle.left.items()
            for two, theirs in other.left.items()
            if (over + theirs - ours) % team == 0
            and table.old_hand[one] == table.old_hand[two]
            and table.needs[one] == table.needs[two]
        ]
        if swaps:
            _, one, two, other = min(swaps, key=lambda swap: swap[:3])
            circle.left[two], other.left[one] = other.left.pop(two), circle.left.pop(one)


def share_out_bids(circles: list[Circle], bids: int, per_bid: float) -> None:
    """Set how many bids each circle reads: by its load, so that the sum comes out."""
    total = 0.0
    given = 0
    load = sum(sum(circle.left.values()) for circle in circles) or 1
    for circle in circles:
        total += sum(circle.left.values()) * bids / load
        circle.bids = round(total) - given
        given += circle.bids


Kind = tuple[int, int]
"""Bids that serve the same communities and can be had in the same formats, as bits."""


def deal(share: Share, circles: list[Circle], bids: list[int]) -> list[list[int]]:
    """Each circle's bids: by a flow over kinds of bid."""
    table = share.table
    common = common_tags(share, circles)
    kinds: defaultdict[Kind, list[int]] = defaultdict(list)
    for bid in bids:
        serves = table.serves[bid]
        kinds[serves & common or serves, table.formats[bid]].append(bid)
    net = Network()
    source, sink = net.node(), net.node()
    kind_node = {kind: net.node() for kind in kinds}
    for kind, alike in kinds.items():
        net.arc(source, kind_node[kind], len(alike))
    asks: list[tuple[int, int, Kind]] = []
    for place, circle in enumerate(circles):
        here = net.node()
        net.arc(here, sink, circle.bids)
        entries = _entries(share, circle, net, here, {serves for serves, _ in kinds})
        for kind, alike in kinds.items():
            serves, formats = kind
            cost = _format_cost(share, circle, formats)
            arc = net.arc(kind_node[kind], entries[serves], len(alike), cost)
            asks.append((arc, place, kind))
    flows = net.solve(source, sink, len(bids))
    own: list[list[int]] = [[] for _ in circles]
    for arc, place, kind in asks:
        for _ in range(flows[arc]):
            own[place].append(_pick(share, circles[place], kinds[kind]))
    return own


def _entries(
    share: Share, circle: Circle, net: Network, here: int, serves: set[int]
) -> dict[int, int]:
    """Nodes by which bids that serve these communities come into the circle.

    Bids that the same members can help with share one: free as far as those members have bids to
    come, dear beyond.
    """
    tags = share.table.tags
    entry_for: dict[tuple[int, ...], int] = {}
    entries = {}
    for mask in sorted(serves):
        helpers = tuple(who for who in circle.left if tags[who] & mask)
        if helpers not in entry_for:
            entry = entry_for[helpers] = net.node()
            able = sum(circle.left[who] for who in helpers)
            if able:
                net.arc(entry, here, min(able, circle.bids))
            net.arc(entry, here, circle.bids, 1000 if mask else 0)
        entries[mask] = entry_for[helpers]
    return entries


def _format_cost(share: Share, circle: Circle, formats: int) -> int:
    """What it costs that some members cannot read a bid in these formats."""
    if not circle.needs & ~formats:
        return 0
    shut = sum(1 for who in circle.left if share.table.needs[who] & ~formats)
    return 100 * shut if len(circle.left) - shut >= 3 else 5000


def common_tags(share: Share, circles: list[Circle]) -> int:
    """The tags that one person in twenty shares. A rarer one helps by chance only."""
    count = Counter(tag for c in circles for who in c.left for tag in bits(share.table.tags[who]))
    people = sum(len(circle.left) for circle in circles)
    return sum(1 << tag for tag, n in count.items() if 20 * n >= people)


def _pick(share: Share, circle: Circle, bids: list[int]) -> int:
    """The first of these bids that nobody in the circle is barred from, else the last."""
    table = share.table
    for place in range(len(bids) - 1, max(-1, len(bids) - 9), -1):
        if not any(bids[place] in table.barred[who] for who in circle.left):
            return bids.pop(place)
    return bids.pop()


def read_together(share: Share, circle: Circle, bids: list[int]) -> None:
    """Choose who in the circle reads each bid: those with most to come, and who suit it."""
    table = share.table
    helpers = {
        bid: [who for who in circle.left if table.tags[who] & table.serves[bid]] for bid in bids
    }
    pledged = dict.fromkeys(circle.left, 0)
    for own in helpers.values():
        if len(own) == 1:
            pledged[own[0]] += 1
    old_hands = [who for who in circle.left if table.old_hand[who]]
    ordered = sorted(bids, key=lambda bid: (len(helpers[bid]) or 9, -table.length[bid], bid))
    for place, bid in enumerate(ordered):
        if len(helpers[bid]) == 1:
            pledged[helpers[bid][0]] -= 1
        able = [
            who
            for who in circle.left
            if share.has_room(who, bid) and table.may(who, bid) and who not in share.team[bid]
        ]
        spare = sum(circle.left[who] for who in old_hands) - (len(ordered) - place)
        for who in _best_team(share, circle, bid, able, pledged, len(ordered) - place, spare):
            share.give(bid, who)
            circle.left[who] -= 1


def _best_team(
    share: Share,
    circle: Circle,
    bid: int,
    able: list[int],
    pledged: dict[int, int],
    bids_left: int,
    spare: int,
) -> tuple[int, ...]:
    """Those of ``able`` who best read this bid. ``pledged`` are bids only they can help with;
    ``spare`` is how often experienced people may double up."""
    table = share.table
    merit = {}
    for who in able:
        left = circle.left[who]
        free = left - pledged[who]
        merit[who] = (
            left
            + (0 if free > 0 else -12)
            + (25 if left >= bids_left else 0)
            + (0 if left > 0 else -40)
            + 0.5 * table.wish(who, bid)
        )
    ranked = sorted(able, key=lambda who: (-merit[who], who))
    size = share.lacks(bid)
    serves, fixed = table.serves[bid], share.team[bid]

    def faults(team: tuple[int, ...]) -> int:
        old = sum(table.old_hand[who] for who in team)
        known = old or any(table.old_hand[who] for who in fixed)
        met = not serves or any(table.tags[who] & serves for who in (*team, *fixed))
        return 1000 * (not known) + 60 * (not met) + 80 * (old > 1 and old - 1 > spare)

    first = tuple(ranked[:size])
    if not faults(first):
        return first
    return max(
        combinations(_worth_weighing(share, bid, ranked), min(size, len(ranked))),
        key=lambda team: sum(merit[who] for who in team) - faults(team),
    )


def _worth_weighing(share: Share, bid: int, ranked: list[int]) -> list[int]:
    """The best of ``ranked``, with the best who are experienced or share a community served."""
    if len(ranked) <= LARGEST:
        return ranked
    table = share.table
    serves = table.serves[bid]
    old = [who for who in ranked if table.old_hand[who]]
    helpers = [who for who in ranked if table.tags[who] & serves]
    few = {*ranked[: LARGEST // 2], *old[: LARGEST // 4], *helpers[: LARGEST // 4]}
    return [who for who in ranked if who in few]
