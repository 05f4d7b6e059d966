"""The command on instance files: what it writes, what it keeps after an event, what it proves."""

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from random import Random

import pytest

from panels.sharing.files import read_instance

HERE = Path(__file__).resolve().parents[2]
TAGS = ("lonely", "carer", "lgbt", "bame", "disabled")


def instance(people: int, bids: int, seed: int, limit: int = 8) -> dict:
    """A round in the published form, with a little of everything."""
    dice = Random(seed)
    lots = [
        {"id": f"L{n}", "window": [5 * n, 5 * n + 27], "interview_day": 5 * n + 41,
         "panel_size": [4, 6]}
        for n in range(4)
    ]  # fmt: skip
    applications = [
        {"id": f"A{n}", "lot": f"L{n % 4}", "org": f"O{n // 2}", "readers": 3,
         "hours": dice.choice((0.5, 1, 2)), "serves": [dice.choice(TAGS)],
         "formats": ["audio", "largeprint"] if n % 3 else ["largeprint"]}
        for n in range(bids)
    ]  # fmt: skip
    volunteers = [
        {"id": f"V{n}", "limit": limit, "hours": 14 if n % 3 == 0 else None,
         "away": [[3, 9]] if n % 5 == 0 else [], "tags": dice.sample(TAGS, 2),
         "experienced": n % 2 == 0, "needs": ["largeprint"] if n % 6 == 0 else [],
         "trained": n != 1, "conflicts": [f"O{dice.randrange(bids // 2)}"] if n % 4 == 0 else [],
         "like_lots": [f"L{n % 4}"], "rather_not_lots": [], "like_apps": [], "rather_not_apps": []}
        for n in range(people)
    ]  # fmt: skip
    return {"size": "made", "seed": seed, "min_free_days": 10, "lots": lots,
            "applications": applications, "volunteers": volunteers}  # fmt: skip


