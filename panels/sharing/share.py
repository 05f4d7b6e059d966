"""A share-out in the making: who reads what, everyone's load, and who has met whom."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from panels.sharing.table import Table
from panels.sharing.values import Pair


class Share:
    """Teams by bid and readings by reader, kept in step. Readers and bids go by place.

    ``gone`` counts kept readings of people who are no longer among the readers. ``met`` counts
    the bids two people share: its key is ``low * people + high``.
    """

    def __init__(self, table: Table, kept: frozenset[Pair] = frozenset()) -> None:
        self.table = table
        people, bids = len(table.readers), len(table.bids)
        self.team: list[list[int]] = [[] for _ in range(bids)]
        self.reads: list[list[int]] = [[] for _ in range(people)]
        self.hours = [0.0] * people
        self.gone = [0] * bids
        self.met: Counter[int] = Counter()
        self.fixed: set[tuple[int, int]] = set()
        """Bid and reader of readings that stay."""
        self.cap = list(table.limit)
        """Most bids each may have: their limit, or less where a share ceiling is set."""
        for bid, reader in sorted(kept):
            place = table.bid_place[bid]
            who = table.reader_place.get(reader)
            if who is None:
                self.gone[place] += 1
            else:
                self.give(place, who)
                self.fixed.add((place, who))

    def give(self, bid: int, who: int) -> None:
        """This reader reads this bid from now on."""
        people = len(self.reads)
        for mate in self.team[bid]:
            self.met[who * people + mate if who < mate else mate * people + who] += 1
        self.team[bid].append(who)
        self.reads[who].append(bid)
        self.hours[who] += self.table.length[bid]

    def take(self, bid: int, who: int) -> None:
        """This reader does not read this bid any more."""
        people = len(self.reads)
        self.team[bid].remove(who)
        self.reads[who].remove(bid)
        self.hours[who] -= self.table.length[bid]
        for mate in self.team[bid]:
            self.met[who * people + mate if who < mate else mate * people + who] -= 1

    def lacks(self, bid: int) -> int:
        """Places of this bid still empty."""
        left = self.table.wanted[bid] - len(self.team[bid]) - self.gone[bid]
        return left if left > 0 else 0

    def fits(self, who: int, more: float) -> bool:
        """Whether they have the hours for this many more, or fewer where it is below 0."""
        return more <= 0 or self.hours[who] + more <= self.table.budget[who]

    def has_room(self, who: int, bid: int) -> bool:
        """Whether their ceiling and their hours have room for this bid."""
        return len(self.reads[who]) < self.cap[who] and self.fits(who, self.table.length[bid])

    def together(self, one: int, two: int) -> int:
        """How many bids these two both read."""
        low, high = (one, two) if one < two else (two, one)
        return self.met.get(low * len(self.reads) + high, 0)

    def covered(self, bid: int) -> bool:
        """Whether a reader shares a community that the bid serves, or it serves none."""
        serves, tags = self.table.serves[bid], self.table.tags
        # Asked very often, here and below, and a loop in ``any`` takes twice as long.
        for who in self.team[bid]:
            if tags[who] & serves:
                return True
        return not serves

    def guarded(self, bid: int) -> bool:
        """Whether one of its readers is experienced."""
        return any(map(self.table.old_hand.__getitem__, self.team[bid]))

    def alone(self, who: int) -> bool:
        """Whether they read two bids or more and share two of them with nobody."""
        own, team, people, met = self.reads[who], self.team, len(self.reads), self.met
        if len(own) < 2:
            return False
        # Asked very often, so it ends at the first mate it finds.
        for bid in own:
            for mate in team[bid]:
                if (
                    mate != who
                    and met[who * people + mate if who < mate else mate * people + who] > 1
                ):
                    return False
        return True

    def pairs(self) -> frozenset[Pair]:
        """Who reads what, by id, but for readings of those who have left."""
        bids, readers = self.table.bids, self.table.readers
        return frozenset(
            (bids[bid].id, readers[who].id) for bid, team in enumerate(self.team) for who in team
        )

    def set_teams(self, teams: Sequence[Sequence[int]]) -> None:
        """Who reads each bid, all at once."""
        self.team = [list(team) for team in teams]
        self.recount()

    def recount(self) -> None:
        """Count hours and meetings afresh from the teams."""
        people = len(self.reads)
        self.reads = [[] for _ in range(people)]
        self.hours = [0.0] * people
        met: Counter[int] = Counter()
        for bid, team in enumerate(self.team):
            for who in team:
                self.reads[who].append(bid)
                self.hours[who] += self.table.length[bid]
            met.update(low * people + high for low, high in combinations(sorted(team), 2))
        self.met = met
