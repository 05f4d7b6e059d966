"""A copy of the report, or letters to write or send: asked for once, done once, stopped, and told
as it is."""

from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import pdf
from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Round
from decisions import actions
from decisions.actions import errands
from decisions.models import Errand, OutcomeLetter, ReportFile
from decisions.reading import report_of
from decisions.report import mark_of
from decisions.tasks import do_errands, held
from decisions.views import board, facilitator
from ledger.models import Letter
from tests.conftest import Cast, Once
from tests.factories import decisions as build
from tests.factories.decisions import Deciding

pytestmark = pytest.mark.django_db
Stage = Errand.Stage
PDF = {"format": "pdf", "audience": "board"}


@pytest.fixture(scope="module")
def begun(once: Once[Deciding]) -> Deciding:
    """Three bids decided; none of their letters is written."""

    def make(cast: Cast) -> Deciding:
        deciding = build.deciding_round(cast.joan, cast.harold, cast.priya, bids=3, by=cast.sam)
        build.decided(deciding)
        return deciding

    return once(make)


@pytest.fixture
def deciding(begun: Deciding, db: None) -> Deciding:
    return deepcopy(begun)


@pytest.fixture
def reported(deciding: Deciding, settings: Any, tmp_path: Path) -> Deciding:
    """The letters are over, and the panel has agreed the report."""
    settings.MEDIA_ROOT = tmp_path
    build.agreed_report(deciding)
    return deciding


def ask_copy(deciding: Deciding, by: Person, **facts: Any) -> Errand:
    round = Round.objects.get(pk=deciding.round.pk)
    return actions.ask_for_copy(
        round=round,
        digest=mark_of(report_of(round, at=timezone.now())),
        by=by,
        at=timezone.now(),
        **{"format": "csv", "audience": "board", **facts},
    )


def ask_letters(deciding: Deciding, by: Person) -> Errand:
    return actions.ask_for_letters(panel=deciding.panel, by=by, at=timezone.now())


def take_up(seconds: int = 0) -> Errand:
    found = actions.take_up_errand(now=timezone.now() + timedelta(seconds=seconds))
    assert found is not None
    return found


def work(errand: Errand) -> Errand:
    actions.do_errand(errand=errand, by=errand.asked_by, at=timezone.now())
    return Errand.objects.get(pk=errand.pk)


def told(deciding: Deciding, verb: str) -> int:
    return deciding.round.chain.entries.filter(verb=verb).count()


# ---- Asking ---------------------------------------------------------------------------------
def test_ask_for_letters_and_ask_for_copy_twice_is_one_errand(
    deciding: Deciding, margaret: Person, sam: Person
) -> None:
    letters = ask_letters(deciding, sam)
    assert ask_letters(deciding, sam) == letters
    build.agreed_report(deciding)
    copy = ask_copy(deciding, margaret)
    assert ask_copy(deciding, margaret) == copy
    assert ask_copy(deciding, margaret, large_print=True) != copy
    for same in (copy, letters):
        same.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            same.save(force_insert=True)


def test_ask_for_letters_and_ask_for_copy_are_refused_to_others(
    deciding: Deciding, margaret: Person, joan: Person
) -> None:
    with pytest.raises(Refused):
        ask_letters(deciding, margaret)
    build.agreed_report(deciding)
    with pytest.raises(Refused):
        ask_copy(deciding, joan)


def test_ask_for_copy_is_refused_of_what_nobody_agreed(
    deciding: Deciding, margaret: Person
) -> None:
    with pytest.raises(Refused, match="Not every panel has agreed"):
        ask_copy(deciding, margaret)


