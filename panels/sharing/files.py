"""Instances and answers in the published benchmark's JSON form, to and from plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from panels.sharing.changes import Event
from panels.sharing.shortage import Shortage, in_words
from panels.sharing.values import Bid, Pair, Problem, Proposal, Reader


@dataclass(frozen=True, slots=True)
class Names:
    """Ids in the file, by the whole numbers used here."""

    readers: list[str]
    bids: list[str]
    lots: list[str]


def read_instance(data: dict[str, Any], *, this_bid_only: bool = False) -> tuple[Problem, Names]:
    """The problem in an instance. Ids become places in the file's lists.

    A conflict is taken as a direct interest: that person stands aside from the whole lot in
    which the organisation bids. With ``this_bid_only`` they stand aside from its bids alone.
    """
    this_bid_only = this_bid_only or data.get("interests") == "by_bid"
    lot_place = {lot["id"]: place for place, lot in enumerate(data["lots"])}
    bid_place = {bid["id"]: place for place, bid in enumerate(data["applications"])}
    by_org: dict[str, list[int]] = {}
    for place, row in enumerate(data["applications"]):
        by_org.setdefault(row["org"], []).append(place)
    words: dict[frozenset[str], frozenset[str]] = {}

    def some(values: list[str]) -> frozenset[str]:
        # Few different sets, very many people: one copy of each is enough.
        found = frozenset(values)
        return words.setdefault(found, found)

    def reader(place: int, row: dict[str, Any]) -> Reader:
        conflicts = frozenset(bid for org in row["conflicts"] for bid in by_org.get(org, ()))
        aside = set() if this_bid_only else {data["applications"][bid]["lot"] for bid in conflicts}
        return Reader(
            id=place,
            limit=row["limit"],
            hours=row["hours"],
            experienced=row["experienced"],
            trained=row["trained"],
            conflicts=conflicts,
            lots=frozenset(
                lot_place[lot["id"]]
                for lot in data["lots"]
                if lot["id"] not in aside
                and free_days(row["away"], lot["window"]) >= data["min_free_days"]
            ),
            lived=some(row["tags"]),
            likes=frozenset(bid_place[bid] for bid in row["like_apps"] if bid in bid_place),
            rather_not=frozenset(
                bid_place[bid] for bid in row["rather_not_apps"] if bid in bid_place
            ),
            like_lots=frozenset(lot_place[lot] for lot in row["like_lots"]),
            rather_not_lots=frozenset(lot_place[lot] for lot in row["rather_not_lots"]),
            needs=some(row["needs"]),
            meets=frozenset(
                lot_place[lot["id"]]
                for lot in data["lots"]
                if not any(first <= lot["interview_day"] <= last for first, last in row["away"])
            ),
        )

    def bid(place: int, row: dict[str, Any]) -> Bid:
        return Bid(
            id=place,
            lot=lot_place[row["lot"]],
            hours=row["hours"],
            readers_wanted=row["readers"],
            communities=some(row["serves"]),
            formats=some(row["formats"]),
        )

    problem = Problem(
        readers=tuple(reader(place, row) for place, row in enumerate(data["volunteers"])),
        bids=tuple(bid(place, row) for place, row in enumerate(data["applications"])),
    )
    names = Names(
        [row["id"] for row in data["volunteers"]],
        [row["id"] for row in data["applications"]],
        [row["id"] for row in data["lots"]],
    )
    return problem, names


def free_days(away: list[list[int]], window: list[int]) -> int:
    """Days of the window, first and last included, that are in no stretch away."""
    days = set(range(window[0], window[1] + 1))
    for first, last in away:
        days.difference_update(range(first, last + 1))
    return len(days)


def read_pairs(answer: dict[str, Any], names: Names) -> frozenset[Pair]:
    """Who reads what in an answer, with or without its panels and reasons."""
    bid = {name: place for place, name in enumerate(names.bids)}
    reader = {name: place for place, name in enumerate(names.readers)}
    teams = answer.get("assignment", answer)
    return frozenset((bid[one], reader[who]) for one, team in teams.items() for who in team)


def read_event(data: dict[str, Any], names: Names) -> Event:
    """An event: ``done`` pairs and who ``left``; if there, also new ``limits`` by volunteer, late
    ``interests`` as pairs, and applications ``withdrawn``."""
    bid = {name: place for place, name in enumerate(names.bids)}
    reader = {name: place for place, name in enumerate(names.readers)}
    return Event(
        done=frozenset((bid[one], reader[who]) for one, who in data.get("done", ())),
        left=frozenset(reader[who] for who in data.get("left", ())),
        limits={reader[who]: limit for who, limit in data.get("limits", {}).items()},
        interests=frozenset((bid[one], reader[who]) for one, who in data.get("interests", ())),
        withdrawn=frozenset(bid[one] for one in data.get("withdrawn", ())),
    )


def as_answer(
    proposal: Proposal, panels: Mapping[int, list[list[int]]], names: Names
) -> dict[str, Any]:
    """The answer as it is written: who reads what, interview panels, and reasons."""
    assignment: dict[str, list[str]] = {}
    reasons: dict[str, dict[str, list[str]]] = {}
    for bid, who in sorted(proposal.pairs):
        assignment.setdefault(names.bids[bid], []).append(names.readers[who])
        reasons.setdefault(names.bids[bid], {})[names.readers[who]] = [
            _named(code, names) for code in proposal.reasons[bid, who]
        ]
    return {
        "assignment": assignment,
        "panels": {
            names.lots[lot]: [[names.readers[who] for who in panel] for panel in own]
            for lot, own in sorted(panels.items())
            if own
        },
        "reasons": reasons,
    }


def as_shortage(short: Shortage, names: Names) -> dict[str, Any]:
    """What is short and what would be enough, with the file's ids."""
    people = {"one_more": names.readers, "train": names.readers, "fewer_readers": names.bids}
    return {
        "places": short.places,
        "by_lot": {names.lots[lot]: count for lot, count in short.by_lot},
        "no_experienced": [names.bids[bid] for bid in short.no_experienced],
        "enough": [
            {
                "kind": remedy.kind,
                "count": remedy.count,
                "bids": remedy.bids,
                "who": [people[remedy.kind][who] for who in remedy.who],
            }
            for remedy in short.remedies
        ],
        "words": in_words(short),
    }


def _named(code: str, names: Names) -> str:
    kind, _, who = code.partition(":")
    return f"with:{names.readers[int(who)]}" if kind == "with" else code
