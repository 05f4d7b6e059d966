"""Interview panels: 4 to 6 people a lot who have read its bids together, several for a large lot.

All trained, free on the day, one experienced at least, and nobody with an interest in any bid of
the lot: they stand aside from all of it. Where that leaves too few, nobody with an interest in
what the panel read.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from panels.sharing.share import Share

FEWEST, MOST = 4, 6


def interview_panels(
    share: Share, sizes: Mapping[int, tuple[int, int]] | None = None
) -> dict[int, list[list[int]]]:
    """Each lot's panels, by ids. ``sizes`` gives fewest and most by lot id, if not 4 and 6."""
    table = share.table
    made = _Panels(share)
    found = {}
    for lot, lot_id in enumerate(table.lot_ids):
        fewest, most = (sizes or {}).get(lot_id, (FEWEST, MOST))
        panels = made.for_lot(lot, fewest, most)
        found[lot_id] = [[table.readers[who].id for who in panel] for panel in panels]
    return found


class _Panels:
    def __init__(self, share: Share) -> None:
        self.share, self.table = share, share.table
        self.seats: Counter[int] = Counter()
        """Panels each sits on so far."""
        self.barred_from: defaultdict[int, set[int]] = defaultdict(set)
        """By lot, those with an interest in one of its bids."""
        for who, bids in enumerate(self.table.barred):
            for bid in bids:
                self.barred_from[self.table.lot[bid]].add(who)
        self.bids_of: defaultdict[int, list[int]] = defaultdict(list)
        for bid, lot in enumerate(self.table.lot):
            self.bids_of[lot].append(bid)

    def may_sit(self, who: int, lot: int) -> bool:
        """Whether they are trained, free on the day, and have no interest in the lot."""
        reader = self.table.readers[who]
        free = reader.meets is None or self.table.lot_ids[lot] in reader.meets
        return free and bool(self.table.in_lots[who]) and who not in self.barred_from[lot]

    def for_lot(self, lot: int, fewest: int, most: int) -> list[list[int]]:
        """As many panels as the lot's own readers make, or one with others to help."""
        share, old_hand = self.share, self.table.old_hand
        own: Counter[int] = Counter(who for bid in self.bids_of[lot] for who in share.team[bid])
        pool = dict.fromkeys(who for who, _ in own.most_common() if self.may_sit(who, lot))
        panels: list[list[int]] = []
        while len(pool) >= fewest:
            first = next((who for who in pool if old_hand[who]), None)
            if first is None:
                break
            panel = [first]
            del pool[first]
            while len(panel) < fewest and pool:
                mate = self._closest(panel, pool)
                panel.append(mate)
                del pool[mate]
            panels.append(panel)
        if not panels:
            panels = self._with_help(list(pool), lot, fewest)
        for who in list(pool):
            roomy = [panel for panel in panels if len(panel) < most and who not in panel]
            if roomy:
                max(roomy, key=lambda panel: self._warmth(who, panel)).append(who)
        self.seats.update(who for panel in panels for who in panel)
        return panels

    def _closest(self, panel: list[int], pool: Collection[int]) -> int:
        """Who of the pool has most in common with the panel; the first where nobody has."""
        share = self.share
        shared: Counter[int] = Counter()
        for member in panel:
            for bid in share.reads[member]:
                shared.update(mate for mate in share.team[bid] if mate in pool)
        if shared:
            return max(shared.items(), key=lambda row: (row[1], -row[0]))[0]
        return next(iter(pool))

    def _warmth(self, who: int, panel: list[int]) -> int:
        return sum(self.share.together(who, mate) for mate in panel)

    def _with_help(self, readers: list[int], lot: int, fewest: int) -> list[list[int]]:
        """One panel of the lot's readers and of others, those with the fewest seats first."""
        old_hand = self.table.old_hand
        others = [w for w in range(len(old_hand)) if w not in readers and self.may_sit(w, lot)]
        others.sort(key=lambda who: (self.seats[who], who))
        panel = readers[:fewest]
        if not any(old_hand[who] for who in panel):
            expert = next((who for who in others if old_hand[who]), None)
            if expert is None:
                return []
            panel = [*panel[: fewest - 1], expert]
        panel += [who for who in others if who not in panel][: fewest - len(panel)]
        return [panel] if len(panel) >= fewest else []
