"""Sharing out the bids: who reads which.

``propose`` takes everything as plain values and gives back a proposal that a person then confirms.
The same problem and seed give the same proposal, whatever order things are listed in.

What is never broken: a different person in each place; nobody reads a bid they have an interest in;
nobody is given more than the limit they chose, or more hours than they offered; nobody reads in a
lot that is not theirs, or before their training is done. Readings that are kept stay.

What is aimed for, in this order: every place filled; someone experienced on each bid; nobody who
offered help left with none; the fullest share (readings over limit) as small as can be, then the
next fullest, and so on; someone with lived experience on each bid; few readings people would
rather not do, and many they would like.

How: places are filled one at a time. From the place we look along chains of swaps ("she reads this
one, and he takes over that one from her") for the person with the smallest share who can end up
with one more. Filling each place by such a chain fills as many places as can be filled, and where
every place is filled and each bid has someone experienced, no other way is more even (it is a flow
of least convex cost). Where experienced people are too few for that, they go as far as we can see.
Last, two people exchange a reading where that helps with experience or wishes. That changes
nobody's share.

All this is exact unless some people offer hours and bids differ in length. Then it is a packing
puzzle: a few other orders are tried, and a place may still be missed.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import or_
from random import Random

Pair = tuple[int, int]
"""A bid's id and a reader's id: this reader reads this bid."""

TRIES = 5
"""Orders to try where hours make it a packing puzzle and places are left."""

ROUNDS = 4
"""Most times to go through the bids looking for a good exchange."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Someone who reads bids, by id. ``hours`` None means that no number was given."""

    id: int
    limit: int
    hours: float | None = None
    experienced: bool = False
    trained: bool = True
    conflicts: frozenset[int] = frozenset()
    """Bids that this person has an interest in."""
    lots: frozenset[int] | None = None
    """Lots this person may read in. None means any."""
    lived: frozenset[str] = frozenset()
    """Experience this person offered to read with, such as ``carer``."""
    likes: frozenset[int] = frozenset()
    """Bids this person would like to read."""
    rather_not: frozenset[int] = frozenset()
    """Bids this person would rather not read."""


