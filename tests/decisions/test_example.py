"""The example round: real words by hand, played through the same rules as everybody's."""

from decimal import Decimal
from statistics import median
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from applications.models import Application
from applications.rules import told_no
from commissioning.models import Member, Programme, Round, Stage
from decisions.example import story
from decisions.example.play import STAGES
from decisions.example.words import bids, people, read
from decisions.models import Outcome, OutcomeKind
from ledger import guards
from ledger.checking import troubles
from ledger.models import Sending
from panels.models import Panel, ScoreSheet

RUN = 8
"""No two bids share as many words in a row as this."""


def text_of(bid: dict[str, Any]) -> str:
    return " ".join([bid["title"], bid["summary"], *bid["answers"].values()])


def test_there_are_46_bids_in_five_lots() -> None:
    per_lot: dict[str, int] = {}
    for lot, _slug, _bid in bids():
        per_lot[lot] = per_lot.get(lot, 0) + 1
    assert sorted(per_lot.values()) == [2, 5, 8, 12, 19]


def test_24_bids_or_more_are_full_ones() -> None:
    lengths = sorted((len(text_of(bid).split()) for _lot, _slug, bid in bids()), reverse=True)
    assert lengths[23] >= 700
    assert median(lengths[:24]) >= 700
    assert lengths[-1] >= 200


def test_no_two_bids_share_a_long_run_of_words() -> None:
    seen: dict[tuple[str, ...], str] = {}
    shared = []
    for _lot, slug, bid in bids():
        words = "".join(c if c.isalnum() else " " for c in text_of(bid).lower()).split()
        for start in range(len(words) - RUN + 1):
            run = tuple(words[start : start + RUN])
            if seen.setdefault(run, slug) != slug:
                shared.append((slug, seen[run], " ".join(run)))
    assert shared == []


def test_budgets_add_up_and_the_smallest_useful_sum_is_within_them() -> None:
    for _lot, slug, bid in bids():
        asked = sum(Decimal(line["asked"]) for line in bid["budget"])
        assert all(line["asked"] <= line["cost"] for line in bid["budget"]), slug
        assert 0 < bid["smallest_useful"] <= asked, slug


def test_the_cast_is_whole() -> None:
    assert len(people("volunteer")) == 30
    assert len(people("facilitator")) == 4
    assert len(people("board")) == 2
    assert sorted(story.PANELS) == sorted(lot["slug"] for lot in read("round")["lots"])
    seated = [slug for sitting in story.PANELS.values() for slug in sitting]
    assert sorted(seated) == sorted(row["slug"] for row in people("volunteer"))
    assert sum(lot["limit"] for lot in read("round")["lots"]) == 1_700_000


def test_words_for_each_criterion_are_for_bids_and_criteria_that_there_are() -> None:
    told = read("reasons")["by_criterion"]
    assert told.keys() <= {slug for _lot, slug, _bid in bids()} - story.NOT_ELIGIBLE.keys()
    assert {slug for words in told.values() for slug in words} <= set(story.CRITERIA)
    assert all(2 <= len(words) <= 3 for words in told.values())
    met = {slug for sitting in story.MEET.values() for slug in sitting}
    kinds = {story.GIVEN[slug].kind for slug in told.keys() & met}
    assert kinds == {"award", "less", "reserve", "no"}
    assert told.keys() - met, "some were not met"


BOTH_DATABASES = ("scoring", "letters")
"""The rest are loaded on one: a minute of playing tells nothing new about the other."""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "stage",
    [
        pytest.param(stage, marks=[] if stage in BOTH_DATABASES else pytest.mark.sqlite)
        for stage in STAGES
    ],
)
def test_load_example_at_each_stage(stage: str) -> None:
    call_command("load_example", stage=stage)
    round = Round.objects.get()
    kind = "scoring" if stage == "rest" else stage
    row = Stage.objects.get(round=round, kind=kind)
    assert row.opened_at is not None
    assert row.opened_at < timezone.now()
    assert (row.closed_at is not None) == (stage == "rest")
    assert Member.objects.count() == 30
    assert list(troubles()) == []
    assert guards.missing() == []
    assert not Sending.objects.filter(state=Sending.State.PENDING).exists()


@pytest.mark.django_db
def test_load_example_to_the_report_has_eleven_awards_within_the_money() -> None:
    call_command("load_example", stage="report")
    awards = Outcome.objects.standing().awards()
    assert awards.count() == 11
    assert sum(row.amount for row in awards) <= Round.objects.get().envelope
    assert Outcome.objects.standing().filter(kind=OutcomeKind.RESERVE).count() >= 1
    told = {row.kind for row in Outcome.objects.standing() if row.by_criterion}
    assert told == set(OutcomeKind.values)
    reads = {
        panel.name: Application.objects.filter(lot=panel.lot).count()
        for panel in Panel.objects.select_related("lot")
    }
    assert sorted(reads.values()) == [2, 5, 8, 12, 19]
    ruled_out = Application.objects.not_eligible()
    assert sorted(told_no(ruled_out)) == sorted(bid.pk for bid in ruled_out)
    assert ruled_out.count() == len(story.NOT_ELIGIBLE)
    assert ScoreSheet.objects.exclude(typed_by=None).exclude(confirmed_at=None).exists()


@pytest.mark.django_db
def test_load_example_goes_into_an_empty_database_only() -> None:
    Programme.objects.create(name="A real one", slug="real", funder="F", help_name="H")
    with pytest.raises(CommandError, match="empty one only"):
        call_command("load_example", stage="setup")
    assert Programme.objects.count() == 1


@pytest.mark.sqlite
@pytest.mark.django_db
def test_load_example_medium_makes_a_crowd() -> None:
    call_command("load_example", stage="scoring", size="medium")
    assert Member.objects.here().count() == 300
    assert Application.objects.sent().count() == 600
    assert list(troubles()) == []
