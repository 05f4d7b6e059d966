"""Bids out of a file in the browser: looked at line by line first, then brought in by a worker,
each exactly once."""

import csv
import io
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from applications.models import Answer, Application, BidVersion
from commissioning.models import Lot, Member
from decisions import actions
from decisions.actions import errands
from decisions.models import Errand
from decisions.tasks import do_errands
from ledger.checking import troubles
from ledger.models import Entry
from panels.models import Score, Seat
from tests.conftest import Cast, Once
from tests.factories.applications import make_open_round
from tests.factories.commissioning import close

pytestmark = pytest.mark.django_db
Stage = Errand.Stage
HEADER = ["outside_id", "organisation", "title", "asked", "charity_number", "answer_need"]
ESSAY = "A long line of words, on and on. " * 120
"""About 3,900 letters."""


@pytest.fixture(scope="module")
def begun(once: Once[Lot]) -> Lot:
    """A round that is open for bids."""

    def make(cast: Cast) -> Lot:
        return make_open_round(by=cast.sam).lots.select_related("round__chain").get()

    return once(make)


@pytest.fixture
def lot(begun: Lot, db: None, settings: Any, tmp_path: Path) -> Lot:
    settings.MEDIA_ROOT = tmp_path
    return deepcopy(begun)


def row(number: int, **more: str) -> list[str]:
    cells = {
        "outside_id": f"B{number}",
        "organisation": f"Tea and Talk {number % 3}",
        "title": f"Tea {number}",
        "asked": "1000",
        "charity_number": "",
        "answer_need": "",
    }
    return list((cells | more).values())


def table(*rows: list[str], header: list[str] = HEADER) -> bytes:
    held = io.StringIO()
    csv.writer(held).writerows([header, *rows])
    return held.getvalue().encode()


def look_at(lot: Lot, by: Person, data: bytes, mapping: str = "") -> Errand:
    upload = SimpleUploadedFile("bids.csv", data)
    errand = actions.ask_for_look(lot=lot, upload=upload, mapping=mapping, by=by, at=timezone.now())
    do_errands()
    return Errand.objects.get(pk=errand.pk)


def ask(look: Errand, by: Person, *, leave_out: bool = False) -> Errand:
    return actions.ask_for_import(look=look, leave_out=leave_out, by=by, at=timezone.now())


def take_up(seconds: int = 0) -> Errand:
    found = actions.take_up_errand(now=timezone.now() + timedelta(seconds=seconds))
    assert found is not None
    return found


def work(errand: Errand) -> Errand:
    actions.do_errand(errand=errand, by=errand.asked_by, at=timezone.now())
    return Errand.objects.get(pk=errand.pk)


def in_the_round(lot: Lot) -> list[str]:
    found = Application.objects.filter(round=lot.round).order_by("pk")
    return list(found.values_list("outside_id", flat=True))


# ---- Looking --------------------------------------------------------------------------------
def test_a_look_accounts_for_every_line_and_brings_in_nothing(lot: Lot, sam: Person) -> None:
    """Wrong numbers, formulas, odd signs, half a row, twins, a long text, an odd register number:
    every line of the file is new, here, different, or in trouble, and those are told one by one."""
    first = look_at(lot, sam, table(row(1), row(2)))
    ask(first, sam)
    do_errands()
    data = table(
        row(1),
        row(2, title="Cake"),
        row(3, asked="lots"),
        row(4, asked="1.005"),
        row(5, asked="=A1+1", title='=LINK("x")'),
        row(6, title="Caf\ufffd"),
        ["B7", "half", "a row"],
        [""] * len(HEADER),
        row(8, answer_need=ESSAY + "\r\n" + ESSAY),
        row(9, asked="£1,250.50", charity_number="SC 12-odd"),
        row(9),
        row(10, outside_id=""),
        row(11, title="x" * 161),
    )
    look = look_at(lot, sam, data)
    told = look.told
    assert look.stage == Stage.DONE
    assert [told[name] for name in ("new", "same", "differing", "in_trouble")] == [2, 1, 1, 8]
    lines = [line for line in csv.reader(io.StringIO(data.decode())) if any(line)]
    assert look.made == len(lines) - 1 == 12
    assert {line for line, _sentence in told["troubles"]} == {4, 5, 6, 7, 8, 13, 14, 15}
    assert told["differ"] == [[3, "GC-002", "title"]]
    [[line, sentence]] = told["odd_numbers"]
    assert line == 12
    assert "“charity_number” is “SC 12-odd”." in sentence
    assert told["odd"] == 1
    assert in_the_round(lot) == ["B1", "B2"]


