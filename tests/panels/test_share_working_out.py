"""Asking for a proposal: one at a time, taken up once, taken up again when its worker is killed."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from panels import actions
from panels.actions import working_out
from panels.models import Assignment, ShareRequest, ShareRun
from panels.tasks import held, share_out_asked
from tests.conftest import Cast, Once
from tests.factories.commissioning import close
from tests.factories.panels import Reading, declare_all, sharing_round

pytestmark = pytest.mark.django_db
Stage = ShareRequest.Stage


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    def build(cast: Cast) -> Reading:
        reading = sharing_round(cast.joan, by=cast.sam, readers_per_bid=3)
        declare_all(reading)
        return reading

    return once(build)


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    return deepcopy(begun)


def ask(reading: Reading) -> ShareRequest:
    return actions.ask_for_sharing(round=reading.round, by=reading.by, at=timezone.now())


def take_up(seconds: int = 0) -> ShareRequest | None:
    return actions.take_up_sharing(now=timezone.now() + timedelta(seconds=seconds))


def work(request: ShareRequest) -> ShareRun | None:
    return actions.work_out_sharing(request=request, by=request.asked_by, at=timezone.now())


# ---- Asking ---------------------------------------------------------------------------------
def test_ask_for_sharing_twice_is_one_request(reading: Reading) -> None:
    assert ask(reading) == ask(reading)
    with pytest.raises(IntegrityError), transaction.atomic():
        ShareRequest.objects.create(
            round=reading.round, asked_at=timezone.now(), asked_by=reading.by
        )
    share_out_asked()
    assert ShareRun.objects.count() == 1
    assert ask(reading).stage == Stage.WAITING, "asked again after it is done, it is done again"


def test_ask_for_sharing_is_refused_to_a_volunteer(reading: Reading, joan: Person) -> None:
    with pytest.raises(Refused, match="Your role here"):
        actions.ask_for_sharing(round=reading.round, by=joan, at=timezone.now())


# ---- Working --------------------------------------------------------------------------------
def test_share_out_asked_keeps_a_proposal_by_whoever_asked(reading: Reading) -> None:
    request = ask(reading)
    assert share_out_asked() == 1
    request.refresh_from_db()
    run = ShareRun.objects.get()
    assert (request.stage, request.run, request.people, request.bids) == (Stage.DONE, run, 4, 3)
    assert run.proposed_by == reading.by
    assert reading.round.chain.entries.filter(verb="sharing_proposed").count() == 1
    assert not Assignment.objects.exists()
    assert share_out_asked() == 0


def test_a_worker_gives_what_the_same_sum_gives_at_once(reading: Reading) -> None:
    ask(reading)
    share_out_asked()
    at_once = actions.propose_sharing(round=reading.round, by=reading.by, at=timezone.now())
    assert at_once.answer == ShareRun.objects.get(request__isnull=False).answer


def test_take_up_sharing_gives_it_to_one_worker(reading: Reading) -> None:
    ask(reading)
    assert take_up() is not None
    assert take_up() is None


def test_a_killed_worker_leaves_the_request_to_the_next(reading: Reading) -> None:
    """The first worker stops dead between claiming and writing; nothing of it is left."""
    ask(reading)
    first = take_up()
    second = take_up(seconds=60)
    assert first is not None
    assert second is not None
    assert second.tries == 2
    run = work(second)
    # The first was not dead, only slow: what it brings now is not kept, and does no harm.
    assert work(first) is None
    assert list(ShareRun.objects.all()) == [run]
    assert reading.round.chain.entries.filter(verb="sharing_proposed").count() == 1


def test_a_worker_overtaken_at_the_last_moment_writes_nothing(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(reading)
    slow = take_up()
    keep = working_out._keep

    def overtaken(*args: Any, **facts: Any) -> ShareRun:
        ShareRequest.objects.update(tries=2)
        return keep(*args, **facts)

    monkeypatch.setattr(working_out, "_keep", overtaken)
    assert slow is not None
    assert work(slow) is None
    assert not ShareRun.objects.exists()
    assert not reading.round.chain.entries.filter(verb="sharing_proposed").exists()


def test_held_keeps_others_away_while_the_work_lasts(reading: Reading) -> None:
    ask(reading)
    request = take_up()
    assert request is not None
    with held(request):
        assert actions.hold_sharing(request=request, now=timezone.now() + timedelta(minutes=2))
    assert take_up(seconds=120) is None
    assert take_up(seconds=240) is not None
    assert not actions.hold_sharing(request=request, now=timezone.now()), "another has it now"


def test_a_request_that_stops_each_worker_ends_with_a_sentence(reading: Reading) -> None:
    ask(reading)
    for seconds in (0, 60, 120):
        take_up(seconds)
    last = take_up(seconds=180)
    assert last is not None
    assert work(last) is None
    last.refresh_from_db()
    assert (last.stage, last.run) == (Stage.FAILED, None)
    assert "stopped each time" in last.sentence


def test_what_cannot_be_done_any_more_is_said_on_the_page(
    client: Client, reading: Reading, sam: Person
) -> None:
    ask(reading)
    close(reading.round.stages.get(kind="sharing"), by=sam)
    share_out_asked()
    assert not ShareRun.objects.exists()
    client.force_login(sam)
    page = client.get(reverse("sharing_detail", args=[reading.round.slug])).content.decode()
    sentence = ShareRequest.objects.get().sentence
    assert "Sharing out" in sentence
    assert sentence in page.replace("&#x27;", "'")


def test_a_fault_is_kept_from_the_reader_and_told_in_plain_words(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_args: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    ask(reading)
    monkeypatch.setattr(working_out, "work_out", breaks)
    share_out_asked()
    sentence = ShareRequest.objects.get().sentence
    assert "Nothing was changed" in sentence
    assert "fault of ours" not in sentence


# ---- Pages ----------------------------------------------------------------------------------
def test_sharing_progress_tells_each_stage_as_it_is(
    client: Client, reading: Reading, sam: Person
) -> None:
    client.force_login(sam)
    here = reverse("sharing_progress", args=[reading.round.slug])
    assert client.get(here).url == reverse("sharing_detail", args=[reading.round.slug])
    for _twice in range(2):
        assert client.post(reverse("propose_sharing", args=[reading.round.slug])).url == here
    assert ShareRequest.objects.count() == 1
    answer = client.get(here)
    assert answer.headers["Refresh"].isdigit()
    assert "<script" not in answer.content.decode().split("<main")[1]
    request = take_up()
    assert request is not None
    told = []
    for stage in (Stage.GATHERING, Stage.SHARING, Stage.HELPING, Stage.WRITING):
        ShareRequest.objects.update(stage=stage, people=4, bids=3)
        page = client.get(here).content.decode()
        assert "It looks at 4 people and 3 bids." in page
        told.append(page.count("Done"))
    assert told == [1, 2, 3, 4]
    page = client.get(reverse("sharing_detail", args=[reading.round.slug])).content.decode()
    assert "A proposal is being worked out now." in page
    assert reverse("propose_sharing", args=[reading.round.slug]) not in page


def test_sharing_progress_says_when_nothing_begins_or_it_broke_off(
    client: Client, reading: Reading, sam: Person
) -> None:
    ask(reading)
    client.force_login(sam)
    here = reverse("sharing_progress", args=[reading.round.slug])
    ShareRequest.objects.update(asked_at=timezone.now() - timedelta(minutes=5))
    assert "Nothing has begun yet." in client.get(here).content.decode()
    ShareRequest.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert "It was broken off." in client.get(here).content.decode()


@pytest.mark.parametrize("who", ["outsider", "joan", "amina", "margaret", "administrator"])
def test_sharing_progress_is_not_there_for_others(
    client: Client, reading: Reading, who: str, request: pytest.FixtureRequest
) -> None:
    ask(reading)
    client.force_login(request.getfixturevalue(who))
    here = reverse("sharing_progress", args=[reading.round.slug])
    assert client.get(here).status_code == 404
