"""What a share-out says: true reasons for each pair, why not somebody else, what is short."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from itertools import combinations

from panels.sharing.table import NEARLY
from panels.sharing.values import Bid, Pair, Problem, Proposal, Reader, Shortfall


def wish(reader: Reader, bid: Bid) -> int:
    """1 if they would like to read it, -1 if they would rather not, else 0."""
    if bid.id in reader.rather_not:
        return -1
    if bid.id in reader.likes:
        return 1
    return (bid.lot in reader.like_lots) - (bid.lot in reader.rather_not_lots)


def why_not(problem: Problem, pairs: Collection[Pair], bid: int, reader: int) -> str:
    """The first hard rule that keeps a reader from a bid as things are shared out.

    ``conflict``, ``untrained``, ``other_lot``, ``format``, ``full:<n>/<limit>``, ``hours`` (too few
    left), or ``load:<n>/<limit>`` where no rule does and others had a smaller share or fitted
    better. ``reads_it`` if they do read it. KeyError if either is not in the problem.
    """
    if (bid, reader) in pairs:
        return "reads_it"
    bids = {b.id: b for b in problem.bids}
    readers = {r.id: r for r in problem.readers}
    own = [bids[b] for b, r in pairs if r == reader]
    return rule_against(bids[bid], readers[reader], len(own), sum(b.hours for b in own))


def rule_against(bid: Bid, reader: Reader, count: int, hours: float) -> str:
    """As ``why_not``, for someone who reads this many bids in this many hours."""
    if bid.id in reader.conflicts:
        return "conflict"
    if not reader.trained:
        return "untrained"
    if reader.lots is not None and bid.lot not in reader.lots:
        return "other_lot"
    if bid.formats is not None and not reader.needs <= bid.formats:
        return "format"
    if count >= reader.limit:
        return f"full:{count}/{reader.limit}"
    if reader.hours is not None and hours + bid.hours > reader.hours + NEARLY:
        return "hours"
    return f"load:{count}/{reader.limit}"


class Telling:
    """Looks at one set of pairs and says what is true of it."""

    def __init__(self, problem: Problem, pairs: frozenset[Pair]) -> None:
        self.problem, self.pairs = problem, pairs
        self.bids = {bid.id: bid for bid in problem.bids}
        self.readers = {reader.id: reader for reader in problem.readers}
        self.team: defaultdict[int, list[int]] = defaultdict(list)
        self.count: Counter[int] = Counter()
        self.hours: defaultdict[int, float] = defaultdict(float)
        together: Counter[Pair] = Counter()
        for bid, reader in sorted(pairs):
            self.team[bid].append(reader)
            self.count[reader] += 1
            self.hours[reader] += self.bids[bid].hours
        for members in self.team.values():
            together.update(combinations(members, 2))
        self.mates: defaultdict[int, set[int]] = defaultdict(set)
        for (one, two), times in together.items():
            if times > 1:
                self.mates[one].add(two)
                self.mates[two].add(one)

    def reasons(self, bid: Bid, who: int) -> Iterator[str]:
        """Each true reason why this person reads this bid."""
        reader = self.readers.get(who)
        if reader is None:
            yield "kept"
            return
        yield from (f"lived:{tag}" for tag in sorted(reader.lived & bid.communities))
        if reader.experienced:
            yield "experienced"
        if wish(reader, bid) > 0:
            yield "prefers"
        mates = self.mates[who]
        yield from (f"with:{mate}" for mate in self.team[bid.id] if mate in mates)
        yield f"load:{self.count[who]}/{reader.limit}"

    def shortfall(self, bid: Bid) -> Shortfall:
        """How far this bid is from having its readers, and what keeps everyone else from it."""
        team = set(self.team[bid.id])
        why = Counter(
            rule_against(bid, r, self.count[r.id], self.hours[r.id]).split(":")[0]
            for r in self.problem.readers
            if r.id not in team
        )
        placed = len(self.team[bid.id])
        return Shortfall(bid.id, bid.readers_wanted, placed, tuple(sorted(why.items())))

    def known(self, bid: int) -> list[Reader]:
        """Those of its readers who are still among the readers."""
        return [self.readers[who] for who in self.team[bid] if who in self.readers]

    def proposal(self) -> Proposal:
        """All of it."""
        bids = [self.bids[bid] for bid in sorted(self.bids)]
        return Proposal(
            pairs=self.pairs,
            reasons={
                (bid, who): tuple(self.reasons(self.bids[bid], who))
                for bid, who in sorted(self.pairs)
            },
            shortfalls=tuple(
                self.shortfall(bid) for bid in bids if len(self.team[bid.id]) < bid.readers_wanted
            ),
            no_experienced=tuple(
                bid.id for bid in bids if not any(r.experienced for r in self.known(bid.id))
            ),
            no_lived=tuple(
                bid.id
                for bid in bids
                if bid.communities
                and not any(r.lived & bid.communities for r in self.known(bid.id))
            ),
        )