def test_an_odd_register_number_is_told_and_comes_in_as_it_is(
    client: Client, lot: Lot, sam: Person
) -> None:
    look = look_at(lot, sam, table(row(1, charity_number="SC12345")))
    client.force_login(sam)
    page = client.get(reverse("bring_in_bids", args=[look.pk])).text
    assert "1 register number looks odd. It comes in as it is." in page
    assert "Perhaps it should be SC012345." in page
    ask(look, sam)
    do_errands()
    assert Application.objects.get().organisation.charity_number == "SC12345"


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_each_encoding_comes_in_as_it_was_written(lot: Lot, sam: Person, code: str) -> None:
    text = table(row(1, organisation="Café Olé’s £5 club", answer_need=ESSAY)).decode()
    ask(look_at(lot, sam, text.encode(code)), sam)
    do_errands()
    bid = Application.objects.get()
    assert bid.organisation.name == "Café Olé’s £5 club"
    assert Answer.objects.get(application=bid).text == ESSAY.strip()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b" \n ", "The file is empty."),
        (b"title,asked\nx,1\n", "no column called: outside_id, organisation"),
        (table(row(1)) + b'"never closed', "not a proper CSV near line"),
        (b"\x00\x01\x02\xff" * 40, "no column called"),
        (table(row(1)).decode().encode("utf-16")[:-1], "The file breaks off"),
        (table([*row(1), "B"], header=[*HEADER, "title"]), "more than one column called: title"),
    ],
)
def test_what_is_no_table_is_told_in_plain_words(
    client: Client, lot: Lot, sam: Person, data: bytes, sentence: str
) -> None:
    look = look_at(lot, sam, data)
    assert look.stage == Stage.FAILED
    assert sentence in look.sentence
    client.force_login(sam)
    page = client.get(reverse("bring_in_bids", args=[look.pk]))
    assert "It could not be read." in page.text
    assert "Bring them in" not in page.text
    with pytest.raises(Refused, match="not kept any more"):
        ask(look, sam)


def test_a_bid_that_came_late_stays_out_and_is_told(lot: Lot, sam: Person) -> None:
    stage = lot.round.stages.get(kind="open")
    today = timezone.localdate()
    stage.opens_on, stage.closes_on = today - timedelta(days=40), today - timedelta(days=9)
    stage.save()
    header = [*HEADER, "received"]
    rows = [[*row(1), str(stage.closes_on)], [*row(2), str(today)], [*row(3), ""]]
    look = look_at(lot, sam, table(*rows, header=header))
    assert (look.told["new"], look.told["in_trouble"], look.made) == (1, 2, 3)
    assert [line for line, _sentence in look.told["troubles"]] == [3, 4]
    with pytest.raises(Refused, match="Some lines are in trouble"):
        ask(look, sam)
    ask(look, sam, leave_out=True)
    do_errands()
    assert in_the_round(lot) == ["B1"]


def test_a_file_looked_at_in_time_and_brought_in_late_is_told(lot: Lot, sam: Person) -> None:
    look = look_at(lot, sam, table(row(1)))
    assert (look.told["new"], look.told["in_trouble"]) == (1, 0)
    asked = ask(look, sam)
    stage = lot.round.stages.get(kind="open")
    stage.closes_on = timezone.localdate() - timedelta(days=1)
    stage.opens_on = stage.closes_on - timedelta(days=20)
    stage.save()
    do_errands()
    asked.refresh_from_db()
    assert asked.stage == Stage.FAILED
    assert "The time for bids has ended since" in asked.sentence
    assert in_the_round(lot) == []


