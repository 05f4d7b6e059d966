"""The two moves that change a share-out, whether they may be made, and what they cost.

Replace: one reader of a bid makes way for another. Exchange: two readers swap a bid each, so that
nobody's load changes. A move keeps the hard rules and share ceilings, keeps someone experienced on
each bid that has one, and leaves nobody with nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass

from panels.sharing.share import Share

MOST_TOGETHER = 40


@dataclass(frozen=True, slots=True)
class Weights:
    """What each thing costs, against 1 for two people who meet for the first time."""

    bend: float = 0.2
    """Two people who share n bids cost n ** bend: meeting again costs ever less."""
    lived: float = 12.0
    """A bid without lived experience."""
    wish: float = 1.1
    """A reading they would rather not do; one they would like saves as much."""
    even: float = 2.0
    """The sum of n * n / limit over people."""


class Moves:
    """Moves on one share-out. ``out`` leaves ``bid`` and ``into`` comes; in an exchange ``out``
    takes ``other`` from ``into``."""

    def __init__(self, share: Share, weights: Weights) -> None:
        self.share, self.table, self.weights = share, share.table, weights
        self.people = len(share.reads)
        price = [0.0] + [float(n**weights.bend) for n in range(1, MOST_TOGETHER + 2)]
        self.more: list[float] = [price[n + 1] - price[n] for n in range(MOST_TOGETHER + 1)]
        """What one more bid together costs two people who share n."""

    def may_replace(self, bid: int, out: int, into: int) -> bool:
        """Whether this replacement breaks nothing. ``into`` must not read the bid yet."""
        return len(self.share.reads[out]) > 1 and self.may_take_turns(bid, out, into)

    def may_take_turns(self, bid: int, out: int, into: int) -> bool:
        """As ``may_replace``, but it may leave ``out`` with nothing, who must then get another."""
        share = self.share
        return (
            (bid, out) not in share.fixed
            and share.has_room(into, bid)
            and self.table.may(into, bid)
            and self.stays_guarded(bid, out, into)
        )

    def may_exchange(self, bid: int, out: int, other: int, into: int) -> bool:
        """Whether this exchange breaks nothing. ``into`` must not read the bid yet."""
        share, table = self.share, self.table
        longer = table.length[bid] - table.length[other]
        old_hand, fixed = table.old_hand, share.fixed
        return (
            out not in share.team[other]
            and (longer <= 0 or share.hours[into] + longer <= table.budget[into])
            and (longer >= 0 or share.hours[out] - longer <= table.budget[out])
            and table.may(into, bid)
            and table.may(out, other)
            and not (fixed and ((bid, out) in fixed or (other, into) in fixed))
            and (
                old_hand[out] == old_hand[into]
                or (self.stays_guarded(bid, out, into) and self.stays_guarded(other, into, out))
            )
        )

    def stays_guarded(self, bid: int, out: int, into: int) -> bool:
        """Whether the bid keeps an experienced reader, if it has one."""
        old_hand = self.table.old_hand
        if not old_hand[out] or old_hand[into]:
            return True
        return any(old_hand[who] for who in self.share.team[bid] if who != out)

    def stays_covered(self, bid: int, out: int, into: int) -> bool:
        """Whether the bid keeps a reader with lived experience, if it has one."""
        tags, serves = self.table.tags, self.table.serves[bid]
        if not tags[out] & serves or tags[into] & serves:
            return True
        return any(tags[who] & serves for who in self.share.team[bid] if who != out)

    def replace_cost(self, bid: int, out: int, into: int) -> float:
        """What it costs; below 0 where it does good."""
        reads, limit = self.share.reads, self.table.limit
        gains = (2 * len(reads[into]) + 1) / limit[into]
        losses = (2 * len(reads[out]) - 1) / limit[out]
        return (
            self.company_cost(bid, out, into)
            + self.worth_cost(bid, out, into)
            + self.weights.even * (gains - losses)
        )

    def exchange_cost(self, bid: int, out: int, other: int, into: int) -> float:
        """What it costs; below 0 where it does good."""
        return (
            self.company_cost(bid, out, into, self.share.team[other])
            + self.company_cost(other, into, out, self.share.team[bid])
            + self.worth_cost(bid, out, into)
            + self.worth_cost(other, into, out)
        )

    def company_cost(self, bid: int, out: int, into: int, besides: Collection[int] = ()) -> float:
        """What it costs that ``into`` meets this team and ``out`` does not. ``besides`` are
        those whom both go on meeting, at the other bid of an exchange."""
        met, more, people = self.share.met, self.more, self.people
        cost = 0.0
        for mate in self.share.team[bid]:
            if mate != out and mate not in besides:
                pair = out * people + mate if out < mate else mate * people + out
                cost -= more[met[pair] - 1]
                pair = into * people + mate if into < mate else mate * people + into
                cost += more[met.get(pair, 0)]
        return cost

    def worth_cost(self, bid: int, out: int, into: int) -> float:
        """What it costs in lived experience and wishes."""
        table = self.table
        cost = self.weights.wish * (table.wish(out, bid) - table.wish(into, bid))
        serves = table.serves[bid]
        before, after = table.tags[out] & serves, table.tags[into] & serves
        if bool(before) != bool(after) and not any(
            table.tags[who] & serves for who in self.share.team[bid] if who != out
        ):
            cost += self.weights.lived if before else -self.weights.lived
        return cost

    def whole_cost(self) -> float:
        """What company, wishes and uneven shares cost in all: what the moves' costs add up to."""
        share, table, weights = self.share, self.table, self.weights
        company = sum(n**weights.bend for n in share.met.values() if n)
        wishes = sum(table.wish(who, bid) for bid, team in enumerate(share.team) for who in team)
        loads = zip(share.reads, table.limit, strict=True)
        uneven = sum(len(own) ** 2 / limit for own, limit in loads if limit)
        return float(company - weights.wish * wishes + weights.even * uneven)

    def replace(self, bid: int, out: int, into: int) -> None:
        """Make the replacement."""
        self.share.take(bid, out)
        self.share.give(bid, into)

    def exchange(self, bid: int, out: int, other: int, into: int) -> None:
        """Make the exchange."""
        self.share.take(bid, out)
        self.share.take(other, into)
        self.share.give(bid, into)
        self.share.give(other, out)
