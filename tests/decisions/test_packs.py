"""Packs to print: asked for once, made once, stopped, handed to those who may have them, and gone
after some days."""

from copy import deepcopy
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pikepdf
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import pdf
from accounts.models import Person
from accounts.permissions import Refused
from decisions import actions, rules
from decisions.actions import errands
from decisions.forms import PacksForm
from decisions.models import Errand
from decisions.tasks import do_errands
from ledger.models import Channel
from panels.actions import hand_back, note_pack_given
from panels.actions import packs as making
from panels.models import Assignment
from panels.rules import paper
from tests.conftest import Cast, Once
from tests.factories.panels import Reading, make_bid, reading_round, send

pytestmark = pytest.mark.django_db
Stage = Errand.Stage
ON_PAPER = 3


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    """Four people read two bids each; three of them on paper."""

    def make(cast: Cast) -> Reading:
        reading = reading_round(cast.joan, cast.harold, cast.priya, bids=2, by=cast.sam)
        for member in reading.members[:ON_PAPER]:
            member.person.channel = Channel.POST
            member.person.save()
        return reading

    return once(make)


@pytest.fixture
def reading(begun: Reading, db: None, settings: Any, tmp_path: Path) -> Reading:
    settings.MEDIA_ROOT = tmp_path
    return deepcopy(begun)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page as it would be laid out, without the seconds that takes; it has three pages."""

    def made(template: str, context: dict[str, Any], *, tell: Any) -> bytes:
        for page in (1, 2, 3):
            tell(page)
        titles = [row["content"]["title"] for row in context["bids"]]
        return f"%PDF- {context['member']} {titles}".encode()

    monkeypatch.setattr(making.pdf, "made", made)


def ask(reading: Reading, by: Person, **facts: Any) -> Errand:
    return actions.ask_for_packs(round=reading.round, by=by, at=timezone.now(), **facts)


def take_up(seconds: int = 0) -> Errand:
    found = actions.take_up_errand(now=timezone.now() + timedelta(seconds=seconds))
    assert found is not None
    return found


def work(errand: Errand) -> Errand:
    actions.do_errand(errand=errand, by=errand.asked_by, at=timezone.now())
    return Errand.objects.get(pk=errand.pk)


def unpacked(errand: Errand) -> dict[str, bytes]:
    with errand.kept.open("rb") as file, ZipFile(BytesIO(file.read())) as packs:
        assert packs.testzip() is None
        return {name: packs.read(name) for name in packs.namelist()}


def files(folder: Path) -> list[str]:
    return sorted(f"errands/{row.name}" for row in (folder / "errands").glob("*"))


# ---- Asking ---------------------------------------------------------------------------------
def test_ask_for_packs_twice_is_one_errand(reading: Reading, sam: Person, joan: Person) -> None:
    member = reading.member(joan)
    every = ask(reading, sam)
    assert every.of == ON_PAPER
    assert ask(reading, sam) == every
    panel = ask(reading, sam, panel=reading.panel)
    assert ask(reading, sam, panel=reading.panel) == panel
    hers = ask(reading, joan, member=member)
    assert ask(reading, sam, member=member) == hers
    assert len({every.pk, panel.pk, hers.pk}) == 3
    for same in (every, panel, hers):
        same.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            same.save(force_insert=True)


@pytest.mark.parametrize("who", ["joan", "margaret", "amina", "administrator", "outsider"])
def test_ask_for_packs_is_refused_to_others(
    reading: Reading, who: str, request: pytest.FixtureRequest
) -> None:
    by = request.getfixturevalue(who)
    with pytest.raises(Refused, match="Your role here"):
        ask(reading, by)
    with pytest.raises(Refused, match="Your role here"):
        ask(reading, by, member=reading.members[1])


def test_ask_for_packs_says_when_nobody_waits(reading: Reading, sam: Person) -> None:
    for member in reading.members:
        if paper.to_give(member, sam):
            note_pack_given(member=member, posted=True, by=sam, at=timezone.now())
    with pytest.raises(Refused, match="Nobody waits for a pack now"):
        ask(reading, sam)


# ---- Working --------------------------------------------------------------------------------
def test_do_errands_makes_a_tagged_pack_for_each_who_waits(reading: Reading, sam: Person) -> None:
    """The real thing, pages and all."""
    ask(reading, sam)
    assert do_errands() == 1
    errand = Errand.objects.get()
    assert (errand.stage, errand.made, errand.of) == (Stage.DONE, ON_PAPER, ON_PAPER)
    packs = unpacked(errand)
    assert len(packs) == ON_PAPER
    for content in packs.values():
        with pikepdf.open(BytesIO(content)) as book:
            assert book.Root.MarkInfo.Marked
            assert "Bids for" in str(book.docinfo["/Title"])
    assert any(name.endswith("joan-ibbotson.pdf") for name in packs)


@pytest.mark.usefixtures("quick")
def test_a_pack_holds_only_what_its_reader_may_read(
    reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    """Each holds their own share alone: not what was handed back, nor what they are done with."""
    first, second = reading.assignments(joan)
    send(reading, first)
    ask(reading, sam)
    do_errands()
    packs = unpacked(Errand.objects.get())
    hers = next(text for name, text in packs.items() if "joan" in name).decode()
    assert first.application.title not in hers
    assert second.application.title in hers
    his = next(text for name, text in packs.items() if "harold" in name).decode()
    assert first.application.title in his


@pytest.mark.usefixtures("quick")
def test_packs_of_a_panel_hold_its_bids_alone(reading: Reading, sam: Person) -> None:
    ask(reading, sam, panel=reading.panel)
    do_errands()
    errand = Errand.objects.get()
    lots = Assignment.objects.filter(pk__in=[row[1] for row in errand.told["held"]])
    assert set(lots.values_list("application__lot", flat=True)) == {reading.lot.pk}
    assert errand.made == ON_PAPER


@pytest.mark.usefixtures("quick")
def test_packs_are_finished_once_though_their_worker_was_killed(
    reading: Reading, sam: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Killed after two packs, and again with the file written and nothing said of it."""
    ask(reading, sam)
    written = making.paper.held_in_pack
    turns = iter(range(9))

    def killed(*which: Any) -> Any:
        if next(turns) == 2:
            raise SystemExit
        return written(*which)

    monkeypatch.setattr(making.paper, "held_in_pack", killed)
    with pytest.raises(SystemExit):
        work(take_up())
    errand = Errand.objects.get()
    assert (errand.stage, errand.made, bool(errand.kept)) == (Stage.WORKING, 2, False)
    assert files(tmp_path) == [], "no bid lies about"
    monkeypatch.setattr(making.paper, "held_in_pack", written)
    still = errands._still

    def killed_late(row: Errand, **fields: Any) -> None:
        if fields.get("stage") == Stage.DONE:
            raise SystemExit
        still(row, **fields)

    monkeypatch.setattr(errands, "_still", killed_late)
    with pytest.raises(SystemExit):
        work(take_up(seconds=60))
    assert len(files(tmp_path)) == 1
    monkeypatch.setattr(errands, "_still", still)
    last = work(take_up(seconds=120))
    assert (last.stage, last.tries, last.made, last.of) == (Stage.DONE, 3, ON_PAPER, ON_PAPER)
    assert files(tmp_path) == [last.kept.name]
    assert len(unpacked(last)) == ON_PAPER