@dataclass(frozen=True, slots=True)
class Bid:
    """A bid to be read, by id. ``hours`` is what one reading of it is expected to take."""

    id: int
    lot: int
    hours: float = 1.0
    readers_wanted: int = 3
    communities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be shared out.

    ``kept`` are readings that stay as they are, done or agreed. They count towards their bids
    even where the reader has left, and towards the reader's limit and hours.
    """

    readers: tuple[Reader, ...]
    bids: tuple[Bid, ...]
    seed: int | str = 0
    kept: frozenset[Pair] = frozenset()


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A bid that has too few readers, and how many people each hard rule keeps from it."""

    bid: int
    wanted: int
    placed: int
    why: tuple[tuple[str, int], ...]
    """Code and number of people, as in ``why_not``. It covers everyone not reading the bid."""

    @property
    def short(self) -> int:
        """How many more readers the bid needs."""
        return self.wanted - self.placed


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who would read what. ``reasons`` has one or more true codes for each pair.

    Codes: ``lived:<tag>`` they share this with the people the bid serves, ``experienced``,
    ``prefers``, ``with:<reader>`` they share two or more readings, ``load:<n>/<limit>``, and
    ``kept`` for a reading of someone who is no longer among the readers.
    """

    pairs: frozenset[Pair]
    reasons: Mapping[Pair, tuple[str, ...]]
    shortfalls: tuple[Shortfall, ...]
    no_experienced: tuple[int, ...]
    """Bids where nobody who reads is experienced."""
    no_lived: tuple[int, ...]
    """Bids that serve a community that none of their readers shares."""


def propose(problem: Problem) -> Proposal:
    """Share the bids out. ValueError if an id is there twice, or a kept pair names no bid here."""
    wanted = sum(bid.readers_wanted for bid in problem.bids)
    puzzle = any(reader.hours is not None for reader in problem.readers)
    best = _Share(problem).filled()
    for attempt in range(1, TRIES if puzzle else 1):
        if best.placed() >= wanted:
            break
        best = max(best, _Share(problem, attempt).filled(), key=_Share.placed)
    return _proposal(problem, best.exchange().pairs())


def why_not(problem: Problem, pairs: Collection[Pair], bid: int, reader: int) -> str:
    """The first hard rule that keeps a reader from a bid as things are shared out.

    ``conflict``, ``untrained``, ``other_lot``, ``full:<n>/<limit>``, ``hours`` (too few left),
    or ``load:<n>/<limit>`` where no rule does and others had a smaller share or fitted better.
    ``reads_it`` if they do read it. KeyError if either is not in the problem.
    """
    if (bid, reader) in pairs:
        return "reads_it"
    bids = {b.id: b for b in problem.bids}
    readers = {r.id: r for r in problem.readers}
    own = [bids[b] for b, r in pairs if r == reader]
    return _why_not(bids[bid], readers[reader], len(own), sum(b.hours for b in own))


def _why_not(bid: Bid, reader: Reader, count: int, hours: float) -> str:
    if bid.id in reader.conflicts:
        return "conflict"
    if not reader.trained:
        return "untrained"
    if reader.lots is not None and bid.lot not in reader.lots:
        return "other_lot"
    if count >= reader.limit:
        return f"full:{count}/{reader.limit}"
    if reader.hours is not None and not _fits(hours + bid.hours, reader.hours):
        return "hours"
    return f"load:{count}/{reader.limit}"


def _fits(hours: float, budget: float) -> bool:
    # Sums of tenths of an hour do not come out even.
    return hours <= budget + 1e-9


ANYONE = -1
"""The set of all places: every bit is set."""


def _mask(places: Iterable[int]) -> int:
    """The set of these places, as the bits of one number."""
    return sum(1 << place for place in set(places))


def _places(mask: int) -> Iterator[int]:
    """The places in the set ``mask``, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


@dataclass(frozen=True, slots=True)
class _Step:
    """A link in a chain: this reader takes this bid, from the reader of the step before."""

    reader: int
    bid: int
    before: "_Step | None"


def _chain(step: _Step | None) -> Iterator[_Step]:
    while step:
        yield step
        step = step.before