class Desk:
    """Runs the command in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env: dict[str, str] = {}

    def run(self, data: dict, *more: str, **files: dict) -> tuple[int, dict, str]:
        """Its status, its answer, and what it said."""
        for name, content in {"given": data, **files}.items():
            (self.folder / f"{name}.json").write_text(json.dumps(content))
        beside = [
            part for name in files for part in (f"--{name}", str(self.folder / f"{name}.json"))
        ]
        command = [sys.executable, "-m", "panels.sharing", str(self.folder / "given.json"),
                   str(self.folder / "answer.json"), "--seconds", "0.2",
                   *more, *beside]  # fmt: skip
        done = subprocess.run(
            command,
            cwd=HERE,
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, json.loads((self.folder / "answer.json").read_text()), done.stderr


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def check(data: dict, answer: dict) -> None:
    """Every hard rule, every panel and every reason, from the files alone."""
    bids = {row["id"]: row for row in data["applications"]}
    people = {row["id"]: row for row in data["volunteers"]}
    teams = answer["assignment"]
    load = Counter(who for team in teams.values() for who in team)
    hours = Counter()
    together = Counter()
    for bid, team in teams.items():
        assert len(set(team)) == len(team) == bids[bid]["readers"]
        assert any(people[who]["experienced"] for who in team)
        together.update(combinations(sorted(team), 2))
        for who in team:
            hours[who] += bids[bid]["hours"]
            assert people[who]["trained"] and set(people[who]["needs"]) <= set(bids[bid]["formats"])
            assert bids[bid]["org"] not in people[who]["conflicts"]
    for who, person in people.items():
        assert load[who] <= person["limit"]
        assert person["hours"] is None or hours[who] <= person["hours"] + 1e-9
    for bid, team in teams.items():
        for who in team:
            codes = answer["reasons"][bid][who]
            assert f"load:{load[who]}/{people[who]['limit']}" in codes
            for kind, _, rest in (code.partition(":") for code in codes):
                if kind == "with":
                    assert together[tuple(sorted((who, rest)))] > 1
                if kind == "lived":
                    assert rest in bids[bid]["serves"] and rest in people[who]["tags"]
                if kind == "experienced":
                    assert people[who]["experienced"]
                if kind == "prefers":
                    assert bids[bid]["lot"] in people[who]["like_lots"]
    for lot, panels in answer["panels"].items():
        orgs = {row["org"] for row in data["applications"] if row["lot"] == lot}
        for panel in panels:
            assert 4 <= len(set(panel)) == len(panel) <= 6
            assert any(people[who]["experienced"] for who in panel)
            assert all(people[who]["trained"] for who in panel)
            assert not any(orgs & set(people[who]["conflicts"]) for who in panel)


def test_a_round_is_shared_out_with_panels_and_reasons(desk):
    data = instance(20, 32, seed=1)
    status, answer, said = desk.run(data, "--proof")
    check(data, answer)
    assert (status, said) == (0, "")
    assert set(answer["panels"]) == {"L0", "L1", "L2", "L3"}
    load = Counter(who for team in answer["assignment"].values() for who in team)
    assert max(load.values()) / 8 == answer["proof"]["worst_share"]
    tags = {row["id"]: set(row["tags"]) for row in data["volunteers"]}
    uncovered = [
        row["id"]
        for row in data["applications"]
        if not any(tags[who] & set(row["serves"]) for who in answer["assignment"][row["id"]])
    ]
    assert len(uncovered) == answer["proof"]["no_lived_experience"]
    assert desk.run(data, "--proof")[1] == answer


def test_the_order_of_sets_in_memory_does_not_matter(desk):
    data = instance(20, 32, seed=4)
    answers = []
    for seed in ("1", "2"):
        desk.env = {"PYTHONHASHSEED": seed}
        answers.append(desk.run(data)[1])
    assert answers[0] == answers[1]


def test_a_round_where_experience_is_short_has_no_proof_of_what_it_could_be(desk):
    data = instance(20, 32, seed=1)
    for place, row in enumerate(data["volunteers"]):
        row["experienced"] = place == 0
    status, answer, _ = desk.run(data, "--proof")
    assert status == 2
    assert answer["short"]["no_experienced"]
    assert answer["proof"]["no_lived_experience"] is None


def test_a_direct_interest_stands_aside_from_the_whole_lot():
    data = instance(20, 32, seed=1)
    problem, _ = read_instance(data)
    alone, _ = read_instance(data, this_bid_only=True)
    for reader, narrow in zip(problem.readers, alone.readers, strict=True):
        lots = {problem.bids[bid].lot for bid in reader.conflicts}
        assert reader.conflicts == narrow.conflicts
        assert reader.lots == narrow.lots - lots
    assert any(reader.conflicts for reader in problem.readers)


def test_after_an_event_only_what_is_vacated_is_given_out_again(desk):
    data = instance(20, 32, seed=2)
    _, before, _ = desk.run(data)
    old = {(bid, who) for bid, team in before["assignment"].items() for who in team}
    gone = before["assignment"]["A0"][0]
    done = [min(pair for pair in old if pair[1] == gone)]
    event = {"done": done, "left": [gone]}
    status, answer, _ = desk.run(data, before=before, event=event)
    new = {(bid, who) for bid, team in answer["assignment"].items() for who in team}
    vacated = {pair for pair in old if pair[1] == gone} - set(done)
    assert status == 0
    assert old - new == vacated
    assert len(new - old) == len(vacated)


def test_too_few_people_are_told_of_with_what_would_be_enough(desk):
    data = instance(8, 32, seed=3)
    status, answer, said = desk.run(data)
    short = answer["short"]
    assert status == 2
    assert short["places"] == 96 - sum(map(len, answer["assignment"].values())) > 0
    assert said.splitlines() == short["words"]
    more = next(row for row in short["enough"] if row["kind"] == "new_experienced")
    new = [
        {"id": f"N{n}", "limit": more["bids"], "hours": None, "away": [], "tags": [],
         "experienced": True, "needs": [], "trained": True, "conflicts": [], "like_lots": [],
         "rather_not_lots": [], "like_apps": [], "rather_not_apps": []}
        for n in range(more["count"])
    ]  # fmt: skip
    status, answer, _ = desk.run({**data, "volunteers": [*data["volunteers"], *new]})
    assert status == 0 and "short" not in answer
    enough = sum(map(len, answer["assignment"].values()))
    assert enough == 96
