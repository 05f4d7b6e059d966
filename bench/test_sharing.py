"""The share-out on the published instances, side by side with a plain min-cost flow.

Needs ../shared/assignment (its generator and scorer); without it there is nothing to measure.
Prints a table of figures and seconds, and one of time against size. Seconds are the process's own
(CPU), so that other work on the computer does not blur them.
"""

import importlib.util
import json
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from bench.flow import plain_flow
from panels.sharing import Aim, Problem, after, share_out
from panels.sharing.engine import share_out_with
from panels.sharing.files import Names, read_event, read_instance
from panels.sharing.moves import Weights
from panels.sharing.share import Share

HERE = Path(__file__).resolve().parent.parent
PUBLISHED = HERE.parent / "shared" / "assignment"
SEEDS = (1, 2, 3, 4, 5)
REUSE = {"small": 2.8, "medium": 3.0, "large": 4.0, "huge": 3.7}
ALONE = {"small": 0, "medium": 0, "large": 0, "huge": 10}
SECONDS = 3.0

pytestmark = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="The published instances are not beside the project."
)


def tool(name: str) -> ModuleType:
    """The published generator or scorer."""
    spec = importlib.util.spec_from_file_location(name, PUBLISHED / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def instance(size: str, seed: int) -> dict:
    return tool("generate").generate(size, seed)


def problem_of(data: dict, seconds: float = SECONDS) -> tuple[Problem, Names]:
    problem, names = read_instance(data)
    return replace(problem, seed=1, seconds=seconds, aim=Aim.SHARE), names


def answer(teams: list[list[int]], names: Names) -> dict:
    return {
        "assignment": {
            names.bids[bid]: [names.readers[who] for who in team] for bid, team in enumerate(teams)
        }
    }


def timed(work, *given):
    """What it gives back, and its CPU seconds."""
    start = time.process_time()
    result = work(*given)
    return result, time.process_time() - start


def figures(data: dict, share: Share, names: Names) -> dict:
    scorer = tool("score")
    return scorer.score(scorer.Inst(data), answer(share.team, names))


def say(title: str, rows: list[list[object]]) -> None:
    print(f"\n{title}")
    for row in rows:
        print(
            "  ".join(
                f"{cell:>9.3f}" if isinstance(cell, float) else f"{cell!s:>9}" for cell in row
            )
        )


@pytest.mark.parametrize("size", ["small", "medium", "large", "huge"])
def test_every_promise_is_kept_at_every_size(size):
    rows = [
        [
            "seed",
            "first",
            "whole",
            "flow",
            "worst",
            "sd",
            "no lived",
            "alone",
            "reuse",
            "likes",
            "nots",
        ]
    ]
    for seed in SEEDS if size != "huge" else SEEDS[:2]:
        data = instance(size, seed)
        first, names = problem_of(data, seconds=0)
        _, quick = timed(share_out, first)
        share, whole = timed(share_out, replace(first, seconds=SECONDS))
        flow = float("nan")
        if size != "huge":
            _, flow = timed(plain_flow, first, None if size != "large" else 100)
        found = figures(data, share, names)
        rows.append([seed, quick, whole, flow, found["worst_share"], found["share_sd"],
                     found["no_lived_experience"], found["alone"], found["reuse"],
                     found["likes"], found["rather_nots"]])  # fmt: skip
        assert (found["hard"], found["no_experienced"], found["idle"]) == (0, 0, 0)
        assert found["alone"] <= ALONE[size]
        assert found["reuse"] >= REUSE[size]
        if size in ("small", "medium"):
            scorer = tool("score")
            bound = scorer.bounds(scorer.Inst(data))
            assert found["worst_share"] == bound["worst_share"]
            least = bound.get("lp_no_lived_experience", bound["no_lived_experience"])
            assert found["no_lived_experience"] <= -(-least // 1)
        if (size, seed) == ("small", 1):
            assert found["likes"] - found["rather_nots"] >= 50
    say(f"{size}: CPU seconds to a first whole answer, with the search, and of a plain flow", rows)


@pytest.mark.parametrize("seed", SEEDS)
def test_coverage_first_covers_every_small_round(seed):
    data = instance("small", seed)
    problem, names = problem_of(data)
    share = share_out(replace(problem, aim=Aim.LIVED))
    found = figures(data, share, names)
    assert (found["hard"], found["no_experienced"], found["no_lived_experience"]) == (0, 0, 0)


def test_the_curve_between_company_and_wishes():
    data = instance("small", 1)
    problem, names = problem_of(data)
    rows = [["wish", "reuse", "likes-nots"]]
    for wish in (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0):
        found = figures(data, share_out_with(problem, Weights(wish=wish)), names)
        rows.append([wish, found["reuse"], found["likes"] - found["rather_nots"]])
    say("small, seed 1: what a wish weighs against meeting someone new (1.0 is used)", rows)


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_a_withdrawal_moves_nobody_else(size):
    data = instance(size, 1)
    problem, names = problem_of(data)
    share = share_out(problem)
    before = answer(share.team, names)
    event = tool("generate").withdrawal(data, before["assignment"], 1)
    (new, seconds) = timed(
        lambda: share_out(after(problem, share.pairs(), read_event(event, names)))
    )
    scorer = tool("score")
    found = scorer.score(scorer.Inst(data), answer(new.team, names), before, event)
    say(f"{size}: a withdrawal", [["CPU s", "vacated"], [seconds, found["vacated"]]])
    assert (found["hard"], found["lost_done"], found["dropped"]) == (0, 0, 0)
    assert found["added"] == found["vacated"]


def test_time_against_size_is_close_to_linear():
    generate = tool("generate")
    rows = [["people", "bids", "seconds", "us a place"]]
    for people, bids in (
        (30, 60),
        (100, 250),
        (300, 600),
        (1000, 3000),
        (3000, 10000),
        (9000, 27000),
    ):
        generate.SIZES["between"] = (people, bids, 11, max(5, people // 100))
        problem, _ = problem_of(generate.generate("between", 1), seconds=0)
        _, seconds = timed(share_out, problem)
        rows.append([people, bids, seconds, 1e6 * seconds / (3 * bids)])
    say("time against size, without the search", rows)
    assert rows[-1][3] < 5 * rows[-3][3]


def test_huge_stays_under_400_megabytes(tmp_path):
    given, made = tmp_path / "huge.json", tmp_path / "answer.json"
    given.write_text(json.dumps(instance("huge", 1)))
    command = [sys.executable, "-m", "panels.sharing", str(given), str(made), "--seconds", "0"]
    subprocess.run(command, cwd=HERE, check=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"\nhuge: {peak:.0f} MB")
    assert peak < 400