# ---- Working --------------------------------------------------------------------------------
def test_do_errands_makes_what_was_asked_by_whoever_asked(
    deciding: Deciding, margaret: Person, sam: Person, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    letters = ask_letters(deciding, sam)
    assert do_errands() == 1
    build.agreed_report(deciding)
    copy = ask_copy(deciding, margaret, **PDF)
    assert do_errands() == 1
    copy.refresh_from_db()
    letters.refresh_from_db()
    made = ReportFile.objects.get()
    assert (copy.stage, copy.file, made.made_by) == (Stage.DONE, made, margaret)
    assert copy.made >= 3, "it told of each page that was laid out"
    assert (tmp_path / made.file.name).read_bytes().startswith(b"%PDF-")
    assert (letters.stage, letters.made, letters.of) == (Stage.DONE, 3, 3)
    assert {row.written_by for row in OutcomeLetter.objects.all()} == {sam}
    assert do_errands() == 0


def test_letters_are_written_in_handfuls_and_each_is_counted(
    deciding: Deciding, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker is killed after the first handful; the next one writes only the others."""
    ask_letters(deciding, sam)
    monkeypatch.setattr(errands, "AT_ONCE", 2)
    write, turns = errands.write_letters, iter(range(9))

    def killed(**facts: Any) -> Any:
        if next(turns) == 1:
            raise SystemExit
        return write(**facts)

    monkeypatch.setattr(errands, "write_letters", killed)
    with pytest.raises(SystemExit):
        work(take_up())
    errand = Errand.objects.get()
    assert (errand.stage, errand.made, OutcomeLetter.objects.count()) == (Stage.WORKING, 2, 2)
    assert work(take_up(seconds=60)).stage == Stage.DONE
    errand.refresh_from_db()
    assert (errand.made, OutcomeLetter.objects.count()) == (3, 3)
    assert told(deciding, "wrote_outcome_letters") == 2


def overtake(errand: Errand) -> tuple[Errand, Errand]:
    """The same errand in the hands of a slow worker, and of one that took it over."""
    slow, quick = take_up(), take_up(seconds=60)
    assert slow == quick == errand
    assert (slow.tries, quick.tries) == (1, 2)
    return slow, quick


def test_a_worker_overtaken_writes_no_letter(deciding: Deciding, sam: Person) -> None:
    slow, quick = overtake(ask_letters(deciding, sam))
    work(slow)
    assert not OutcomeLetter.objects.exists()
    assert work(quick).stage == Stage.DONE
    assert work(slow).made == OutcomeLetter.objects.count() == 3
    assert told(deciding, "wrote_outcome_letters") == 1


def test_a_worker_overtaken_keeps_no_copy(reported: Deciding, margaret: Person) -> None:
    slow, quick = overtake(ask_copy(reported, margaret))
    work(slow)
    assert not ReportFile.objects.exists()
    assert work(quick).stage == Stage.DONE
    work(slow)
    assert ReportFile.objects.count() == told(reported, "exported_report") == 1


def test_a_copy_overtaken_at_the_last_moment_leaves_no_file_and_the_last_good_one_stays(
    reported: Deciding, margaret: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_copy(reported, margaret)
    do_errands()
    good = ReportFile.objects.get()
    before = (tmp_path / good.file.name).read_bytes()
    ask_copy(reported, margaret)
    slow = take_up()
    still = errands._still

    def overtaken(errand: Errand, **fields: Any) -> None:
        if fields.get("stage") == Stage.DONE:
            Errand.objects.filter(pk=errand.pk).update(tries=2)
        still(errand, **fields)

    monkeypatch.setattr(errands, "_still", overtaken)
    work(slow)
    assert ReportFile.objects.get() == good
    assert list((tmp_path / "reports").iterdir()) == [tmp_path / good.file.name]
    assert (tmp_path / good.file.name).read_bytes() == before


def copies(folder: Path) -> list[str]:
    return sorted(f"reports/{row.name}" for row in (folder / "reports").iterdir())


def test_a_copy_is_there_once_though_its_worker_was_killed_with_the_file_written(
    reported: Deciding, margaret: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_copy(reported, margaret)
    still = errands._still

    def killed(errand: Errand, **fields: Any) -> None:
        if fields.get("stage") == Stage.DONE:
            raise SystemExit
        still(errand, **fields)

    monkeypatch.setattr(errands, "_still", killed)
    with pytest.raises(SystemExit):
        work(take_up())
    assert len(copies(tmp_path)) == 1
    assert not ReportFile.objects.exists()
    monkeypatch.setattr(errands, "_still", still)
    done = work(take_up(seconds=60))
    assert (done.stage, done.tries) == (Stage.DONE, 2)
    made = ReportFile.objects.get()
    assert copies(tmp_path) == [made.file.name]


def test_stop_errand_takes_away_what_a_killed_worker_left_of_a_copy(
    reported: Deciding, margaret: Person, tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    errand = ask_copy(reported, margaret)
    folder = tmp_path / "reports"
    folder.mkdir()
    take_up()
    good = ReportFile.objects.create(
        round=errand.round, format="csv", file=f"reports/copy-{errand.pk}-2.csv",
        made_at=timezone.now(), made_by=margaret,
    )  # fmt: skip
    for attempt in (1, 2, 3):
        (folder / f"copy-{errand.pk}-{attempt}.csv").write_text("left")
    Errand.objects.update(tries=3)
    errand.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        actions.stop_errand(errand=errand, by=margaret, at=timezone.now())
    assert copies(tmp_path) == [good.file.name]


def test_held_keeps_others_away_while_the_work_lasts(deciding: Deciding, sam: Person) -> None:
    ask_letters(deciding, sam)
    errand = take_up()
    with held(errand):
        assert actions.hold_errand(errand=errand, now=timezone.now() + timedelta(minutes=2))
    assert actions.take_up_errand(now=timezone.now() + timedelta(seconds=120)) is None
    assert take_up(seconds=240).tries == 2
    assert not actions.hold_errand(errand=errand, now=timezone.now()), "another has it now"


def test_an_errand_that_stops_each_worker_ends_with_a_sentence(
    deciding: Deciding, sam: Person
) -> None:
    ask_letters(deciding, sam)
    for seconds in (0, 60, 120):
        take_up(seconds)
    last = work(take_up(seconds=180))
    assert last.stage == Stage.FAILED
    assert "stopped each time" in last.sentence


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [(Refused("No day for this."), "No day for this."), (ZeroDivisionError("ours"), "on our side")],
)
def test_what_went_wrong_is_told_in_plain_words(
    client: Client,
    deciding: Deciding,
    sam: Person,
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
    sentence: str,
) -> None:
    errand = ask_letters(deciding, sam)

    def breaks(**_facts: object) -> None:
        raise fault

    monkeypatch.setattr(errands, "write_letters", breaks)
    do_errands()
    client.force_login(sam)
    page = client.get(reverse("errand_progress", args=[errand.pk]))
    assert "It did not work." in page.text
    assert sentence in page.text
    assert "Refresh" not in page.headers


# ---- Sending --------------------------------------------------------------------------------
@pytest.fixture
def agreed(deciding: Deciding) -> Deciding:
    """The panel has agreed the three letters, and all of them may go."""
    build.agreed_letters(deciding)
    return deciding


def ask_to_send(deciding: Deciding, by: Person) -> Errand:
    return actions.ask_to_send(panel=deciding.panel, by=by, at=timezone.now())


def gone() -> int:
    """How many letters to groups have gone, each once."""
    many = OutcomeLetter.objects.filter(letter__isnull=False).count()
    assert Letter.objects.filter(kind="outcome_letter").count() == many
    return many


def killed_at(monkeypatch: pytest.MonkeyPatch, turn: int) -> None:
    """The worker is killed as it counts the letter of this turn, which is not written down yet."""
    still, turns = errands._still, iter(range(9))

    def killed(errand: Errand, **fields: Any) -> None:
        if next(turns) == turn:
            raise SystemExit
        still(errand, **fields)

    monkeypatch.setattr(errands, "_still", killed)


def test_ask_to_send_twice_is_one_errand_and_is_refused_to_others(
    agreed: Deciding, sam: Person, margaret: Person
) -> None:
    with pytest.raises(Refused):
        ask_to_send(agreed, margaret)
    errand = ask_to_send(agreed, sam)
    assert (errand.of, ask_to_send(agreed, sam)) == (3, errand)
    errand.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        errand.save(force_insert=True)
    assert gone() == 0, "nothing goes before the worker comes"


def test_ask_to_send_is_refused_with_the_reason_when_no_letter_may_go(
    deciding: Deciding, sam: Person, margaret: Person
) -> None:
    with pytest.raises(Refused, match="no agreed letters"):
        ask_to_send(deciding, sam)
    build.agreed_letters(deciding)
    decision = deciding.panel.decisions.get()
    actions.hold(decision=decision, reason="A court.", by=margaret, at=timezone.now())
    with pytest.raises(Refused, match="on hold"):
        ask_to_send(deciding, sam)


def test_letters_go_one_by_one_and_each_once_though_the_worker_is_killed(
    agreed: Deciding, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_to_send(agreed, sam)
    killed_at(monkeypatch, 1)
    with pytest.raises(SystemExit):
        work(take_up())
    errand = Errand.objects.get()
    assert (errand.stage, errand.made, gone()) == (Stage.WORKING, 1, 1)
    monkeypatch.undo()
    assert work(take_up(seconds=60)).stage == Stage.DONE
    errand.refresh_from_db()
    assert (errand.made, errand.of, errand.told, gone()) == (3, 3, {}, 3)
    assert told(agreed, "sent_outcome_letters") == 3, "one for each letter, and none twice"
    assert {row.by for row in agreed.round.chain.entries.filter(verb="sent_outcome_letters")} == {
        sam
    }


def test_a_worker_overtaken_sends_no_letter(agreed: Deciding, sam: Person) -> None:
    slow, quick = overtake(ask_to_send(agreed, sam))
    work(slow)
    assert gone() == 0
    assert work(quick).stage == Stage.DONE
    assert (work(slow).made, gone()) == (3, 3)


def test_stop_errand_between_two_letters_leaves_the_others_waiting(
    agreed: Deciding, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    errand = ask_to_send(agreed, sam)
    one, turns = errands._one_letter, iter(range(9))

    def stopped(*which: Any, **facts: Any) -> None:
        if next(turns) == 2:
            actions.stop_errand(errand=errand, by=sam, at=timezone.now())
        one(*which, **facts)

    monkeypatch.setattr(errands, "_one_letter", stopped)
    errand = work(take_up())
    assert (errand.stage, errand.stopped_by, errand.made, gone()) == (Stage.STOPPED, sam, 2, 2)
    monkeypatch.undo()
    assert ask_to_send(agreed, sam).of == 1, "the other can be sent later"


def test_a_letter_that_may_not_go_any_more_stays_here_by_name_and_the_others_go(
    client: Client, agreed: Deciding, sam: Person
) -> None:
    """It is asked again when its turn comes."""
    client.force_login(sam)
    here = client.post(reverse("send_letters", args=[agreed.panel.pk]), {"sure": "on"}).url
    award = agreed.panel.decisions.get().outcomes.get(application=agreed.bids[0])
    actions.check_organisation(
        outcome=award, kind="bank", passed=False, words="Closed.", by=sam, at=timezone.now()
    )
    do_errands()
    assert gone() == 2
    page = client.get(here).text
    assert "2 letters are on their way." in page
    assert "This letter stays here" in page
    assert agreed.bids[0].organisation.name in page
    assert "A check on this organisation failed." in page
    assert not OutcomeLetter.objects.get(outcome=award).letter_id


def test_send_letters_is_an_errand_with_a_page(
    client: Client, agreed: Deciding, sam: Person
) -> None:
    client.force_login(sam)
    letters = reverse("letters_to_send", args=[agreed.panel.pk])
    assert "Send 3 letters" in client.get(letters).text
    here = client.post(reverse("send_letters", args=[agreed.panel.pk]), {"sure": "on"}).url
    assert here == reverse("errand_progress", args=[Errand.objects.get().pk])
    assert client.get(here).headers["Refresh"].isdigit()
    Errand.objects.update(stage=Stage.WORKING, made=2, claimed_until=timezone.now())
    assert "2 of 3 letters sent." in client.get(here).text
    page = client.get(letters).text
    assert "Letters are being sent now." in page
    assert "Send 3 letters" not in page
    client.post(reverse("stop_errand", args=[Errand.objects.get().pk]))
    assert "The others wait, and you can send them later." in client.get(here).text
    here = client.post(reverse("send_letters", args=[agreed.panel.pk]), {"sure": "on"}).url
    do_errands()
    page = client.get(here)
    assert "3 letters are on their way." in page.text
    assert letters in page.text
    assert "stay" not in page.text
    assert "Refresh" not in page.headers


# ---- Stopping -------------------------------------------------------------------------------
def test_stop_errand_between_two_handfuls_keeps_what_is_written(
    deciding: Deciding, sam: Person, margaret: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    errand = ask_letters(deciding, sam)
    monkeypatch.setattr(errands, "AT_ONCE", 1)
    handful, turns = errands._handful, iter(range(9))

    def stopped(*which: Any, **facts: Any) -> Any:
        if next(turns) == 2:
            actions.stop_errand(errand=errand, by=sam, at=timezone.now())
        return handful(*which, **facts)

    monkeypatch.setattr(errands, "_handful", stopped)
    with pytest.raises(Refused):
        actions.stop_errand(errand=errand, by=margaret, at=timezone.now())
    errand = work(take_up())
    assert (errand.stage, errand.stopped_by, errand.made) == (Stage.STOPPED, sam, 2)
    assert OutcomeLetter.objects.count() == 2
    with pytest.raises(Refused, match="over before"):
        actions.stop_errand(errand=errand, by=sam, at=timezone.now())
    monkeypatch.undo()
    assert ask_letters(deciding, sam).of == 1, "the others can be asked for again"


def test_stop_errand_while_pages_are_laid_out_ends_the_work(
    reported: Deciding, margaret: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    errand = ask_copy(reported, margaret, **PDF)
    heard: list[int] = []
    still = errands._still

    def stopped(row: Errand, **fields: Any) -> None:
        if fields.get("made") == 2:
            actions.stop_errand(errand=row, by=margaret, at=timezone.now())
        still(row, **fields)
        heard.append(fields["made"])

    monkeypatch.setattr(errands, "_still", stopped)
    errand = work(take_up())
    assert heard == [0, 1]
    assert (errand.stage, errand.file) == (Stage.STOPPED, None)
    assert not ReportFile.objects.exists()
    assert told(reported, "exported_report") == 0
    assert pdf.progress.handlers == [], "nobody listens any more"


# ---- Pages ----------------------------------------------------------------------------------
def test_export_report_as_pdf_is_an_errand_with_a_page(
    client: Client, reported: Deciding, margaret: Person
) -> None:
    client.force_login(margaret)
    slug = reported.round.slug
    here = client.post(reverse("export_report", args=[slug]), PDF).url
    errand = Errand.objects.get()
    assert here == reverse("errand_progress", args=[errand.pk])
    page = client.get(here)
    assert "Waiting for its turn" in page.text
    assert page.headers["Refresh"].isdigit()
    Errand.objects.update(stage=Stage.WORKING, made=12)
    assert "12 pages are made." in client.get(here).text
    assert here in client.get(reverse("report_detail", args=[slug])).text
    do_errands()
    page = client.get(here)
    assert "The file is ready." in page.text
    assert "Refresh" not in page.headers
    errand.refresh_from_db()
    assert reverse("download_report", args=[errand.file_id]) in page.text
    assert here not in client.get(reverse("report_detail", args=[slug])).text


def test_tables_of_many_bids_are_an_errand_too(
    client: Client, reported: Deciding, margaret: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "FEW_BIDS", 2)
    client.force_login(margaret)
    address = reverse("export_report", args=[reported.round.slug])
    client.post(address, {"format": "xlsx", "audience": "public"})
    assert (Errand.objects.get().format, Errand.objects.get().audience) == ("xlsx", "public")
    assert not ReportFile.objects.exists()


def test_write_letters_of_many_bids_is_an_errand_with_a_page(
    client: Client, deciding: Deciding, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facilitator, "FEW_LETTERS", 2)
    client.force_login(sam)
    here = client.post(reverse("write_letters", args=[deciding.panel.pk])).url
    errand = Errand.objects.get()
    assert here == reverse("errand_progress", args=[errand.pk])
    Errand.objects.update(stage=Stage.WORKING, made=2, claimed_until=timezone.now())
    page = client.get(here).text
    assert "2 of 3 letters made." in page
    assert "It was broken off." in page
    letters = reverse("letters_to_send", args=[deciding.panel.pk])
    assert "Letters are being written now." in client.get(letters).text
    assert client.post(reverse("stop_errand", args=[errand.pk])).url == here
    page = client.get(here)
    assert "It was stopped." in page.text
    assert "Refresh" not in page.headers
    assert client.post(reverse("stop_errand", args=[errand.pk])).status_code == 403
    client.post(reverse("write_letters", args=[deciding.panel.pk]))
    do_errands()
    here = reverse("errand_progress", args=[Errand.objects.order_by("-pk")[0].pk])
    page = client.get(here, follow=True)
    assert page.redirect_chain == [(letters, 302)]
    assert "3 letters are written." in page.text


def test_errand_progress_says_when_nothing_begins(
    client: Client, deciding: Deciding, sam: Person
) -> None:
    errand = ask_letters(deciding, sam)
    client.force_login(sam)
    Errand.objects.update(asked_at=timezone.now() - timedelta(minutes=5))
    page = client.get(reverse("errand_progress", args=[errand.pk]))
    assert "Nothing has begun yet." in page.text


@pytest.mark.parametrize("who", ["outsider", "joan", "amina", "administrator"])
def test_errand_progress_and_stop_errand_are_not_there_for_others(
    client: Client, deciding: Deciding, sam: Person, who: str, request: pytest.FixtureRequest
) -> None:
    errand = ask_letters(deciding, sam)
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("errand_progress", args=[errand.pk])).status_code == 404
    assert client.post(reverse("stop_errand", args=[errand.pk])).status_code == 404
    assert Errand.objects.get().stage == Stage.WAITING


def test_the_board_does_not_see_letters_being_written(
    client: Client, deciding: Deciding, sam: Person, margaret: Person
) -> None:
    letters = ask_letters(deciding, sam)
    build.agreed_report(deciding)
    copy = ask_copy(deciding, margaret)
    client.force_login(margaret)
    assert client.get(reverse("errand_progress", args=[letters.pk])).status_code == 404
    assert client.get(reverse("errand_progress", args=[copy.pk])).status_code == 200
