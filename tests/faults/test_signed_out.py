"""F14: the session ends while somebody types. Their words come back, to them alone, and once."""

import json
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from accounts.models import DraftKey, KeptWork, Person
from panels.models import ScoreDraft
from tests.factories.panels import Reading, reading_round
from tests.journeys.conftest import Newcomer
from tests.journeys.people import PATIENCE_MS, Reader

WORDS = "They asked at every door on our street."
STORED = "() => [Object.entries(localStorage), Object.entries(sessionStorage)]"


@pytest.fixture
def reading(joan: Person, harold: Person) -> Reading:
    return reading_round(joan, harold, bids=1)


@pytest.fixture
def here(reading: Reading, joan: Person) -> str:
    """The page where Joan writes why she gives her score."""
    row = reading.assignments(joan)[0]
    return reverse("score_criterion", args=[row.pk, reading.criteria[0].slug])


@pytest.fixture
def writer(newcomer: Newcomer, reading: Reading, joan: Person, here: str) -> Reader:
    """Joan at her own browser, on that page."""
    reader = newcomer("Joan Ibbotson", "joan@example.org")
    reader.signs_in()
    reader.go(reverse("read_bid", args=[reading.assignments(joan)[0].pk]))
    reader.press("Start reading")
    reader.go(here)
    return reader


def storage(reader: Reader) -> list[Any]:
    """All that this browser keeps for our pages, as one could read it on the disk."""
    found: list[Any] = reader.page.evaluate(STORED)
    return found


def drafts(reader: Reader) -> list[str]:
    return [name for name, _value in storage(reader)[0]]


def test_words_typed_after_the_session_ended_come_back_once(
    writer: Reader, here: str, joan: Person
) -> None:
    Session.objects.all().delete()
    writer.writes(WORDS)
    writer.waits_for("You have been signed out. Your words are kept on this page.")
    writer.forgives(401)
    writer.page.wait_for_function("() => localStorage.length === 1")
    assert not ScoreDraft.objects.exists()
    kept = json.dumps(storage(writer)) + json.dumps(writer.context.cookies())
    assert "door" not in kept and "street" not in kept, "no clear text in storage"
    assert DraftKey.objects.get(person=joan).key not in kept, "nor the key to it"
    writer.follow("Sign in again")
    writer.gets_code()
    assert writer.page.url.endswith(here)
    writer.finds_written("Why?", WORDS)
    writer.waits_for("Saved at")
    draft = ScoreDraft.objects.get()
    assert (draft.reason, draft.version) == (WORDS, 1)
    writer.page.wait_for_function("() => localStorage.length === 0")
    writer.go(here)
    writer.finds_written("Why?", WORDS)
    assert ScoreDraft.objects.get().version == 1, "saved once"


def test_somebody_else_at_the_same_computer_sees_none_of_it(
    writer: Reader, here: str, reading: Reading, harold: Person
) -> None:
    Session.objects.all().delete()
    writer.writes(WORDS)
    writer.page.wait_for_function("() => localStorage.length === 1")
    writer.forgives(401)
    mine = storage(writer)[0]
    writer.email = "harold@example.org"
    writer.signs_in()
    writer.go(here, answer=404)
    own = reading.assignments(harold)[0]
    writer.go(reverse("read_bid", args=[own.pk]))
    writer.press("Start reading")
    writer.go(reverse("score_criterion", args=[own.pk, reading.criteria[0].slug]))
    writer.finds_written("Why?", "")
    writer.does_not_see(WORDS)
    opened = "async (name) => JSON.stringify(await globalThis.drafts.open(name))"
    assert writer.page.evaluate(opened, mine[0][0]) == "null", "his key does not open it"
    writer.signs_out()
    assert not ScoreDraft.objects.exists()
    assert storage(writer)[0] == mine, "and his leaving does not throw it away"
    writer.email = "joan@example.org"
    writer.signs_in()
    # Any page of hers sends it; none has to be looked for.
    writer.page.wait_for_function("() => localStorage.length === 0", timeout=PATIENCE_MS)
    assert ScoreDraft.objects.get().reason == WORDS
    assert ScoreDraft.objects.get().version == 1


