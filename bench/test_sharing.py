"""The share-out on the published instances, side by side with a plain min-cost flow.

Needs ../shared/assignment (its generator and scorer); without it there is nothing to measure.
Prints a table of figures and seconds, and draws docs/sharing-time.svg and docs/sharing-curve.svg.
Seconds are the process's own (CPU), so that other work on the computer does not blur them. The
bounds are our own proofs (``panels.sharing.bounds``).
"""

import importlib.util
import json
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from math import log
from pathlib import Path
from statistics import mean, median
from types import ModuleType

import pytest

from bench.flow import flow_within_hours, plain_flow
from bench.plot import line_chart
from panels.sharing import Aim, Problem, after, interview_panels, share_out
from panels.sharing.bounds import fewest_uncovered, fullest_share_bound, unmatched
from panels.sharing.engine import share_out_with
from panels.sharing.files import Names, as_answer, read_event, read_instance
from panels.sharing.moves import Weights
from panels.sharing.share import Share
from panels.sharing.told import Telling

HERE = Path(__file__).resolve().parent.parent
PUBLISHED = HERE.parent / "shared" / "assignment"
SEEDS = (1, 2, 3, 4, 5)
SIZES = ("small", "medium", "large", "huge")
REUSE = {"small": 2.8, "medium": 3.0, "large": 4.0, "huge": 3.7}
ALONE = {"small": 0, "medium": 0, "large": 0, "huge": 10}
SECONDS = 3.0
"""The command's own default. It is a number of steps, so the answer is the same everywhere."""
WISHES = (0.0, 0.25, 0.5, 1.1, 1.5, 2.0, 4.0)

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


def answer(problem: Problem, share: Share, names: Names) -> dict:
    """The whole answer, with panels and reasons."""
    return as_answer(Telling(problem, share.pairs()).proposal(), interview_panels(share), names)


def timed(work, *given):
    """What it gives back, and its CPU seconds."""
    start = time.process_time()
    result = work(*given)
    return result, time.process_time() - start


def middle(work, *given, times: int = 9) -> float:
    """The median of its CPU seconds, once it is warm."""
    return median(timed(work, *given)[1] for _ in range(times))


def by_turns(first, second, times: int) -> list[float]:
    """Median CPU seconds of two pieces of work, done in turns so that noise falls on both."""
    seconds = [(timed(first)[1], timed(second)[1]) for _ in range(times)]
    return [median(own) for own in zip(*seconds, strict=True)]


def figures(data: dict, given: dict, *event: dict) -> dict:
    scorer = tool("score")
    return scorer.score(scorer.Inst(data), given, *event)


def say(title: str, rows: list[list[object]]) -> None:
    print(f"\n{title}")
    for row in rows:
        print(
            "  ".join(
                f"{cell:>9.3f}" if isinstance(cell, float) else f"{cell!s:>9}" for cell in row
            )
        )


COLUMNS = ("hard", "no_experienced", "worst_share", "share_sd", "no_lived_experience", "idle",
           "alone", "reuse", "likes", "rather_nots")  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_every_promise_is_kept_at_every_size(size):
    rows = [["seed", "CPU s", "hard", "no exp", "worst", "sd", "no lived", "idle", "alone",
             "reuse", "likes", "nots", "bound", "no lived"]]  # fmt: skip
    for seed in SEEDS:
        data = instance(size, seed)
        problem, names = problem_of(data)
        share, seconds = timed(share_out, problem)
        found = figures(data, answer(problem, share, names))
        bound = fullest_share_bound(problem)
        least = len(unmatched(problem))
        if size == "small":
            least = fewest_uncovered(problem, bound)
        rows.append([seed, seconds, *(found[name] for name in COLUMNS), bound, least])
        say(f"{size}: figures, then what no answer can beat", rows)
        assert (found["hard"], found["no_experienced"]) == (0, 0)
        # The scorer counts as idle also who stands aside from every lot they have days for.
        assert found["idle"] <= sum(reader.lots == frozenset() for reader in problem.readers)
        assert found["reasons"] == {"missing": 0, "false": 0}
        assert found["panels"]["bad"] == {}
        assert found["alone"] <= ALONE[size]
        assert found["reuse"] >= REUSE[size]
        assert found["worst_share"] == round(bound, 4)
        assert found["no_lived_experience"] == least
        if (size, seed) == ("small", 1):
            assert found["likes"] - found["rather_nots"] >= 50


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_a_first_whole_answer_beside_a_plain_flow(size):
    """Each starts from the same facts and ends with teams; neither searches for company.

    The flow forgets hours and experience. Where it is given no more candidates than all (small and
    medium), it is also solved until nobody has too many hours: then both keep the hard rules.
    """
    rows = [["seed", "ours", "flow", "lawful", "solved", "too long", "no exp"]]
    for seed in SEEDS:
        data = instance(size, seed)
        problem, names = problem_of(data, seconds=0)
        candidates = 100 if size == "large" else None
        ours, flow = by_turns(
            partial(share_out, problem),
            partial(plain_flow, problem, candidates),
            {"small": 101, "medium": 5}.get(size, 1),
        )
        lawful, solved = flow, 1
        if not candidates:
            (_, solved), lawful = timed(flow_within_hours, problem)
        teams = plain_flow(problem, candidates)
        named = {names.bids[bid]: [names.readers[w] for w in t] for bid, t in enumerate(teams)}
        found = figures(data, named)
        too_long = found["hard_detail"].get("over_hours", 0)
        spent = (1000 * ours, 1000 * flow, 1000 * lawful)
        rows.append([seed, *spent, solved, too_long, found["no_experienced"]])
        own = figures(data, answer(problem, share_out(problem), names))
        assert (own["hard"], own["no_experienced"]) == (0, 0)
    rows.append(["mean", *(mean(row[n] for row in rows[1:]) for n in range(1, 4))])
    say(f"{size}: CPU milliseconds to a first whole answer", rows)


