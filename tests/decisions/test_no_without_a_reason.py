"""A "no" without its reason is kept nowhere: the database itself refuses it.

That each action refuses it first, in a sentence, stands with the tests of that action.
"""

from collections.abc import Callable
from copy import copy, deepcopy
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from applications.models import Correction, Eligibility
from commissioning.models import FunderRule
from decisions.models import CheckKind, Complaint, DueDiligence, Outcome, Ratification
from panels.models import Shortlisting
from tests.factories import decisions as build
from tests.factories.unguarded import unguarded

pytestmark = pytest.mark.django_db


def begin(cast: Any) -> build.Deciding:
    deciding = build.deciding_round(
        cast.joan, cast.harold, cast.priya, by=cast.sam, bids=4, not_met=1
    )
    build.decided(deciding)
    return deciding


@pytest.fixture(scope="module")
def begun(once):
    return once(begin)


@pytest.fixture
def deciding(begun, db):
    return deepcopy(begun)


def a_no(deciding: build.Deciding) -> Outcome:
    return Outcome.objects.get(decision__panel=deciding.panel, kind="no")


def not_met(deciding: build.Deciding) -> Shortlisting:
    return Shortlisting.objects.get(panel=deciding.panel, outcome="no")


def not_eligible(deciding: build.Deciding, **facts: Any) -> Eligibility:
    return Eligibility(
        application=deciding.bids[0],
        eligible=False,
        rule=FunderRule.objects.create(round=deciding.round, text="The work is in Leeds."),
        reason="It is in York.",
        decided_at=timezone.now(),
        decided_by=deciding.staff,
    )


def wish_refused(deciding: build.Deciding) -> Correction:
    now, by = timezone.now(), deciding.staff
    return Correction(
        application=deciding.bids[0], kind="wished", part="title", words="A letter is missing.",
        asked_at=now, asked_by=by, value="Teas", answered_at=now, answered_by=by,
        granted=False, reason="It says what was read.", settled_at=now, settled_by=by,
    )  # fmt: skip


def check_failed(deciding: build.Deciding) -> DueDiligence:
    outcome = Outcome.objects.awards().filter(decision__panel=deciding.panel)[0]
    return DueDiligence(
        outcome=outcome, kind=CheckKind.BANK, passed=False, words="It is in one name.",
        checked_at=timezone.now(), checked_by=deciding.staff,
    )  # fmt: skip


def hold(deciding: build.Deciding) -> Ratification:
    return Ratification(
        decision=a_no(deciding).decision, kind="hold", reason="The law says we may not.",
        made_at=timezone.now(), made_by=deciding.staff,
    )  # fmt: skip


def complaint_answered(deciding: build.Deciding) -> Complaint:
    now, by = timezone.now(), deciding.staff
    return Complaint(
        application=deciding.bids[0], text="We had less time.", hear_on=now.date(),
        answer_on=now.date(), made_at=now, made_by=by, taken_at=now, taken_by=by,
        outcome="right", words="You had the same.", answered_at=now, answered_by=by,
    )  # fmt: skip


# How each "no" is made, what it must not lack, and what the database calls that.
EVERY: dict[str, tuple[Callable[[build.Deciding], models.Model], dict[str, Any], str]] = {
    "a bid gets nothing": (a_no, {"reason": ""}, "outcome_has_a_reason"),
    "a bid gets nothing, for no criterion": (a_no, {"criterion_id": None}, "criterion_id"),
    "a bid is not met": (not_met, {"reason": ""}, "shortlisting_no_has_reason"),
    "a bid is not met, for no criterion": (
        not_met,
        {"criterion_id": None},
        "shortlisting_no_has_reason",
    ),
    "a bid is not eligible": (not_eligible, {"reason": ""}, "not_eligible_has_rule_and_reason"),
    "a bid is not eligible, by no rule": (
        not_eligible,
        {"rule_id": None},
        "not_eligible_has_rule_and_reason",
    ),
    "a wish is refused": (wish_refused, {"reason": ""}, "correction_settled_has_reason"),
    "a check failed": (check_failed, {"words": ""}, "failed_check_says_why"),
    "a decision is held": (hold, {"reason": ""}, "hold_has_a_reason"),
    "a complaint is answered": (complaint_answered, {"words": ""}, "complaint_answer_says_why"),
}


@pytest.mark.parametrize("what", EVERY)
def test_the_database_keeps_no_such_row(deciding: build.Deciding, what: str) -> None:
    make, lacking, called = EVERY[what]
    row = copy(make(deciding))
    row.pk = None
    for name, value in lacking.items():
        assert getattr(row, name) not in ("", None), "the row has what the test takes from it"
        setattr(row, name, value)
    with unguarded(), pytest.raises(IntegrityError, match=called), transaction.atomic():
        type(row).objects.bulk_create([row])