def test_words_meet_a_record_that_has_moved_on(writer: Reader, here: str, joan: Person) -> None:
    Session.objects.all().delete()
    writer.writes(WORDS)
    writer.page.wait_for_function("() => localStorage.length === 1")
    writer.forgives(401)
    assignment = ScoreDraft._meta.get_field("assignment").related_model.objects.get(
        pk=here.split("/")[3], member__person=joan
    )
    criterion = reading_criterion(assignment)
    ScoreDraft.objects.create(
        assignment=assignment,
        criterion=criterion,
        reason="Typed at the library.",
        saved_at=assignment.started_at,
        saved_by=joan,
    )
    writer.follow("Sign in again")
    writer.gets_code()
    writer.waits_for("This was changed somewhere else. Nothing is lost.")
    writer.sees("Typed at the library.")
    writer.finds_written("Why?", WORDS)
    assert ScoreDraft.objects.get().reason == "Typed at the library.", "nothing is overwritten"
    writer.page.get_by_role("button", name="Keep what I have here").click()
    writer.waits_for("Saved at")
    writer.press("Save and go on")
    assert ScoreDraft.objects.get().reason == WORDS
    writer.page.wait_for_function("() => localStorage.length === 0")


def reading_criterion(assignment: Any) -> Any:
    """The first criterion of the round an assignment belongs to."""
    from commissioning.models import Criterion

    return Criterion.objects.agreed_for(assignment.application.round)[0]


def test_signing_out_saves_first_and_then_forgets(writer: Reader, joan: Person) -> None:
    writer.writes(WORDS)
    writer.signs_out()
    assert ScoreDraft.objects.get().reason == WORDS
    assert drafts(writer) == []


def test_signing_out_with_words_that_cannot_be_saved_asks_once(
    writer: Reader, here: str, reading: Reading
) -> None:
    writer.context.route("**/score/**", lambda route: route.abort())
    writer.writes(WORDS)
    writer.waits_for("Not sent yet. Kept safe on this page.")
    writer.page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    writer.page.get_by_text("Press Sign out again to leave without them.").wait_for()
    assert writer.page.url.endswith(here)
    writer.faults.clear()
    assert len(drafts(writer)) == 1
    writer.signs_out()
    writer.faults.clear()
    assert drafts(writer) == []
    assert not ScoreDraft.objects.exists()


def test_a_button_pressed_while_the_line_is_down_leaves_the_page_as_it_is(
    writer: Reader, here: str
) -> None:
    writer.context.set_offline(True)
    writer.writes(WORDS)
    writer.page.get_by_role("button", name="Save and go on").click()
    writer.waits_for("Not sent yet. Kept safe on this page.")
    assert writer.page.url.endswith(here)
    writer.faults.clear()
    writer.context.set_offline(False)
    writer.waits_for("Saved at")
    writer.press("Save and go on")
    assert not writer.page.url.endswith(here)
    assert ScoreDraft.objects.get().reason == WORDS


def test_nothing_is_kept_in_the_browser_while_saving_works(writer: Reader, here: str) -> None:
    writer.writes(WORDS)
    writer.waits_for("Saved at")
    assert storage(writer) == [[], []]


def test_without_webcrypto_there_is_no_draft_and_saving_works(
    newcomer: Newcomer, reading: Reading, joan: Person, here: str
) -> None:
    """A site reached without https has no WebCrypto in the browser."""
    reader = newcomer("Joan Ibbotson", "joan@example.org")
    reader.context.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    reader.signs_in()
    reader.go(reverse("read_bid", args=[reading.assignments(joan)[0].pk]))
    reader.press("Start reading")
    reader.go(here)
    reader.writes("Saved the plain way.")
    reader.waits_for("Saved at")
    Session.objects.all().delete()
    reader.writes(WORDS)
    reader.waits_for("You have been signed out.")
    reader.forgives(401)
    assert storage(reader) == [[], []]
    # The button still keeps it: put aside on the server for its writer.
    reader.press("Save and go on", answer=401)
    reader.forgives(401)
    assert KeptWork.objects.get().fields["reason"] == [WORDS]


def test_without_javascript_the_words_come_back_after_signing_in(
    newcomer: Newcomer, reading: Reading, joan: Person, here: str
) -> None:
    reader = newcomer("Joan Ibbotson", "joan@example.org", javascript=False)
    reader.signs_in()
    reader.go(reverse("read_bid", args=[reading.assignments(joan)[0].pk]))
    reader.press("Start reading")
    reader.go(here)
    reader.writes(WORDS)
    Session.objects.all().delete()
    reader.press("Save and go on", answer=401)
    reader.sees("Nothing is lost.")
    assert not ScoreDraft.objects.exists()
    reader.follow("Sign in again")
    reader.gets_code()
    reader.sees(WORDS)
    reader.press("Put my words back")
    draft = ScoreDraft.objects.get()
    assert (draft.reason, draft.version) == (WORDS, 1)
