"""Better company, bit by bit: simulated annealing over replacements and exchanges."""

from collections import Counter
from math import exp
from random import Random

from panels.sharing.moves import Moves

STEPS_A_SECOND = 100_000
"""Steps that an ordinary computer takes in a second. It only turns seconds into steps."""


class Search:
    """One run of the search on a share-out, which it changes in place."""

    def __init__(self, moves: Moves, seed: int | str) -> None:
        self.moves, self.share = moves, moves.share
        # Not a secret: anyone must be able to draw the same lots again from the seed.
        self.chance = Random(f"{seed}/search").random  # noqa: S311  the same lots again
        kept = Counter(bid for bid, _ in self.share.fixed)
        self.bids = [bid for bid, team in enumerate(self.share.team) if len(team) > kept[bid]]
        """Bids with a reading that may move."""
        lots: list[set[int]] = [set() for _ in self.share.table.lot_ids]
        for bid in range(len(self.share.team)):
            lots[self.share.table.lot[bid]].update(self.share.team[bid])
        self.lot_readers = [sorted(readers) for readers in lots]

    def run(self, steps: int, hot: float, cold: float) -> None:
        """Take this many steps, from hot (worse is often taken) to cold."""
        if not self.bids or steps < 1:
            return
        share, moves, chance = self.share, self.moves, self.chance
        team_of, bids = share.team, self.bids
        heat, cooling = hot, (cold / hot) ** (100 / steps)
        for step in range(steps):
            if step % 100 == 99:
                heat *= cooling
            bid = bids[int(chance() * len(bids))]
            team = team_of[bid]
            out = team[int(chance() * len(team))]
            into = self._someone(bid, team)
            if into in team:
                continue
            theirs = share.reads[into]
            if chance() < 0.4 or not theirs:
                if moves.may_replace(bid, out, into):
                    cost = moves.replace_cost(bid, out, into)
                    if cost <= 0 or chance() < exp(-cost / heat):
                        moves.replace(bid, out, into)
                continue
            other = theirs[int(chance() * len(theirs))]
            if moves.may_exchange(bid, out, other, into):
                cost = moves.exchange_cost(bid, out, other, into)
                if cost <= 0 or chance() < exp(-cost / heat):
                    moves.exchange(bid, out, other, into)

    def _someone(self, bid: int, team: list[int]) -> int:
        """Someone to come in: most often one who reads with the team, else any of the lot's."""
        chance, share = self.chance, self.share
        luck = chance()
        if luck < 0.5:
            theirs = share.reads[team[int(chance() * len(team))]]
            mates = share.team[theirs[int(chance() * len(theirs))]]
            return mates[int(chance() * len(mates))]
        if luck < 0.75:
            readers = self.lot_readers[share.table.lot[bid]]
            return readers[int(chance() * len(readers))]
        if len(share.reads) < 100:
            return int(chance() * len(share.reads))
        mates = share.team[self.bids[int(chance() * len(self.bids))]]
        return mates[int(chance() * len(mates))]