@pytest.mark.usefixtures("quick")
def test_a_worker_overtaken_keeps_no_packs(reading: Reading, sam: Person, tmp_path: Path) -> None:
    ask(reading, sam)
    slow, quick_one = take_up(), take_up(seconds=60)
    work(slow)
    assert files(tmp_path) == []
    done = work(quick_one)
    assert work(slow).kept == done.kept
    assert files(tmp_path) == [done.kept.name]


@pytest.mark.usefixtures("quick", "django_capture_on_commit_callbacks")
def test_the_last_good_file_goes_only_when_the_next_one_is_there(
    reading: Reading,
    sam: Person,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    ask(reading, sam)
    do_errands()
    good = Errand.objects.get()
    before = unpacked(good)

    def breaks(*_which: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(making.paper, "printed", breaks)
        ask(reading, sam)
        do_errands()
    assert Errand.objects.filter(stage=Stage.FAILED, sentence__contains="our side").count() == 1
    stopped = ask(reading, sam)
    actions.stop_errand(errand=stopped, by=sam, at=timezone.now())
    good.refresh_from_db()
    assert unpacked(good) == before
    with django_capture_on_commit_callbacks(execute=True):
        ask(reading, sam, panel=reading.panel)
        do_errands()
    assert unpacked(good) == before, "packs of a panel do not take their place"
    with django_capture_on_commit_callbacks(execute=True):
        newest = ask(reading, sam)
        do_errands()
    good.refresh_from_db()
    newest.refresh_from_db()
    assert (bool(good.kept), good.told) == (False, {})
    assert newest.kept.name in files(tmp_path)
    assert len(files(tmp_path)) == 2


# ---- Stopping -------------------------------------------------------------------------------
@pytest.mark.usefixtures("quick")
def test_stop_errand_in_the_middle_of_a_pack_ends_the_work(
    reading: Reading, sam: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    errand = ask(reading, sam)
    heard: list[int] = []
    still = errands._still

    def stopped(row: Errand, **fields: Any) -> None:
        if len(heard) == 5:
            actions.stop_errand(errand=row, by=sam, at=timezone.now())
        still(row, **fields)
        heard.append(fields.get("made", -1))

    monkeypatch.setattr(errands, "_still", stopped)
    errand = work(take_up())
    assert heard == [0, -1, 0, 0, 0], "within the first pack, at its last page"
    assert (errand.stage, errand.stopped_by, bool(errand.kept)) == (Stage.STOPPED, sam, False)
    assert files(tmp_path) == []


def test_stop_errand_of_a_readers_own_pack(
    reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    """The reader or whoever types for them may stop it, and nobody else."""
    member = reading.member(joan)
    with pytest.raises(Refused):
        actions.stop_errand(errand=ask(reading, sam, member=member), by=harold, at=timezone.now())
    for by in (joan, sam):
        errand = ask(reading, sam, member=member)
        actions.stop_errand(errand=errand, by=by, at=timezone.now())
        errand.refresh_from_db()
        assert (errand.stage, errand.stopped_by) == (Stage.STOPPED, by)


# ---- Who may have them ----------------------------------------------------------------------
@pytest.fixture
def made(reading: Reading, sam: Person, quick: None) -> Errand:
    ask(reading, sam)
    do_errands()
    return Errand.objects.get()


@pytest.mark.parametrize("who", ["joan", "margaret", "amina", "administrator", "outsider"])
def test_download_packs_is_not_there_for_others(
    client: Client, made: Errand, who: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    for name in ("download_packs", "errand_progress"):
        assert client.get(reverse(name, args=[made.pk])).status_code == 404
    assert client.post(reverse("stop_errand", args=[made.pk])).status_code == 404


def test_download_packs_is_for_those_who_type(client: Client, made: Errand, ruth: Person) -> None:
    client.force_login(ruth)
    answer = client.get(reverse("download_packs", args=[made.pk]))
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].endswith('-packs.zip"')
    assert "no-store" in answer.headers["Cache-Control"]
    content = answer.getvalue()
    assert ZipFile(BytesIO(content)).namelist() == list(unpacked(made))


@pytest.mark.usefixtures("quick")
def test_download_packs_of_a_reader_is_for_them_and_for_those_who_type(
    client: Client, reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    ask(reading, joan, member=reading.member(joan))
    do_errands()
    page = reverse("download_packs", args=[Errand.objects.get().pk])
    for who, status in ((joan, 200), (sam, 200), (harold, 404)):
        client.force_login(who)
        answer = client.get(page)
        assert answer.status_code == status
        if status == 200:
            assert answer.getvalue().startswith(b"%PDF-")
            assert answer.headers["Content-Disposition"].endswith('joan-ibbotson-bids.pdf"')


def test_download_packs_is_refused_once_a_role_has_ended(
    client: Client, made: Errand, sam: Person
) -> None:
    client.force_login(sam)
    sam.roles.update(ended_at=timezone.now(), ended_by=sam)
    assert client.get(reverse("download_packs", args=[made.pk])).status_code == 404


def changes(what: str, reading: Reading, joan: Person) -> None:
    """One of the things after which a pack must not be handed out any more."""
    given, now = reading.assignments(joan)[0], timezone.now()
    if what == "handed back":
        hand_back(assignment=given, by=joan, at=now)
    elif what == "a new bid is on the list":
        make_bid(reading.lot)
    elif what == "taken back":
        bid = given.application
        bid.withdrawn_at, bid.withdrawn_by = now, bid.submitted_by
        bid.save()
    elif what == "left":
        member = given.member
        member.ended_at, member.ended_by = now, reading.by
        member.save()


@pytest.mark.parametrize("what", ["handed back", "a new bid is on the list", "taken back", "left"])
def test_download_packs_is_refused_when_a_bid_is_no_more_its_readers(
    client: Client, reading: Reading, made: Errand, sam: Person, joan: Person, what: str
) -> None:
    """It is asked when the file is fetched, and not only when it was asked for."""
    assert rules.may_take_packs(sam, made)
    changes(what, reading, joan)
    client.force_login(sam)
    answer = client.get(reverse("download_packs", args=[made.pk]))
    assert answer.status_code == 403
    assert "has changed since they were made" in answer.text


def test_download_packs_is_refused_when_the_words_are_others(
    reading: Reading, made: Errand, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a worker hides of a bid later is not handed out as it was before."""
    assert rules.may_take_packs(sam, made)
    monkeypatch.setattr(
        "panels.rules.scoring.for_readers", lambda bid: {**bid, "summary": "[hidden]"}
    )
    assert not rules.may_take_packs(sam, made)


def test_sent_scores_do_not_make_packs_stale(
    reading: Reading, made: Errand, joan: Person, sam: Person
) -> None:
    send(reading, reading.assignments(joan)[0])
    assert rules.may_take_packs(sam, made)


# ---- Going by themselves --------------------------------------------------------------------
def test_clear_old_files_takes_packs_away_after_some_days(
    made: Errand, tmp_path: Path, client: Client, sam: Person,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    days = errands.KEPT_FOR
    assert made.done_at
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.clear_old_files(by=sam, at=made.done_at + days - timedelta(hours=1)) == 0
    assert files(tmp_path) == [made.kept.name]
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.clear_old_files(by=sam, at=made.done_at + days + timedelta(hours=1)) == 1
    made.refresh_from_db()
    assert (files(tmp_path), bool(made.kept), made.told) == ([], False, {})
    assert actions.clear_old_files(by=sam, at=made.done_at + days + timedelta(hours=1)) == 0
    client.force_login(sam)
    page = client.get(reverse("errand_progress", args=[made.pk]))
    assert "This file is not kept any more." in page.text
    assert client.get(reverse("download_packs", args=[made.pk])).status_code == 403


# ---- Pages ----------------------------------------------------------------------------------
@pytest.mark.usefixtures("quick")
def test_make_packs_is_an_errand_with_a_page(client: Client, reading: Reading, sam: Person) -> None:
    client.force_login(sam)
    page = reverse("make_packs", args=[reading.round.slug])
    assert page in client.get(reverse("paper_list", args=[reading.round.slug])).text
    assert "3 people wait for a pack." in client.get(page).text
    here = client.post(page).url
    errand = Errand.objects.get()
    assert here == reverse("errand_progress", args=[errand.pk])
    assert "0 of 3 packs made." in client.get(here).text
    Errand.objects.update(stage=Stage.WORKING, made=2)
    assert "2 of 3 packs made." in client.get(here).text
    assert "Packs are being made now." in client.get(page).text
    do_errands()
    shown = client.get(here)
    assert "3 packs are in the file." in shown.text
    assert "Refresh" not in shown.headers
    file = reverse("download_packs", args=[errand.pk])
    assert file in shown.text
    assert file in client.get(page).text


@pytest.mark.usefixtures("quick")
def test_make_pack_is_an_errand_with_a_page(client: Client, reading: Reading, joan: Person) -> None:
    client.force_login(joan)
    page = reverse("make_pack", args=[reading.member(joan).pk])
    assert "There are 2 bids to print" in client.get(page).text
    assert not Errand.objects.exists()
    here = client.post(page).url
    Errand.objects.update(stage=Stage.WORKING, made=7)
    assert "7 pages are made." in client.get(here).text
    assert client.post(page).url == here
    do_errands()
    assert "The file is ready." in client.get(here).text
    assert reverse("download_packs", args=[Errand.objects.get().pk]) in client.get(page).text


@pytest.mark.parametrize("who", ["harold", "margaret", "amina", "outsider"])
def test_make_pack_is_not_there_for_others(
    client: Client, reading: Reading, joan: Person, who: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    page = reverse("make_pack", args=[reading.member(joan).pk])
    assert client.get(page).status_code == client.post(page).status_code == 404
    assert not Errand.objects.exists()


def test_make_packs_offers_panels_where_there_are_several(
    client: Client, reading: Reading, sam: Person
) -> None:

    assert not PacksForm(panels=[reading.panel]).fields
    two = PacksForm({"panel": str(reading.panel.pk)}, panels=[reading.panel, reading.panel])
    assert not two.fields
    other = deepcopy(reading.panel)
    other.pk = 999_999
    for said, panel in ((str(reading.panel.pk), reading.panel), ("all", None)):
        form = PacksForm({"panel": said}, panels=[reading.panel, other])
        assert form.is_valid()
        assert form.chosen == panel
    assert PacksForm({}, panels=[reading.panel, other]).errors["panel"]


def test_without_a_pdf_maker_ask_for_packs_says_so(
    reading: Reading, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "_weasyprint", lambda: None)
    with pytest.raises(Refused, match="cannot make a PDF"):
        ask(reading, sam)


@pytest.mark.usefixtures("quick")
def test_packs_of_many_leave_the_workers_other_hand_to_all_the_rest(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    """They take minutes: two lots of them are made one after the other, and nothing else waits."""
    first = ask(reading, sam)
    second = ask(reading, sam, panel=reading.panel)
    hers = ask(reading, joan, member=reading.member(joan))
    assert take_up() == first
    assert take_up() == hers
    assert actions.take_up_errand(now=timezone.now()) is None
    Errand.objects.update(asked_at=timezone.now() - timedelta(minutes=5))
    client.force_login(sam)
    page = client.get(reverse("errand_progress", args=[second.pk]))
    assert "Other packs are being made first." in page.text
    assert "may have stopped" not in page.text
    lapsed = take_up(seconds=60)
    assert (lapsed, lapsed.tries) == (first, 2), "its worker was killed: it goes first"
    work(lapsed)
    assert take_up() == second
