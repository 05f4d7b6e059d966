"""Who could sit on each lot's panel: 4 to 6 people, most useful first, beside who sits already.

All trained and free on the days of the interviews, nobody with an interest in any bid of the lot.
At least one has scored before, and not all have. Those who have read most of the lot's bids come
first, and nobody is asked to sit twice while others sit nowhere.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from panels.sharing.values import Problem, Reader

FEWEST, MOST = 4, 6


@dataclass(frozen=True, slots=True)
class Seating:
    """Who would take a seat, by lot. ``why_not`` codes tell what keeps anybody else away."""

    seats: Mapping[int, tuple[int, ...]]
    reasons: Mapping[tuple[int, int], tuple[str, ...]]
    """By lot and person: ``reads:<n>`` of its bids, ``with:<m>`` others of the panel with whom
    they share two bids or more, ``experienced`` or ``new``, ``prefers``."""
    short: Mapping[int, int]
    """How many more people a lot's panel needs to be 4, where it does."""
    no_experienced: tuple[int, ...]
    """Lots on whose panel nobody has scored before."""


def seating(problem: Problem, sitting: Mapping[int, frozenset[int]]) -> Seating:
    """Fill each panel up to 6, with ``sitting`` those who have a seat, by lot.

    ``problem.kept`` is who reads what. The same problem gives the same answer.
    """
    return _Seater(problem, sitting).seating()


def may_sit(reader: Reader, lot: int, lot_bids: frozenset[int]) -> str:
    """The first rule that keeps somebody from a lot's panel: ``untrained``, ``conflict``,
    ``other_lot`` or ``away``; nothing where none does."""
    if not reader.trained:
        return "untrained"
    if reader.conflicts & lot_bids:
        return "conflict"
    if reader.lots is not None and lot not in reader.lots:
        return "other_lot"
    if reader.meets is not None and lot not in reader.meets:
        return "away"
    return ""


class _Seater:
    def __init__(self, problem: Problem, sitting: Mapping[int, frozenset[int]]) -> None:
        dice = Random(f"{problem.seed}/seats")  # noqa: S311  anyone may draw the same lots again
        self.readers = sorted(problem.readers, key=lambda reader: reader.id)
        dice.shuffle(self.readers)
        self.by_id = {reader.id: reader for reader in self.readers}
        self.lot_bids: dict[int, set[int]] = {lot: set() for lot in sorted(sitting)}
        for bid in problem.bids:
            self.lot_bids.setdefault(bid.lot, set()).add(bid.id)
        self.panel = {lot: sorted(sitting.get(lot, ())) for lot in self.lot_bids}
        self.sitting = sitting
        self.seats: Counter[int] = Counter(who for own in self.panel.values() for who in own)
        self.reads: dict[int, set[int]] = {}
        for one, who in problem.kept:
            self.reads.setdefault(who, set()).add(one)

    def seating(self) -> Seating:
        """All panels up to 4 in turn, then up to 6 with those who sit nowhere."""
        for size in range(1, MOST + 1):
            for lot in sorted(self.panel, key=lambda lot: (len(self.could_sit(lot)), lot)):
                if len(self.panel[lot]) < size:
                    self._seat_one(lot, again=size <= FEWEST)
        new = {
            lot: tuple(who for who in panel if who not in self.sitting.get(lot, ()))
            for lot, panel in self.panel.items()
        }
        return Seating(
            seats=new,
            reasons={
                (lot, who): tuple(self.why(lot, who)) for lot, own in new.items() for who in own
            },
            short={
                lot: FEWEST - len(panel) for lot, panel in self.panel.items() if len(panel) < FEWEST
            },
            no_experienced=tuple(
                lot for lot in self.panel if self.panel[lot] and not self._old_hands(lot)
            ),
        )

    def could_sit(self, lot: int) -> list[Reader]:
        bids = frozenset(self.lot_bids[lot])
        return [
            reader
            for reader in self.readers
            if reader.id not in self.panel[lot] and not may_sit(reader, lot, bids)
        ]

    def _old_hands(self, lot: int) -> int:
        own = [self.by_id.get(who) for who in self.panel[lot]]
        return sum(1 for reader in own if reader and reader.experienced)

    def _seat_one(self, lot: int, *, again: bool) -> None:
        """Seat the most useful person. `again`: somebody who sits elsewhere may be asked too."""
        known, size = self._old_hands(lot), len(self.panel[lot])
        bids = self.lot_bids[lot]

        def price(reader: Reader) -> tuple[int | bool, ...]:
            wish = (lot in reader.like_lots) - (lot in reader.rather_not_lots)
            lopsided = reader.experienced if known > size - known else not reader.experienced
            return (
                not known and not reader.experienced,
                self.seats[reader.id],
                -len(self.reads.get(reader.id, set()) & bids),
                -self._mates(lot, reader.id),
                lopsided and bool(size),
                -wish,
            )

        able = [row for row in self.could_sit(lot) if again or not self.seats[row.id]]
        if able:
            chosen = min(able, key=price)
            self.panel[lot].append(chosen.id)
            self.seats[chosen.id] += 1

    def _mates(self, lot: int, who: int) -> int:
        """How many others of the panel share two bids or more with them."""
        own = self.reads.get(who, set())
        return sum(
            1
            for mate in self.panel[lot]
            if mate != who and len(own & self.reads.get(mate, set())) > 1
        )

    def why(self, lot: int, who: int) -> Iterator[str]:
        reader = self.by_id[who]
        read = len(self.reads.get(who, set()) & self.lot_bids[lot])
        if read:
            yield f"reads:{read}"
        mates = self._mates(lot, who)
        if mates:
            yield f"with:{mates}"
        yield "experienced" if reader.experienced else "new"
        if lot in reader.like_lots:
            yield "prefers"