class _Share:
    """A share-out in the making.

    Readers go by their place in ``readers``. A set of them is the bits of one whole number, so
    that no table of people by bids is needed.
    """

    def __init__(self, problem: Problem, attempt: int = 0) -> None:
        self.readers = sorted(problem.readers, key=lambda reader: reader.id)
        self.bids = {bid.id: bid for bid in problem.bids}
        self.kept = problem.kept
        places = {reader.id: place for place, reader in enumerate(self.readers)}
        if len(places) < len(self.readers) or len(self.bids) < len(problem.bids):
            raise ValueError("An id is there twice.")
        if any(bid not in self.bids for bid, _ in self.kept):
            raise ValueError("A kept reading is of a bid that is not here.")

        people = list(enumerate(self.readers))
        self.reads: list[set[int]] = [set() for _ in people]
        self.hours = [0.0 for _ in people]
        self.team = dict.fromkeys(self.bids, 0)
        self.gone = Counter(bid for bid, reader in self.kept if reader not in places)
        self.experienced = _mask(i for i, r in people if r.experienced)
        self.in_lot = {
            lot: _mask(i for i, r in people if r.trained and (r.lots is None or lot in r.lots))
            for lot in {bid.lot for bid in problem.bids}
        }
        self.barred = self._by(lambda reader: reader.conflicts)
        self.fans = self._by(lambda reader: reader.likes)
        self.reluctant = self._by(lambda reader: reader.rather_not)
        lived = self._by(lambda reader: reader.lived)
        self.kindred = {
            bid.id: reduce(or_, (lived.get(tag, 0) for tag in bid.communities), 0)
            for bid in problem.bids
        }
        """Those who share lived experience with the people each bid serves."""

        # Not a secret: anyone must be able to draw the same lots again from the seed.
        dice = Random(f"{problem.seed}/{attempt}")  # noqa: S311
        self.luck = dice.sample(range(len(people)), len(people))
        self.order = dice.sample(sorted(self.bids), len(self.bids))
        self.shortest = min((bid.hours for bid in problem.bids), default=0.0)
        # Long bids first, while there is still room for them.
        self.order.sort(key=lambda bid: -self.bids[bid].hours)
        for bid, reader in sorted(self.kept):
            if reader in places:
                self.give(bid, places[reader])
        self.guarded = {bid for bid in self.bids if self.team[bid] & self.experienced}
        """Bids that have found someone experienced. They never lose the last one."""

    def _by(self, words: Callable[[Reader], Iterable[int | str]]) -> dict[int | str, int]:
        """For each thing a reader may list, the set of those who list it."""
        found: defaultdict[int | str, int] = defaultdict(int)
        for place, reader in enumerate(self.readers):
            for word in words(reader):
                found[word] |= 1 << place
        return found

    def give(self, bid: int, reader: int) -> None:
        self.reads[reader].add(bid)
        self.team[bid] |= 1 << reader
        self.hours[reader] += self.bids[bid].hours

    def take(self, bid: int, reader: int) -> None:
        self.reads[reader].remove(bid)
        self.team[bid] &= ~(1 << reader)
        self.hours[reader] -= self.bids[bid].hours

    def size(self, bid: int) -> int:
        """How many read it, those who have left included."""
        return self.team[bid].bit_count() + self.gone[bid]

    def placed(self) -> int:
        return sum(min(self.size(bid), self.bids[bid].readers_wanted) for bid in self.bids)

    def pairs(self) -> frozenset[Pair]:
        mine = {(bid, self.readers[i].id) for bid in self.bids for i in _places(self.team[bid])}
        return self.kept | mine

    def could_read(self, bid: int) -> int:
        """Those who may read it and do not, their limits and hours apart."""
        return self.in_lot[self.bids[bid].lot] & ~self.barred.get(bid, 0) & ~self.team[bid]

    def movable(self, bid: int, reader: int) -> bool:
        return (bid, self.readers[reader].id) not in self.kept

    def fits(self, reader: int, more: float) -> bool:
        """Whether the reader has time for this many more hours, or fewer where it is below 0."""
        budget = self.readers[reader].hours
        return budget is None or more <= 0 or _fits(self.hours[reader] + more, budget)

    # ------------------------------------------------------------------------- filling places

    def filled(self) -> "_Share":
        """Fill all the places that can be filled, one experienced person for each bid first."""
        for bid in self.order:
            wanting = self.size(bid) < self.bids[bid].readers_wanted
            if bid not in self.guarded and wanting and self.fill(bid, self.experienced):
                self.guarded.add(bid)
        # Round by round, so that where there are too few people no bid goes without.
        for level in range(max((bid.readers_wanted for bid in self.bids.values()), default=0)):
            for bid in self.order:
                if self.size(bid) == level < self.bids[bid].readers_wanted and not self.fill(bid):
                    # A reader for one bid counts for more than experience on another.
                    guarded, self.guarded = self.guarded, set()
                    self.fill(bid)
                    self.guarded = {b for b in guarded if self.team[b] & self.experienced}
        return self

    def fill(self, bid: int, among: int = ANYONE) -> bool:
        """Fill one place with someone in the set ``among``, by the chain that is fairest."""
        chain = self._fairest_chain(bid, among)
        for step in _chain(chain):
            self.give(step.bid, step.reader)
            if step.before:
                self.take(step.bid, step.before.reader)
        return chain is not None

    def weight(self, reader: int) -> tuple[bool, float]:
        """Whose turn it is, lowest first: those with nothing yet, then by the share they would
        have with one more. It only grows as a reader is given more: the sum is convex."""
        count = len(self.reads[reader])
        return count > 0, (count + 1) / self.readers[reader].limit

    def _fairest_chain(self, wanting: int, among: int) -> _Step | None:
        """The chain that starts at this bid and ends with the reader of lowest weight.

        Bids are visited in turn. Each reader of a bid may pass on any other that they read.
        """
        roomy = {
            i: self.weight(i)
            for i, reader in enumerate(self.readers)
            if len(self.reads[i]) < reader.limit and self.fits(i, self.shortest)
        }
        lowest = min(roomy.values(), default=None)
        best: tuple[tuple[bool, float], tuple[int, ...], _Step] | None = None
        unseen = ANYONE
        tried: dict[int, float] = {}
        spent: set[int] = set()
        queue: deque[tuple[int, _Step | None]] = deque([(wanting, None)])
        while queue:
            bid, before = queue.popleft()
            if bid in spent:
                continue
            hours = self.bids[bid].hours
            heirs = self._heirs(bid, before) if before else among
            if heirs == ANYONE:
                spent.add(bid)
            for reader in _places(self.could_read(bid) & unseen & heirs):
                if tried.get(reader, hours + 1) <= hours:
                    continue
                if reader in tried and any(step.reader == reader for step in _chain(before)):
                    continue
                step = _Step(reader, bid, before)
                room = self.fits(reader, hours)
                if reader in roomy and room:
                    merit = (roomy[reader], self._merit(bid, reader), step)
                    best = merit if best is None or merit[:2] < best[:2] else best
                for passed in sorted(self.reads[reader] - spent):
                    if self.movable(passed, reader) and (
                        room or self.fits(reader, hours - self.bids[passed].hours)
                    ):
                        queue.append((passed, step))
                if room:
                    unseen &= ~(1 << reader)
                else:
                    # A shorter bid may still open a way through this reader.
                    tried[reader] = hours
            if best and best[0] == lowest:
                break
        return best[2] if best else None

    def _heirs(self, bid: int, before: _Step) -> int:
        """Who may take the bid from the reader of this step: a guarded one keeps its last
        experienced reader or goes to another, counting the swaps made on the way here."""
        veteran = self.experienced >> before.reader & 1
        if bid not in self.guarded or not veteran:
            return ANYONE
        left = (self.team[bid] & self.experienced).bit_count() - 1
        for step in _chain(before):
            giver = step.before
            if step.bid == bid:
                left += self.experienced >> step.reader & 1
                left -= bool(giver and self.experienced >> giver.reader & 1)
        return ANYONE if left > 0 else self.experienced

    def _merit(self, bid: int, reader: int) -> tuple[int, int, int]:
        """Between people of one weight: lived experience, wishes, then the luck of the draw."""
        return (
            -(self.kindred[bid] >> reader & 1),
            (self.reluctant.get(bid, 0) >> reader & 1) - (self.fans.get(bid, 0) >> reader & 1),
            self.luck[reader],
        )

    # ---------------------------------------------------------------------- exchanging readings

    def exchange(self) -> "_Share":
        """Let two people swap a bid each, wherever that does more good than harm."""
        for _ in range(ROUNDS):
            swapped = [self._brought(bid, who) for bid in self.order for who in self._wanted(bid)]
            if not any(swapped):
                break
        return self

    def _wanted(self, bid: int) -> Iterator[int]:
        """Those whose coming might be good for this bid."""
        team = self.team[bid]
        wanted = self.fans.get(bid, 0)
        if not team & self.experienced:
            wanted |= self.experienced
        if not team & self.kindred[bid]:
            wanted |= self.kindred[bid]
        if team & self.reluctant.get(bid, 0):
            wanted = ANYONE
        return _places(self.could_read(bid) & wanted)

    def _brought(self, bid: int, who: int) -> bool:
        """Bring someone to this bid by a swap, if one does good."""
        return any(
            self._swapped(bid, reader, other, who)
            for other in sorted(self.reads[who])
            for reader in _places(self.team[bid])
            if reader != who
        )

    def _swapped(self, bid: int, reader: int, other: int, who: int) -> bool:
        """Swap the reader's ``bid`` with the ``other`` that someone else reads, if that is good."""
        longer = self.bids[bid].hours - self.bids[other].hours
        allowed = (
            self.could_read(bid) >> who & 1
            and self.could_read(other) >> reader & 1
            and self.movable(bid, reader)
            and self.movable(other, who)
            and self.fits(who, longer)
            and self.fits(reader, -longer)
        )
        if not allowed:
            return False
        ours, theirs = self.team[bid], self.team[other]
        both = 1 << reader | 1 << who
        if self._worth((bid, ours ^ both), (other, theirs ^ both)) <= self._worth(
            (bid, ours), (other, theirs)
        ):
            return False
        self.take(bid, reader)
        self.take(other, who)
        self.give(bid, who)
        self.give(other, reader)
        return True

    def _worth(self, *teams: tuple[int, int]) -> tuple[int, int, int, int]:
        """How good it is that these teams read these bids, what matters most first."""
        veterans = lived = dislikes = likes = 0
        for bid, team in teams:
            veterans += bool(team & self.experienced)
            lived += bool(team & self.kindred[bid])
            dislikes += (team & self.reluctant.get(bid, 0)).bit_count()
            likes += (team & self.fans.get(bid, 0)).bit_count()
        return veterans, lived, -dislikes, likes