def test_a_mapping_says_which_column_is_what(lot: Lot, sam: Person) -> None:
    mapping = (
        '[fields]\noutside_id = "a"\norganisation = "b"\ntitle = "c"\nasked = "d"\n'
        '[[extras]]\ncolumn = "e"\nlabel = "When"\nkind = "date"\n'
    )
    look = look_at(lot, sam, b"a,b,c,d,e\n1,Tea,Talk,5,2013-09\n2,Tea,Walk,5,2013-99\n", mapping)
    assert (look.told["new"], look.told["in_trouble"]) == (1, 1)
    ask(look, sam, leave_out=True)
    do_errands()
    answers = BidVersion.objects.get().content["answers"]
    assert [row["text"] for row in answers if row["label"] == "When"] == ["September 2013"]


def test_very_many_lines_in_trouble_are_counted_and_the_first_are_listed(
    lot: Lot, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "MOST_LISTED", 3)
    look = look_at(lot, sam, table(*(row(number, asked="oops") for number in range(1, 8))))
    assert (look.told["in_trouble"], len(look.told["troubles"])) == (7, 3)


# ---- Bringing in ----------------------------------------------------------------------------
def test_do_errands_brings_in_each_bid_once_by_whoever_asked(lot: Lot, sam: Person) -> None:
    counts = [model._default_manager.count() for model in (Score, Seat, Member)]
    look = look_at(lot, sam, table(*(row(number) for number in range(1, 41))))
    errand = ask(look, sam)
    assert (errand.of, ask(look, sam)) == (40, errand)
    do_errands()
    errand.refresh_from_db()
    assert (errand.stage, errand.made, errand.of) == (Stage.DONE, 40, 40)
    assert in_the_round(lot) == [f"B{number}" for number in range(1, 41)]
    references = Application.objects.order_by("pk").values_list("reference", flat=True)
    assert list(references) == [f"GC-{number:03}" for number in range(1, 41)]
    bid = Application.objects.get(outside_id="B1")
    assert (bid.came_by, bid.submitted_by, bid.declared_true) == ("import", sam, False)
    entries = Entry.objects.filter(verb="applications_imported").order_by("pk")
    assert [(entry.by, entry.data["made"]) for entry in entries] == [(sam, 25), (sam, 15)]
    assert not list(troubles())
    assert [model._default_manager.count() for model in (Score, Seat, Member)] == counts
    look.round.refresh_from_db()
    again = look_at(lot, sam, table(*(row(number) for number in range(1, 41))))
    assert (again.told["new"], again.told["same"]) == (0, 40)
    with pytest.raises(Refused, match="no new bid"):
        ask(again, sam)


def test_one_line_in_trouble_stops_the_whole_unless_it_is_left_out(lot: Lot, sam: Person) -> None:
    look = look_at(lot, sam, table(row(1), row(2, asked="oops"), row(3)))
    with pytest.raises(Refused, match="Some lines are in trouble"):
        ask(look, sam)
    assert in_the_round(lot) == []
    ask(look, sam, leave_out=True)
    do_errands()
    assert in_the_round(lot) == ["B1", "B3"]


