"""What a share-out does to people and to bids: the numbers that the pages show. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from panels.sharing import Pair


@dataclass(frozen=True, slots=True)
class Facts:
    """Who offered what, and what each bid is about: by id."""

    limits: Mapping[int, int]
    """How many bids each person can read."""
    ready: frozenset[int] = frozenset()
    """People who could be given bids today."""
    experienced: frozenset[int] = frozenset()
    lived: Mapping[int, Collection[str]] = field(default_factory=dict)
    serves: Mapping[int, Collection[str]] = field(default_factory=dict)
    """Every bid that is being shared out, and the communities it serves."""
    wanted: int = 3


@dataclass(frozen=True, slots=True)
class Effect:
    """One share-out in numbers."""

    people: int
    """How many read at all."""
    fullest: tuple[int, int]
    """The fullest share there is: bids, of how many."""
    spread: tuple[int, int, int, int]
    """People with nothing, up to half, more than half, and all (or more) of what they offered;
    among those who have bids or could be given some."""
    idle: tuple[int, ...]
    """Those who could be given bids and have none."""
    over: tuple[int, ...]
    """Those who have more than they can read."""
    empty: int
    """Places without a reader."""
    short: tuple[int, ...]
    """Bids with too few readers."""
    no_experienced: tuple[int, ...]
    no_lived: tuple[int, ...]
    alone: tuple[int, ...]
    """Those with two bids or more who share two of them with nobody."""


def teams_of(pairs: Iterable[Pair], bids: Collection[int]) -> dict[int, list[int]]:
    """The readers of each of these bids."""
    teams: dict[int, list[int]] = {bid: [] for bid in bids}
    for bid, who in sorted(pairs):
        if bid in teams:
            teams[bid].append(who)
    return teams


def mates_of(teams: Mapping[int, Collection[int]]) -> dict[int, Counter[int]]:
    """For each reader, how many bids they share with each other reader."""
    mates: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for team in teams.values():
        for one, two in combinations(team, 2):
            mates[one][two] += 1
            mates[two][one] += 1
    return dict(mates)


def circles_of(teams: Mapping[int, Collection[int]]) -> list[tuple[tuple[int, ...], int]]:
    """Who reads together: each set of readers with how many bids they share, most first."""
    found = Counter(tuple(sorted(team)) for team in teams.values() if team)
    return sorted(found.items(), key=lambda row: (-row[1], row[0]))


def alone_in(teams: Mapping[int, Collection[int]]) -> list[int]:
    """Those with two bids or more who share two of them with nobody."""
    mates = mates_of(teams)
    counts = Counter(who for team in teams.values() for who in team)
    return sorted(
        who
        for who, n in counts.items()
        if n > 1 and max(mates.get(who, Counter()).values(), default=0) < 2
    )


def effect_of(facts: Facts, pairs: Iterable[Pair]) -> Effect:
    """The share-out in numbers. One look at each pair."""
    teams = teams_of(pairs, facts.serves)
    counts = Counter(who for team in teams.values() for who in team)
    limits = facts.limits
    shares = [(n / limits[who], n, limits[who]) for who, n in counts.items() if limits.get(who)]
    _part, count, limit = max(shares, default=(0.0, 0, 0))
    spread = [0, 0, 0, 0]
    for who in facts.ready | counts.keys():
        part = counts[who] / limits[who] if limits.get(who) else float(counts[who] > 0)
        spread[0 if not part else 1 if part <= 0.5 else 2 if part < 1 else 3] += 1
    return Effect(
        people=len(counts),
        fullest=(count, limit),
        spread=(spread[0], spread[1], spread[2], spread[3]),
        idle=tuple(sorted(facts.ready - counts.keys())),
        over=tuple(sorted(who for who, n in counts.items() if n > limits.get(who, n))),
        empty=sum(max(0, facts.wanted - len(team)) for team in teams.values()),
        short=tuple(bid for bid, team in teams.items() if len(team) < facts.wanted),
        no_experienced=tuple(
            bid for bid, team in teams.items() if not facts.experienced.intersection(team)
        ),
        no_lived=tuple(
            bid
            for bid, team in teams.items()
            if facts.serves[bid]
            and not any(set(facts.lived.get(who, ())) & set(facts.serves[bid]) for who in team)
        ),
        alone=tuple(alone_in(teams)),
    )