@pytest.mark.parametrize("seed", SEEDS)
def test_coverage_first_covers_every_small_round(seed):
    data = instance("small", seed)
    problem, names = problem_of(data)
    problem = replace(problem, aim=Aim.LIVED)
    found = figures(data, answer(problem, share_out(problem), names))
    say(f"small, seed {seed}, coverage first", [["worst", found["worst_share"]]])
    assert (found["hard"], found["no_experienced"], found["no_lived_experience"]) == (0, 0, 0)


def test_the_curve_between_company_and_wishes():
    rows = [["seed", *WISHES]]
    lines = {}
    for seed in SEEDS:
        data = instance("small", seed)
        problem, names = problem_of(data)
        line = []
        for wish in WISHES:
            share = share_out_with(problem, Weights(wish=wish))
            found = figures(data, answer(problem, share, names))
            line.append((found["likes"] - found["rather_nots"], found["reuse"]))
        lines[f"seed {seed}"] = line
        rows.append([seed, *(f"{likes}/{reuse:.2f}" for likes, reuse in line)])
    say("small: likes less rather-nots / reuse, by what a wish weighs", rows)
    default = WISHES.index(Weights().wish)
    line_chart(
        HERE / "docs" / "sharing-curve.svg",
        "Company and wishes, small rounds: a wish weighs 0 to 4",
        "Likes less rather-nots",
        "Reuse: readings shared per pair",
        lines,
        marked={"used" if n == 1 else "": lines[f"seed {n}"][default] for n in (1,)},
    )
    # Weighing wishes more never costs wishes, and weighing them less never costs company, by much.
    for line in lines.values():
        assert line[-1][0] > line[0][0]
        assert line[0][1] > line[-1][1]


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_a_withdrawal_moves_nobody_else(size):
    rows = [["seed", "CPU ms", "dropped", "added", "vacated", "no lived", "worst", "alone"]]
    for seed in SEEDS:
        data = instance(size, seed)
        problem, names = problem_of(data)
        share = share_out(problem)
        before = answer(problem, share, names)
        event = tool("generate").withdrawal(data, before["assignment"], seed)
        happened, pairs = read_event(event, names), share.pairs()

        def again(problem=problem, pairs=pairs, happened=happened):
            return share_out(after(problem, pairs, happened))

        seconds = middle(again, times=1 if size == "large" else 5)
        later = after(problem, pairs, happened)
        found = figures(data, answer(later, share_out(later), names), before, event)
        rows.append([seed, 1000 * seconds, found["dropped"], found["added"], found["vacated"],
                     found["no_lived_experience"], found["worst_share"],
                     found["alone"]])  # fmt: skip
        assert (found["hard"], found["lost_done"], found["dropped"]) == (0, 0, 0)
        assert found["added"] == found["vacated"]
    say(f"{size}: a withdrawal", rows)


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
        (20000, 60000),
    ):
        generate.SIZES["between"] = (people, bids, 11, max(5, people // 100))
        problem, _ = problem_of(generate.generate("between", 1), seconds=0)
        seconds = middle(share_out, problem, times=5 if bids <= 10000 else 1)
        rows.append([people, bids, seconds, 1e6 * seconds / (3 * bids)])
    say("time against size, without the search", rows)
    line = [(3 * bids, seconds) for _, bids, seconds, _ in rows[1:]]
    (small, quick), (large, slow) = line[0], line[-1]
    straight = [(places, slow * places / large) for places in (small, large)]
    line_chart(
        HERE / "docs" / "sharing-time.svg",
        "A first whole answer: time against size",
        "Places to fill (bids times three)",
        "CPU seconds",
        {"share-out": line, "straight line": straight},
        logarithmic=True,
    )
    # Time goes with places to this power; 1 is a straight line.
    power = log(slow / quick) / log(large / small)
    print(f"power {power:.2f}")
    assert power < 1.4


# Asked of a small program in between: a process that is started counts as its own also what the one
# that started it had in use.
PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_huge_stays_under_400_megabytes(tmp_path):
    given, made = tmp_path / "huge.json", tmp_path / "answer.json"
    given.write_text(json.dumps(instance("huge", 1)))
    command = [sys.executable, "-m", "panels.sharing", str(given), str(made)]
    peak = int(subprocess.check_output([sys.executable, "-c", PEAK, *command], cwd=HERE)) / 1024
    print(f"\nhuge, with the search, panels and reasons: {peak:.0f} MB")
    assert peak < 400
