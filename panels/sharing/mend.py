"""Mend exactly what is wrong: empty places, hours, experience, lived experience, lonely readers.

Each fault is mended by the cheapest move that mends it and breaks nothing else. People who read
with the team already are tried first, then the lot's other readers, then everyone.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from random import Random

from panels.sharing.moves import Moves

Test = Callable[[int], bool]
Roomy = list[list[tuple[float, int]]]
"""By lot: hours left when it was looked, and who."""

FEW, MANY = 24, 160
"""How many people to try among the lot's readers, and among everyone."""

SOME = 4
"""How many exchanges to look at before the best of them are tried."""

ENOUGH = 40
"""How many places in a row may stay empty before it is plain that time cannot be made for them."""

HOPS = 2
"""How often to pass on that somebody reads alone, before it must be mended."""


class Mender:
    """Mends one share-out in place."""

    def __init__(self, moves: Moves, seed: int | str) -> None:
        self.moves, self.share, self.table = moves, moves.share, moves.table
        self.dice = Random(f"{seed}/mend")  # noqa: S311  anyone may draw the same lots again
        self.everyone = [who for who, lots in enumerate(self.table.in_lots) if lots]
        self.dice.shuffle(self.everyone)
        self.lot_readers: list[dict[int, None]] = [{} for _ in self.table.lot_ids]
        for bid, team in enumerate(self.share.team):
            self.lot_readers[self.table.lot[bid]].update(dict.fromkeys(team))

    def mend(self) -> None:
        """Go through everything that can be wrong, what matters most first."""
        table, share = self.table, self.share
        bids = range(len(share.team))
        self.fill()
        for who in [w for w in range(len(share.reads)) if share.hours[w] > table.budget[w]]:
            self._shorten(who)
        for bid in [bid for bid in bids if share.team[bid] and not share.guarded(bid)]:
            self.bring(bid, lambda who: table.old_hand[who])
        for who in self.everyone:
            if not share.reads[who]:
                self._include(who)
        self.cover()

    def fill(self) -> bool:
        """Fill every empty place that can be; whether none is left."""
        share = self.share
        empty = [bid for bid in range(len(share.team)) if share.lacks(bid)]
        roomy = self._roomy() if empty else []
        for bid in sorted(empty, key=lambda bid: (share.guarded(bid), bid)):
            while share.lacks(bid) and self._fill(bid, roomy):
                pass
        in_vain = 0
        for bid in [bid for bid in empty if share.lacks(bid)]:
            while share.lacks(bid) and self._fill_by_time(bid, roomy):
                in_vain = 0
            in_vain += share.lacks(bid)
            if in_vain > ENOUGH:
                break
        return not any(share.lacks(bid) for bid in empty)

    def _roomy(self) -> Roomy:
        """By lot, all who are below their ceiling, those with most hours left first.

        Often few, near the end: then a place that nobody can take is found to be so at once."""
        share, table = self.share, self.table
        roomy: Roomy = [[] for _ in table.lot_ids]
        for who in self.everyone:
            if len(share.reads[who]) < share.cap[who]:
                left = table.budget[who] - share.hours[who]
                for lot, people in enumerate(roomy):
                    if table.in_lots[who] >> lot & 1:
                        people.append((left, who))
        for people in roomy:
            people.sort(key=lambda row: -row[0])
        return roomy

    def _can_take(self, bid: int, roomy: Roomy, wanted: Test) -> bool:
        """Whether any of those with room may take this bid. Hours left only grow fewer."""
        share, length, lot = self.share, self.table.length[bid], self.table.lot[bid]
        full = 0
        for left, who in roomy[lot]:
            if left < length:
                break
            if len(share.reads[who]) >= share.cap[who]:
                full += 1
            elif wanted(who) and self.table.may(who, bid):
                return True
        if full > SOME:
            roomy[lot] = [row for row in roomy[lot] if len(share.reads[row[1]]) < share.cap[row[1]]]
        return False

    def cover(self) -> None:
        """Bring lived experience wherever a move can."""
        share = self.share
        for bid in [bid for bid, team in enumerate(share.team) if team and not share.covered(bid)]:
            self.bring(bid, self._kindred(bid))

    def cover_in_turn(self) -> None:
        """As ``cover``, and where it would leave somebody with nothing, find them another bid."""
        self.cover()
        for bid in self.coverable():
            self._bring_in_turn(bid)

    def coverable(self) -> list[int]:
        """Bids without lived experience that somebody who may read them could bring."""
        share, table = self.share, self.table
        return [
            bid
            for bid, team in enumerate(share.team)
            if team
            and not share.covered(bid)
            and any(table.tags[w] & table.serves[bid] and table.may(w, bid) for w in self.everyone)
        ]

    # ---- Where to look -----------------------------------------------------------------------
    def _kindred(self, bid: int) -> Test:
        """Those who share a community that the bid serves."""
        tags, serves = self.table.tags, self.table.serves[bid]
        return lambda who: bool(tags[who] & serves)

    def _with_room(self, bid: int) -> Test:
        """Those with room for the bid."""
        return lambda who: self.share.has_room(who, bid)

    def _near(self, bid: int) -> Iterator[int]:
        """Those who read another bid with someone of this team."""
        share = self.share
        return iter(
            dict.fromkeys(
                mate for who in share.team[bid] for b in share.reads[who] for mate in share.team[b]
            )
        )

    def _pools(self, bid: int, wanted: Test) -> Iterator[list[int]]:
        """People to try: those near, then some of the lot's readers, then some of everyone.

        Nobody is there twice: who was of no use once would be of none again."""
        table, seen = self.table, set(self.share.team[bid])

        def fit(people: Iterable[int]) -> Iterator[int]:
            for who in people:
                if who not in seen and wanted(who) and table.may(who, bid):
                    seen.add(who)
                    yield who

        yield list(fit(self._near(bid)))
        readers = self.lot_readers[table.lot[bid]]
        start = self.dice.randrange(len(readers)) if readers else 0
        turned = [*islice(readers, start, None), *islice(readers, start)]
        yield list(islice(fit(turned), FEW))
        yield list(islice(fit(self.everyone), MANY))

    # ---- One fault ---------------------------------------------------------------------------
    def bring(self, bid: int, wanted: Test) -> bool:
        """Bring someone wanted to this bid by the cheapest replacement or exchange."""
        for pool in self._pools(bid, wanted):
            found = min(self._ways(bid, pool), default=None)
            if found:
                _, out, other, into = found
                if other < 0:
                    self.moves.replace(bid, out, into)
                else:
                    self.moves.exchange(bid, out, other, into)
                return True
        return False

    def _ways(self, bid: int, pool: list[int]) -> Iterator[tuple[float, int, int, int]]:
        """Each move that brings one of the pool: cost, out, other bid (-1 for none), into."""
        moves, share = self.moves, self.share
        for into in pool:
            for out in share.team[bid]:
                if moves.may_replace(bid, out, into) and moves.stays_covered(bid, out, into):
                    yield moves.replace_cost(bid, out, into), out, -1, into
                for other in share.reads[into]:
                    if (
                        moves.may_exchange(bid, out, other, into)
                        and moves.stays_covered(other, into, out)
                        and moves.stays_covered(bid, out, into)
                    ):
                        yield moves.exchange_cost(bid, out, other, into), out, other, into

    def _bring_in_turn(self, bid: int) -> bool:
        """Bring lived experience in place of someone with this bid alone, who gets another.

        Nobody is left with nothing by it, unless the one who comes had nothing."""
        share, moves = self.share, self.moves
        for pool in self._pools(bid, self._kindred(bid)):
            for into in pool:
                for out in tuple(share.team[bid]):
                    if not moves.may_take_turns(bid, out, into):
                        continue
                    had_nothing = not share.reads[into]
                    moves.replace(bid, out, into)
                    if self._include(out) or had_nothing:
                        return True
                    moves.replace(bid, into, out)
        return False

    def _fill(self, bid: int, roomy: Roomy) -> bool:
        """Fill one empty place: by someone with room, or by one who passes a bid on to them."""
        share, table, moves = self.share, self.table, self.moves

        def price(into: int) -> float:
            serves = table.serves[bid]
            helps = not share.covered(bid) and bool(table.tags[into] & serves)
            guards = not share.guarded(bid) and table.old_hand[into]
            met = sum(moves.more[share.together(into, mate)] for mate in share.team[bid])
            return met - 30 * guards - moves.weights.lived * helps

        for wanted in self._wishes_for(bid):
            if not self._can_take(bid, roomy, wanted):
                continue
            for pool in self._pools(bid, wanted):
                if pool:
                    share.give(bid, min(pool, key=lambda who: (price(who), who)))
                    return True
        for pool in self._pools(bid, lambda who: share.fits(who, 0)) if any(roomy) else ():
            for into in sorted(pool, key=lambda who: (price(who), who)):
                if self._passes_on(bid, into, roomy):
                    return True
        return False

    def _wishes_for(self, bid: int) -> Iterator[Test]:
        """Whom to look for to fill a place, the most useful first; all have room."""
        share, table = self.share, self.table
        serves = table.serves[bid]
        known, met = share.guarded(bid), share.covered(bid)
        if not known and not met:
            yield lambda w: bool(
                table.old_hand[w] and table.tags[w] & serves and share.has_room(w, bid)
            )
        if not known:
            yield lambda w: table.old_hand[w] and share.has_room(w, bid)
        elif not met:
            yield lambda w: bool(table.tags[w] & serves) and share.has_room(w, bid)
        yield lambda w: share.has_room(w, bid)

    def _passes_on(self, bid: int, into: int, roomy: Roomy) -> bool:
        """Let someone with no room take this bid and pass another on to someone with room."""
        share, table, moves = self.share, self.table, self.moves
        if len(share.reads[into]) > share.cap[into]:
            return False
        for other in sorted(share.reads[into]):
            longer = table.length[bid] - table.length[other]
            if (other, into) in share.fixed or not share.fits(into, longer):
                continue
            if not self._can_take(other, roomy, self._with_room(other)):
                continue
            for pool in self._pools(other, self._with_room(other)):
                heirs = [
                    who
                    for who in pool
                    if who != into
                    and moves.stays_guarded(other, into, who)
                    and moves.stays_covered(other, into, who)
                ]
                if heirs:
                    share.take(other, into)
                    share.give(other, heirs[0])
                    share.give(bid, into)
                    for lot, people in enumerate(roomy):
                        # They may have more hours left than before.
                        if table.in_lots[into] >> lot & 1:
                            people.insert(0, (float("inf"), into))
                    return True
        return False

    def _fill_by_time(self, bid: int, roomy: Roomy) -> bool:
        """Fill one empty place by someone with room but too few hours, who first exchanges long
        bids of theirs for shorter ones of people with hours left."""
        share, table = self.share, self.table
        people = (
            who
            for _, who in roomy[table.lot[bid]]
            if len(share.reads[who]) < share.cap[who]
            and who not in share.team[bid]
            and table.may(who, bid)
        )
        for who in islice(people, FEW):
            if self._make_time(who, bid):
                share.give(bid, who)
                return True
        return False

    def _make_time(self, who: int, bid: int) -> bool:
        """Exchange someone's longest bids for shorter ones until they have the hours for this one.

        Never for this one itself: they would be given it twice."""
        share, table, moves = self.share, self.table, self.moves
        length = table.length[bid]
        for mine in sorted(share.reads[who], key=lambda own: -table.length[own]):
            if share.fits(who, length):
                break
            if (mine, who) in share.fixed:
                continue
            for pool in self._pools(mine, lambda into: True):
                ways = [
                    (table.length[other], way[0], other, into)
                    for into in pool
                    for other in share.reads[into]
                    if other != bid
                    and table.length[other] < table.length[mine]
                    and (way := self._priced(mine, who, other, into))
                ]
                if ways:
                    _, _, other, into = min(ways)
                    moves.exchange(mine, who, other, into)
                    break
        return share.fits(who, length)

    def _shorten(self, who: int) -> None:
        """Bring someone's hours within what they offered."""
        share, table, moves = self.share, self.table, self.moves
        for bid in sorted(share.reads[who], key=lambda bid: -table.length[bid]):
            if share.hours[who] <= table.budget[who]:
                return
            if (bid, who) in share.fixed:
                continue
            for pool in self._pools(bid, lambda into: True):
                ways = list(islice(self._ways_out(bid, who, pool), SOME))
                if ways:
                    _, other, into = min(ways)
                    if other < 0:
                        moves.replace(bid, who, into)
                    else:
                        moves.exchange(bid, who, other, into)
                    break
            else:
                continue
        while share.hours[who] > table.budget[who]:
            mine = [bid for bid in share.reads[who] if (bid, who) not in share.fixed]
            if not mine:
                return
            longest = max(mine, key=lambda bid: (table.length[bid], bid))
            share.take(longest, who)
            self._fill(longest, self._roomy())

    def _ways_out(self, bid: int, out: int, pool: list[int]) -> Iterator[tuple[float, int, int]]:
        moves, share, table = self.moves, self.share, self.table
        for into in pool:
            if moves.may_replace(bid, out, into):
                yield moves.replace_cost(bid, out, into), -1, into
            for other in share.reads[into]:
                shorter = table.length[other] < table.length[bid]
                if shorter and moves.may_exchange(bid, out, other, into):
                    yield moves.exchange_cost(bid, out, other, into), other, into

    def _include(self, who: int) -> bool:
        """Give someone who has nothing a reading from someone who has more than one."""
        share, table, moves = self.share, self.table, self.moves
        if not share.cap[who]:
            return False
        ways = [
            (moves.replace_cost(bid, out, who), bid, out)
            for bid, team in enumerate(share.team)
            if table.may(who, bid) and who not in team
            for out in team
            if moves.may_replace(bid, out, who) and moves.stays_covered(bid, out, who)
        ]
        if ways:
            _, bid, out = min(ways)
            moves.replace(bid, out, who)
        return bool(ways)

    def befriend(self) -> bool:
        """Give everyone who reads alone a bid more with someone they have met; whether all are."""
        left = [who for who in range(len(self.share.reads)) if self.share.alone(who)]
        mended = [
            not self.share.alone(who)
            or self._befriend(who, 0)
            or self._befriend(who, HOPS)
            or self._move_near(who)
            for who in left
        ]
        return all(mended)

    def _befriend(self, who: int, hops: int) -> bool:
        """Exchange a reading of theirs, or of a mate's, so that the two share one more.

        With hops, somebody else may be left alone for a moment, who is then helped the same way.
        """
        share = self.share
        ways = chain(self._joins(who), self._is_joined(who))
        passed_on = 0
        while some := sorted(islice(ways, SOME)):
            for _, bid, out, other, into in some:
                touched = {*share.team[bid], *share.team[other]}
                before = {person for person in touched if share.alone(person)}
                self.moves.exchange(bid, out, other, into)
                now = {person for person in touched if share.alone(person)}
                if len(now) < len(before):
                    return True
                passed = now - before
                if hops and passed and passed_on < SOME and len(now) == len(before):
                    passed_on += 1
                    if self._befriend(min(passed), hops - 1):
                        return True
                self.moves.exchange(bid, into, other, out)
        return False

    def _move_near(self, who: int) -> bool:
        """Exchange one reading for any other of a lot they read in, and look from there."""
        share, lot = self.share, self.table.lot
        ways = (
            way
            for home in tuple(share.reads[who])
            for bid, team in enumerate(share.team)
            if lot[bid] == lot[home] and who not in team
            for out in tuple(team)
            for other in tuple(share.reads[who])
            if other != home
            if (way := self._priced(bid, out, other, who))
        )
        for _, bid, out, other, into in sorted(islice(ways, MANY))[:FEW]:
            touched = {*share.team[bid], *share.team[other]}
            before = sum(share.alone(person) for person in touched)
            self.moves.exchange(bid, out, other, into)
            now = sum(share.alone(person) for person in touched)
            if now < before or (now == before and self._befriend(who, 0)):
                return True
            self.moves.exchange(bid, into, other, out)
        return False

    def _joins(self, who: int) -> Iterator[tuple[float, int, int, int, int]]:
        """Exchanges by which they come to another bid of someone they have met."""
        share, may = self.share, self.table.may
        for home in tuple(share.reads[who]):
            others = [other for other in share.reads[who] if other != home]
            for mate in tuple(share.team[home]):
                for bid in tuple(share.reads[mate]):
                    if who not in share.team[bid] and may(who, bid):
                        for out in tuple(share.team[bid]):
                            for other in others if out != mate else ():
                                if way := self._priced(bid, out, other, who):
                                    yield way

    def _is_joined(self, who: int) -> Iterator[tuple[float, int, int, int, int]]:
        """Exchanges by which someone they have met comes to another bid of theirs."""
        share, may = self.share, self.table.may
        for home in tuple(share.reads[who]):
            for mate in tuple(share.team[home]):
                others = [other for other in share.reads[mate] if other != home]
                for bid in tuple(share.reads[who]):
                    if mate not in share.team[bid] and may(mate, bid):
                        for out in tuple(share.team[bid]):
                            for other in others if out != who else ():
                                if way := self._priced(bid, out, other, mate):
                                    yield way

    def _priced(
        self, bid: int, out: int, other: int, into: int
    ) -> tuple[float, int, int, int, int] | None:
        """The exchange with its cost, if it may be made and loses no lived experience."""
        moves = self.moves
        if (
            moves.may_exchange(bid, out, other, into)
            and moves.stays_covered(bid, out, into)
            and moves.stays_covered(other, into, out)
        ):
            return moves.exchange_cost(bid, out, other, into), bid, out, other, into
        return None
