"""The problem by place: readers and bids numbered from 0, sets as the bits of whole numbers."""

from collections.abc import Iterable

from panels.sharing.values import Problem

NEARLY = 1e-9
"""Sums of tenths of an hour do not come out even."""


class Bits:
    """Numbers words from 0, so that a set of them is one whole number."""

    def __init__(self) -> None:
        self.place: dict[object, int] = {}

    def of(self, words: Iterable[object]) -> int:
        """The set of these words."""
        mask = 0
        for word in words:
            mask |= 1 << self.place.setdefault(word, len(self.place))
        return mask


class Table:
    """Who may read what and would like to, by place. Nothing of people by bids is kept.

    Lists by reader: ``limit`` in bids, ``budget`` in hours (infinite where none was given),
    ``old_hand``, ``tags`` and ``needs`` as bits, ``in_lots``, ``likes_lot`` and ``avoids_lot``
    as bits of lots, ``barred``, ``likes`` and ``avoids`` as sets of bids.
    Lists by bid: ``lot``, ``length`` in hours, ``wanted``, ``serves`` and ``formats`` as bits.
    """

    def __init__(self, problem: Problem) -> None:
        self.readers = sorted(problem.readers, key=lambda reader: reader.id)
        self.bids = sorted(problem.bids, key=lambda bid: bid.id)
        self.reader_place = {reader.id: place for place, reader in enumerate(self.readers)}
        self.bid_place = {bid.id: place for place, bid in enumerate(self.bids)}
        if len(self.reader_place) < len(self.readers) or len(self.bid_place) < len(self.bids):
            raise ValueError("An id is there twice.")
        if any(bid not in self.bid_place for bid, _ in problem.kept):
            raise ValueError("A kept reading is of a bid that is not here.")
        self.lot_ids = sorted({bid.lot for bid in self.bids})
        self._set_bids()
        self._set_readers()

    def _set_bids(self) -> None:
        lot_place = {lot: place for place, lot in enumerate(self.lot_ids)}
        self.tag_bits, self.format_bits = Bits(), Bits()
        self.lot = [lot_place[bid.lot] for bid in self.bids]
        self.length = [float(bid.hours) for bid in self.bids]
        self.wanted = [bid.readers_wanted for bid in self.bids]
        self.serves = [self.tag_bits.of(sorted(bid.communities)) for bid in self.bids]
        self.formats = [
            -1 if bid.formats is None else self.format_bits.of(sorted(bid.formats))
            for bid in self.bids
        ]

    def _set_readers(self) -> None:
        lot_place = {lot: 1 << place for place, lot in enumerate(self.lot_ids)}
        all_lots = (1 << len(self.lot_ids)) - 1

        def lots(ids: Iterable[int]) -> int:
            return sum(lot_place.get(lot, 0) for lot in ids)

        def bids(ids: Iterable[int]) -> frozenset[int]:
            return frozenset(self.bid_place[bid] for bid in ids if bid in self.bid_place)

        people = self.readers
        self.limit = [reader.limit for reader in people]
        self.budget = [float("inf") if r.hours is None else r.hours + NEARLY for r in people]
        self.old_hand = [reader.experienced for reader in people]
        self.tags = [self.tag_bits.of(sorted(reader.lived)) for reader in people]
        self.needs = [self.format_bits.of(sorted(reader.needs)) for reader in people]
        self.in_lots = [
            0 if not r.trained or r.limit < 1 else all_lots if r.lots is None else lots(r.lots)
            for r in people
        ]
        self.likes_lot = [lots(reader.like_lots) for reader in people]
        self.avoids_lot = [lots(reader.rather_not_lots) for reader in people]
        self.barred = [bids(reader.conflicts) for reader in people]
        self.likes = [bids(reader.likes) for reader in people]
        self.avoids = [bids(reader.rather_not) for reader in people]

    def may(self, who: int, bid: int) -> bool:
        """Whether no hard rule but limits and hours keeps this reader from this bid."""
        return (
            self.in_lots[who] >> self.lot[bid] & 1 == 1
            and bid not in self.barred[who]
            and not self.needs[who] & ~self.formats[bid]
        )

    def wish(self, who: int, bid: int) -> int:
        """1 if they would like to read it, -1 if they would rather not, else 0."""
        if bid in self.avoids[who]:
            return -1
        if bid in self.likes[who]:
            return 1
        lot = self.lot[bid]
        return (self.likes_lot[who] >> lot & 1) - (self.avoids_lot[who] >> lot & 1)