def test_bids_are_brought_in_once_though_the_worker_was_killed(
    lot: Lot, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between two handfuls, and in the middle of one: nothing is there twice, nothing is
    left out, and the count is true all along."""
    monkeypatch.setattr(errands, "BIDS_AT_ONCE", 2)
    ask(look_at(lot, sam, table(*(row(number) for number in range(1, 8)))), sam)
    bring, turns = errands.import_bids, iter(range(99))

    def killed(**facts: Any) -> Any:
        turn = next(turns)
        if turn == 1:
            raise SystemExit
        done = bring(**facts)
        if turn == 3:
            raise SystemExit
        return done

    monkeypatch.setattr(errands, "import_bids", killed)
    for seconds, there in ((0, 2), (60, 4)):
        with pytest.raises(SystemExit):
            work(take_up(seconds))
        errand = Errand.objects.get(kind="import")
        assert (errand.stage, errand.made, len(in_the_round(lot))) == (Stage.WORKING, there, there)
    last = work(take_up(seconds=120))
    assert (last.stage, last.tries, last.made, last.of) == (Stage.DONE, 3, 7, 7)
    assert in_the_round(lot) == [f"B{number}" for number in range(1, 8)]
    made = [row.data["made"] for row in Entry.objects.filter(verb="applications_imported")]
    assert sorted(made) == [1, 2, 2, 2]
    assert not list(troubles())


def test_a_worker_overtaken_brings_in_nothing(lot: Lot, sam: Person) -> None:
    ask(look_at(lot, sam, table(row(1), row(2))), sam)
    slow, quick = take_up(), take_up(seconds=60)
    work(slow)
    assert in_the_round(lot) == []
    assert work(quick).stage == Stage.DONE
    assert work(slow).made == len(in_the_round(lot)) == 2


def test_stop_errand_between_two_handfuls_keeps_what_came_in(
    client: Client, lot: Lot, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = look_at(lot, sam, table(*(row(number) for number in range(1, 6))))
    errand = ask(look, sam)
    monkeypatch.setattr(errands, "BIDS_AT_ONCE", 2)
    handful, turns = errands._some_bids, iter(range(9))

    def stopped(*which: Any, **facts: Any) -> None:
        if next(turns) == 1:
            actions.stop_errand(errand=errand, by=sam, at=timezone.now())
        handful(*which, **facts)

    with monkeypatch.context() as patched:
        patched.setattr(errands, "_some_bids", stopped)
        errand = work(take_up())
    assert (errand.stage, errand.made, errand.stopped_by) == (Stage.STOPPED, 2, sam)
    assert in_the_round(lot) == ["B1", "B2"]
    client.force_login(sam)
    page = client.get(reverse("bring_in_bids", args=[look.pk]))
    assert "2 bids came in from this file." in page.text
    assert "Bring in 3 bids." in page.text
    ask(look, sam)
    do_errands()
    assert in_the_round(lot) == [f"B{number}" for number in range(1, 6)]


def test_the_end_of_the_call_stops_an_import_with_a_sentence(lot: Lot, sam: Person) -> None:
    look = look_at(lot, sam, table(row(1)))
    errand = ask(look, sam)
    close(lot.round.stages.get(kind="open"), by=sam)
    do_errands()
    errand.refresh_from_db()
    assert errand.stage == Stage.FAILED
    assert "closed on" in errand.sentence
    assert in_the_round(lot) == []
    with pytest.raises(Refused, match="closed on"):
        ask(look, sam)
    with pytest.raises(Refused, match="closed on"):
        look_at(lot, sam, table(row(1)))


def test_another_file_under_the_same_name_is_not_brought_in(lot: Lot, sam: Person) -> None:
    look = look_at(lot, sam, table(row(1)))
    errand = ask(look, sam)
    Path(look.kept.path).write_bytes(table(row(1), row(2)))
    do_errands()
    errand.refresh_from_db()
    assert "not the file that was looked at" in errand.sentence
    assert in_the_round(lot) == []


# ---- The file -------------------------------------------------------------------------------
def test_clear_old_files_takes_the_file_and_what_it_said(
    client: Client, lot: Lot, sam: Person, tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    look = look_at(lot, sam, table(row(1), row(2, asked="oops")))
    assert look.done_at
    late = look.done_at + errands.KEPT_FOR + timedelta(hours=1)
    errand = ask(look, sam, leave_out=True)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.clear_old_files(by=sam, at=late) == 0, "it is still wanted"
    do_errands()
    Errand.objects.filter(pk=errand.pk).update(done_at=late)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.clear_old_files(by=sam, at=late) == 1
    look.refresh_from_db()
    assert (bool(look.kept), look.told) == (False, {})
    assert list((tmp_path / "errands").iterdir()) == []
    client.force_login(sam)
    page = client.get(reverse("bring_in_bids", args=[look.pk]))
    assert "This file is not kept any more." in page.text
    assert in_the_round(lot) == ["B1"], "what came in stays"


def test_a_look_that_cannot_be_written_down_leaves_no_file(
    lot: Lot, sam: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(**_facts: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Errand.objects, "create", breaks)
    upload = SimpleUploadedFile("bids.csv", table(row(1)))
    with pytest.raises(ZeroDivisionError):
        actions.ask_for_look(lot=lot, upload=upload, mapping="", by=sam, at=timezone.now())
    assert list((tmp_path / "errands").iterdir()) == []


def test_one_import_of_a_file_at_a_time_in_the_database_too(lot: Lot, sam: Person) -> None:
    errand = ask(look_at(lot, sam, table(row(1))), sam)
    errand.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        errand.save(force_insert=True)


# ---- Pages ----------------------------------------------------------------------------------
def test_import_bids_and_bring_in_bids_from_the_file_to_the_bids(
    client: Client, lot: Lot, sam: Person
) -> None:
    client.force_login(sam)
    page = reverse("import_bids", args=[lot.round.slug])
    assert page in client.get(reverse("bid_list", args=[lot.round.slug])).text
    assert "Look at this file" in client.get(page).text
    data = table(row(1), row(2), row(3, asked="oops"))
    sent = {"lot": str(lot.pk), "file": SimpleUploadedFile("bids.csv", data)}
    here = client.post(page, sent).url
    look = Errand.objects.get()
    assert here == reverse("errand_progress", args=[look.pk])
    Errand.objects.update(stage=Stage.WORKING)
    waiting = client.get(here)
    assert "The file is being read." in waiting.text
    assert waiting.headers["Refresh"].isdigit()
    Errand.objects.update(stage=Stage.WAITING)
    do_errands()
    shown = client.get(here, follow=True)
    told = reverse("bring_in_bids", args=[look.pk])
    assert shown.redirect_chain == [(told, 302)]
    for words in ("3 lines were read.", "2 bids are new.", "1 line is in trouble.", "“oops”"):
        assert words in shown.text
    assert in_the_round(lot) == []
    assert client.post(told, {}).status_code == 422
    there = client.post(told, {"sure": "on"}).url
    errand = Errand.objects.get(kind="import")
    assert there == reverse("errand_progress", args=[errand.pk])
    assert "0 of 2 bids brought in." in client.get(there).text
    Errand.objects.filter(pk=errand.pk).update(stage=Stage.WORKING, made=1)
    assert "1 of 2 bids brought in." in client.get(there).text
    assert "Bids are coming in now." in client.get(told).text
    Errand.objects.filter(pk=errand.pk).update(stage=Stage.WAITING, made=0)
    do_errands()
    done = client.get(there)
    assert "2 bids are in." in done.text
    assert "1 line in trouble was left out." in done.text
    assert reverse("bid_list", args=[lot.round.slug]) in done.text
    assert "Nothing is left to bring in." in client.get(told).text


def test_import_bids_says_what_is_missing_and_keeps_nothing(
    client: Client, lot: Lot, sam: Person, settings: Any
) -> None:
    client.force_login(sam)
    page = reverse("import_bids", args=[lot.round.slug])
    assert client.post(page, {}).status_code == 422
    good = table(row(1))

    def sent(data: bytes, mapping: bytes = b"") -> str:
        facts: dict[str, Any] = {"lot": str(lot.pk), "file": SimpleUploadedFile("b.csv", data)}
        if mapping:
            facts["mapping"] = SimpleUploadedFile("m.toml", mapping)
        answer = client.post(page, facts)
        assert answer.status_code == 422
        return answer.text

    assert "Choose another." in sent(b"")
    assert "unknown fields: score" in sent(good, b"[fields]\nscore = 'x'\n")
    assert "Save this file as UTF-8." in sent(good, b"\xff\xfe\x00")
    settings.DOCUMENT_MAX_BYTES = 1024 * 1024
    assert "This file is too large." in sent(b"x" * (1024 * 1024 + 1))
    assert not Errand.objects.exists()


@pytest.mark.parametrize("who", ["joan", "margaret", "amina", "administrator", "outsider"])
def test_import_bids_and_bring_in_bids_are_not_there_for_others(
    client: Client, lot: Lot, sam: Person, who: str, request: pytest.FixtureRequest
) -> None:
    look = look_at(lot, sam, table(row(1)))
    by = request.getfixturevalue(who)
    with pytest.raises(Refused, match="Your role here"):
        ask(look, by)
    client.force_login(by)
    for page in (
        reverse("import_bids", args=[lot.round.slug]),
        reverse("bring_in_bids", args=[look.pk]),
        reverse("errand_progress", args=[look.pk]),
    ):
        assert client.get(page).status_code == 404
        assert client.post(page, {"sure": "on"}).status_code in (404, 405)
    assert in_the_round(lot) == []