def _proposal(problem: Problem, pairs: frozenset[Pair]) -> Proposal:
    bids = {bid.id: bid for bid in problem.bids}
    readers = {reader.id: reader for reader in problem.readers}
    team: defaultdict[int, list[int]] = defaultdict(list)
    count: Counter[int] = Counter()
    hours: defaultdict[int, float] = defaultdict(float)
    together: Counter[Pair] = Counter()
    for bid, reader in sorted(pairs):
        team[bid].append(reader)
        count[reader] += 1
        hours[reader] += bids[bid].hours
    for members in team.values():
        together.update(combinations(members, 2))
    mates: defaultdict[int, set[int]] = defaultdict(set)
    for (one, two), times in together.items():
        if times > 1:
            mates[one].add(two)
            mates[two].add(one)

    def reasons(bid: Bid, who: int) -> Iterator[str]:
        reader = readers.get(who)
        if reader is None:
            yield "kept"
            return
        yield from (f"lived:{tag}" for tag in sorted(reader.lived & bid.communities))
        if reader.experienced:
            yield "experienced"
        if bid.id in reader.likes:
            yield "prefers"
        yield from (f"with:{mate}" for mate in team[bid.id] if mate in mates[who])
        yield f"load:{count[who]}/{reader.limit}"

    def shortfall(bid: Bid) -> Shortfall:
        others = [reader for reader in problem.readers if reader.id not in team[bid.id]]
        why = Counter(_why_not(bid, r, count[r.id], hours[r.id]).split(":")[0] for r in others)
        return Shortfall(bid.id, bid.readers_wanted, len(team[bid.id]), tuple(sorted(why.items())))

    def known(bid: int) -> list[Reader]:
        return [readers[who] for who in team[bid] if who in readers]

    served = [bid for bid in bids.values() if bid.communities]
    short = [bid for bid in bids.values() if len(team[bid.id]) < bid.readers_wanted]
    return Proposal(
        pairs=pairs,
        reasons={(bid, who): tuple(reasons(bids[bid], who)) for bid, who in sorted(pairs)},
        shortfalls=tuple(shortfall(bid) for bid in sorted(short, key=lambda bid: bid.id)),
        no_experienced=tuple(
            sorted(bid for bid in bids if not any(reader.experienced for reader in known(bid)))
        ),
        no_lived=tuple(
            sorted(b.id for b in served if not any(r.lived & b.communities for r in known(b.id)))
        ),
    )
