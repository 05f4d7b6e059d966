"""The report: its figures agree in every format, it names only whom it may, and it is proved."""

import csv
import io
import json
import re
import subprocess
import sys
import tracemalloc
from collections import Counter
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from zipfile import ZipFile

import flattentool
import openpyxl
import pikepdf
import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import pdf
from accounts.models import RoleHolding
from accounts.permissions import Refused
from applications.models import Application
from commissioning.models import Programme
from decisions import actions, exports
from decisions import report as facts
from decisions.actions import reports
from decisions.kept_report import keep_reports
from decisions.models import ReportFile
from decisions.reading import SCORES_AT_ONCE, for_member, report_of, scores_told
from decisions.report import for_public, mark_of
from ledger import clock
from ledger.actions import record
from ledger.models import Entry
from panels.models import Interest, Proposal, Score, ScoreSheet, Shortlisting, StandingAside
from support import actions as support
from support.models import AboutQuestion, LookTable
from tests.conftest import Cast
from tests.factories import decisions as build
from tests.factories.panels import make_bid
from tests.factories.unguarded import unguarded

pytestmark = pytest.mark.django_db
SCHEMA = Path(__file__).parent.parent / "data/360giving/360-giving-package-schema.offline.json"


@pytest.fixture(scope="module")
def begun(once):
    def build_it(cast):
        assert cast.amina  # somebody of whom the report must not tell
        deciding = build.deciding_round(
            cast.joan, cast.harold, cast.priya, by=cast.sam, bids=4, not_met=1
        )
        group = deciding.bids[0].organisation
        group.charity_number, group.name = "1164883", "=SUM(A1) Neighbours"
        group.save()
        build.decided(deciding)
        return deciding

    return once(build_it)


@pytest.fixture
def decided(begun, db, settings, tmp_path):
    """Four bids decided, one not met; the report agreed."""
    settings.MEDIA_ROOT = tmp_path
    return deepcopy(begun)


@pytest.fixture
def agreed(decided):
    Programme.objects.update(prefix_360giving="360G-GoodCo", funder_org_id="GB-CHC-327482")
    build.agreed_report(decided)
    return decided


def now_report(deciding):
    return report_of(deciding.round, at=timezone.now())


def pdf_text(content, tmp_path):
    (tmp_path / "report.pdf").write_bytes(content)
    done = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"], capture_output=True, check=True
    )
    return " ".join(done.stdout.decode().split())


# ---- What it says ----------------------------------------------------------------------------
def test_report_of_tells_nobody_how_to_reach_somebody(decided):
    bid = decided.bids[0]
    version = bid.newest_version
    with unguarded():
        version.content |= {
            "title": "Tea, 07700 900123",
            "summary": "Write to tea[at]example[dot]org.",
            "area": "Armley, 0113\u2011496\u20110000",
        }
        version.save(update_fields=["content"])
    shown = now_report(decided).bids[0]
    hidden = "(contact details are left out)"
    assert shown.title == f"Tea, {hidden}"
    assert shown.summary == f"Write to {hidden}."
    assert shown.area == f"Armley, {hidden}"


def test_report_of_counts_and_adds_up(decided):
    report = now_report(decided)
    assert report.awarded == Decimal("1600.50")
    assert report.left == decided.round.envelope - Decimal("1600.50")
    numbers = report.numbers
    assert (numbers.received, numbers.scored, numbers.met, numbers.not_met) == (5, 5, 4, 1)
    assert (numbers.awarded, numbers.awarded_less) == (1, 1)
    assert (numbers.reserve, numbers.not_this_time) == (1, 1)
    assert [bid.kind for bid in report.bids] == ["award", "less", "reserve", "no", "not_met"]
    assert report.criteria.agreed_on == timezone.localdate()
    assert len(report.bids[0].spreads) == len(decided.reading.criteria)
    assert sum(report.bids[0].spreads[0].first) == 4


def test_report_puts_bids_with_money_first(decided):
    report = now_report(decided)
    groups = [(group.title, [bid.kind for bid in group.bids], group.met) for group in report.groups]
    assert groups == [
        ("Given money", ["award", "less"], True),
        ("On the reserve list", ["reserve"], True),
        ("Not this time, after meeting the panel", ["no"], True),
        ("Not this time, after reading", ["not_met"], False),
    ]
    every = ("award", "less", "reserve", "no", "not_met", "not_eligible", "withdrawn", "")
    bids = tuple(replace(report.bids[0], kind=kind) for kind in every)
    grouped = [bid for group in replace(report, bids=bids).groups for bid in group.bids]
    assert grouped == list(bids)


def test_report_counts_bids_that_did_not_come_on_the_site(decided):
    typed = now_report(decided).typed
    assert (typed.bids_on_paper, typed.bids_imported, typed.bids_confirmed) == (0, 0, 0)
    first, second, third, *_rest = decided.bids
    for bid, came_by, confirmed in (
        (first, "paper", True), (second, "import", False), (third, "import", True),
    ):  # fmt: skip
        bid.came_by, bid.declared_true = came_by, confirmed
        bid.save()
    typed = now_report(decided).typed
    assert (typed.bids_on_paper, typed.bids_imported, typed.bids_confirmed) == (1, 2, 2)


def test_report_puts_checks_together_by_organisation(decided):
    checks = tuple(
        facts.Check(reference, kind, passed, "", date(2026, 5, day))
        for reference, kind, passed, day in (
            ("B", "Register", True, 2), ("A", "Register", True, 3), ("B", "Bank", False, 5),
        )
    )  # fmt: skip
    report = replace(now_report(decided), checks=checks)
    rows = [(row.reference, len(row.checks), row.all_well, row.on.day) for row in report.checked]
    assert rows == [("A", 1, True, 3), ("B", 2, False, 5)]
    assert report.kinds_of_check == ("Register", "Bank")


def test_report_of_notes_dissent_about_the_choice_that_stands_and_nothing_about_members(decided):
    bid, panel = decided.bids[0], decided.panel
    sister = "Joan’s sister is the treasurer there."

    def said(kind, words, **more):
        row = put_vote(panel, kind, application=bid, **more)
        seat = decided.seats[1]
        row.votes.create(seat=seat, choice="disagree", words=words, voted_at=clock.now())
        return row

    said("interest", sister, data={"interest": 0, "member": decided.seats[0].member_id})
    earlier = Shortlisting.objects.get(application=bid)
    with unguarded():
        before = earlier.proposal.votes.first()
        before.choice, before.words = "disagree", "Too far away."
        before.save()
    assert dissent_of(decided, bid) == ("Too far away.",)
    later = said("shortlist", "Too small.")
    assert dissent_of(decided, bid) == ("Too far away.",), "nothing has come of it yet"
    with unguarded():
        later.outcome, later.settled_at = "agreed", clock.now()
        later.save()
        Shortlisting.objects.create(
            panel=panel,
            application=bid,
            outcome="meet",
            reason="We talked again.",
            proposal=later,
            replaces=earlier,
            settled_at=clock.now(),
        )
    assert dissent_of(decided, bid) == ("Too small.",)
    assert sister not in repr(now_report(decided))


def put_vote(panel, kind, **more):
    by = panel.seats.first().member.person
    return Proposal.objects.create(panel=panel, kind=kind, put_at=clock.now(), put_by=by, **more)


def dissent_of(deciding, bid):
    return next(row for row in now_report(deciding).bids if row.reference == bid.reference).dissent


def test_report_of_a_bid_taken_back_later_counts_its_money_as_not_taken(agreed, amina, tmp_path):
    bid, before = agreed.bids[0], now_report(agreed)
    with unguarded():
        Application.objects.filter(pk=bid.pk).update(
            withdrawn_at=timezone.now(), withdrawn_by=amina
        )
    report = now_report(agreed)
    taken_back = next(row for row in report.bids if row.reference == bid.reference)
    assert (taken_back.kind, taken_back.answer, taken_back.takes_money) == (
        "award",
        "withdrawn",
        False,
    )
    assert (report.awarded, report.turned_down) == (before.awarded, taken_back.amount)
    assert sum(place.sum for place in report.places) == report.awarded - taken_back.amount
    assert mark_of(report) == mark_of(before), "the panels need not agree the same facts again"
    assert "took its bid back later" in pdf_text(
        exports.made(report, ReportFile.Format.PDF), tmp_path
    )
    book = openpyxl.load_workbook(io.BytesIO(exports.sheets(report)))
    short = dict(list(book["In short"].values)[1:])
    assert short["Not taken by groups, in pounds"] == float(taken_back.amount)
    for kind in ReportFile.Format:
        content = exports.made(report, kind, public=True)
        if kind == ReportFile.Format.PDF:
            text = pdf_text(content, tmp_path)
        elif kind == ReportFile.Format.XLSX:
            text = str([list(page.values) for page in openpyxl.load_workbook(io.BytesIO(content))])
        else:
            text = content.decode()
        assert bid.reference not in text, kind
        assert agreed.bids[1].reference in text, kind


def test_report_of_names_only_those_who_said_so(decided, joan):
    seat = decided.seat(joan)
    assert now_report(decided).panels[0].names == ()
    seat.member.may_be_named = True
    seat.member.save()
    assert now_report(decided).panels[0].names == ("Joan Ibbotson",)
    assert now_report(decided).panels[0].unnamed == 3


def later_sheet(reading):
    """A changed score after the talk, written behind the program's back."""
    sheet = ScoreSheet.objects.filter(application=reading.bids[0]).first()
    before = Score.objects.get(sheet=sheet, criterion=reading.criteria[0]).value
    later = ScoreSheet.objects.create(
        member=sheet.member,
        application=sheet.application,
        version=sheet.version,
        phase="talk",
        sent_at=timezone.now(),
        sent_by=sheet.sent_by,
    )
    Score.objects.create(
        sheet=later, criterion=reading.criteria[0], value=(before + 1) % 6, reason="Yes"
    )


def test_report_of_keeps_first_and_later_scores(joan, sam):
    """A change after the talk stands beside the first score."""
    deciding = build.deciding_round(joan, by=sam, bids=1, at_the_talk=later_sheet)
    first, second = now_report(deciding).bids[0].spreads
    assert first.first != first.after
    assert sum(first.first) == sum(first.after) == 4
    assert second.first == second.after
    assert len(first.strips[0].points) == 4


def test_prove_finds_an_act_that_the_trail_does_not_tell(joan, sam):
    """A score row slipped in behind the program's back has no entry by its member."""
    deciding = build.deciding_round(joan, by=sam, bids=1, at_the_talk=later_sheet)
    slipped = ScoreSheet.objects.get(phase="talk")
    assert now_report(deciding).proof.found == (f"sheet {slipped.pk}",)


def test_report_of_interests_never_say_who(decided, priya):
    member = decided.seat(priya).member
    interest = Interest.objects.create(
        member=member, application=decided.bids[0], kind="direct", made_at=timezone.now()
    )
    StandingAside.objects.create(
        member=member, lot=decided.panel.lot, interest=interest, began_at=timezone.now()
    )
    report = now_report(decided)
    (row,) = report.interests
    assert row.followed == "Stood aside from the whole lot."
    assert "Priya" not in str(report)
    own = for_member(report, decided.round, priya)
    assert own.bids == ()
    assert own.decisions == ()
    assert own.awarded == report.awarded


def test_report_of_asks_the_same_number_of_questions_for_more_bids(joan, sam):
    deciding = build.deciding_round(joan, by=sam, bids=1)
    with CaptureQueriesContext(connection) as few:
        now_report(deciding)
    for _more in range(3):
        make_bid(deciding.panel.lot)
    with CaptureQueriesContext(connection) as many:
        now_report(deciding)
    assert len(few) == len(many)


def test_report_scores_are_those_of_the_report_in_as_many_questions_for_more(
    agreed, client, margaret, joan
):
    report = now_report(agreed)
    with CaptureQueriesContext(connection) as asked:
        told = list(scores_told(agreed.round))
    assert len(asked) == 2
    for bid in report.bids:
        for spread in bid.spreads:
            for talked, counts, cannot in (
                (False, spread.first, spread.cannot_first),
                (True, spread.after, spread.cannot_after),
            ):
                here = (bid.reference, spread.criterion, talked)
                found = [row[3] for row in told if row[:3] == here]
                expected = [value for value, many in enumerate(counts) for _n in range(many)]
                assert found == expected + [None] * cannot
    assert len(told) == sum(
        sum(row.first) + sum(row.after) + row.cannot_first + row.cannot_after
        for bid in report.bids
        for row in bid.spreads
    )
    client.force_login(margaret)
    keep_reports(at=clock.now())  # as the tick does, ahead of its readers
    address = reverse("report_scores", args=[agreed.round.slug])
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(asked) <= 20
    assert answer.streaming
    assert lines[0] == "Reference,Criterion,When,Score"
    assert len(lines) == 1 + len(told)
    client.force_login(joan)
    assert client.get(address).status_code == 404


def test_report_scores_ask_no_more_for_ten_times_the_scores(decided, client, margaret):
    few = Score.objects.count()
    more = build.more_scored_bids(decided, 60)
    assert more >= few * 10
    build.agreed_report(decided)
    keep_reports(at=clock.now())
    client.force_login(margaret)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(reverse("report_scores", args=[decided.round.slug]))
        page = len(asked)
        lines = sum(1 for _line in answer.streaming_content)
    assert lines > more
    assert (page <= 18, len(asked) - page) == (True, 2)


def test_scores_told_hold_a_few_at_a_time(decided):
    def most(bids):
        build.more_scored_bids(decided, bids)
        list(Score.objects.values_list("pk"))  # what is made once is not counted
        tracemalloc.start()
        try:
            told = sum(1 for _row in exports.scores_as_lines(scores_told(decided.round)))
            return told, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, before = most(SCORES_AT_ONCE // 8)
    many, after = most(SCORES_AT_ONCE // 2)
    assert many > few * 4
    assert after < before * 2


def test_report_scores_are_not_there_before_every_panel_agreed(decided, client, margaret):
    client.force_login(margaret)
    assert client.get(reverse("report_scores", args=[decided.round.slug])).status_code == 403


# ---- Proof -----------------------------------------------------------------------------------
def test_prove_looks_for_every_act(decided):
    proof = now_report(decided).proof
    assert proof.holds
    assert proof.found == ()
    assert proof.sheets == 5 * 4
    assert proof.signatures == 4
    assert proof.votes == 6 * 3


def test_prove_finds_somebody_who_was_staff_then(decided, joan):
    with unguarded():
        RoleHolding.objects.filter(person=joan, role="volunteer").update(
            role="facilitator", ended_at=None
        )
    proof = now_report(decided).proof
    assert not proof.holds
    assert any(name.startswith("signature ") for name in proof.found)


def test_prove_is_pure():
    at = timezone.now()
    act = facts.Act("vote", 1, person=7, at=at)
    volunteer = facts.Held(7, "volunteer", at - timedelta(days=9), None)
    known = {"superusers": frozenset(), "trail_holds": True, "decisions_unchanged": True}
    assert facts.prove([act], [volunteer], **known).holds
    assert not facts.prove([act], [], **known).holds
    both = [volunteer, facts.Held(7, "facilitator", at - timedelta(days=1), at + timedelta(1))]
    assert facts.prove([act], both, **known).found == ("vote 1",)
    earlier = [volunteer, facts.Held(7, "facilitator", at - timedelta(days=5), at)]
    assert facts.prove([act], earlier, **known).holds
    assert not facts.prove([act], [volunteer], **{**known, "superusers": frozenset({7})}).holds
    assert not facts.prove([act], [volunteer], **{**known, "trail_holds": False}).holds
    assert not facts.prove([replace(act, traced=False)], [volunteer], **known).holds


def test_rest_kept():
    close, until = date(2026, 6, 1), date(2026, 6, 8)
    assert facts.rest_kept(close, until, [date(2026, 6, 9)], date(2026, 7, 1)) is True
    assert facts.rest_kept(close, until, [date(2026, 6, 5)], date(2026, 7, 1)) is False
    assert facts.rest_kept(close, until, [], date(2026, 6, 4)) is None
    assert facts.rest_kept(None, None, [], date(2026, 6, 4)) is None


# ---- Agreement before export ---------------------------------------------------------------
@pytest.mark.parametrize("kind", ReportFile.Format.values)
def test_export_report_refuses_before_every_panel_agreed(decided, margaret, kind):
    with pytest.raises(Refused, match="Not every panel has agreed the report yet"):
        actions.export_report(round=decided.round, format=kind, by=margaret, at=timezone.now())


def test_export_report_refuses_when_facts_changed_since(agreed, margaret):
    board = agreed.panel.boards.get()
    build.put_line(agreed, board, agreed.bids[2], "no")
    build.sign(agreed, build.put(agreed, board, reason="We looked again."))
    with pytest.raises(Refused, match="facts have changed since"):
        actions.export_report(round=agreed.round, format="csv", by=margaret, at=timezone.now())


def test_export_report_reads_the_report_again_only_if_an_entry_came_meanwhile(
    agreed, margaret, monkeypatch
):
    read, made = reports.report_of, reports.exports.made
    times = []

    def counted(*args, **facts):
        times.append(1)
        return read(*args, **facts)

    def meanwhile(*args, **facts):
        with transaction.atomic():
            record(chain=agreed.round.chain, verb="noted_report", by=margaret, at=clock.now())
        return made(*args, **facts)

    monkeypatch.setattr(reports, "report_of", counted)
    actions.export_report(round=agreed.round, format="csv", by=margaret, at=clock.now())
    assert len(times) == 1
    monkeypatch.setattr(reports.exports, "made", meanwhile)
    actions.export_report(round=agreed.round, format="csv", by=margaret, at=clock.now())
    assert len(times) == 3


def test_export_report_refuses_what_it_cannot_prove(agreed, margaret, joan):
    with unguarded():
        RoleHolding.objects.filter(person=joan, role="volunteer").update(role="facilitator")
    with pytest.raises(Refused, match="checks do not show it"):
        actions.export_report(round=agreed.round, format="csv", by=margaret, at=timezone.now())


@pytest.mark.parametrize("who", ["joan", "amina", "administrator", "superuser", "outsider"])
def test_export_report_is_for_board_and_staff(agreed, who, request):
    by = request.getfixturevalue(who)
    with pytest.raises(Refused):
        actions.export_report(round=agreed.round, format="csv", by=by, at=timezone.now())


def test_export_report_keeps_the_file_with_its_digest(agreed, margaret):
    made = actions.export_report(round=agreed.round, format="csv", by=margaret, at=timezone.now())
    entry = Entry.objects.get(chain=agreed.round.chain, verb="exported_report")
    assert entry.data["sha256"] == made.sha256
    assert made.file.name.startswith("reports/")


def test_mark_of_does_not_move_with_what_comes_later(agreed, margaret, amina, sam):
    before = mark_of(now_report(agreed))
    actions.ask_board_question(round=agreed.round, text="Why?", by=margaret, at=timezone.now())
    agreed.bids[0].organisation.name = "A corrected name"
    agreed.bids[0].organisation.save()
    assert mark_of(now_report(agreed)) == before


# ---- The same figures everywhere -------------------------------------------------------------
def test_figures_agree_in_pdf_xlsx_csv_and_json(agreed, tmp_path):
    report = now_report(agreed)
    book = openpyxl.load_workbook(io.BytesIO(exports.sheets(report)))
    bids = list(book["Bids"].iter_rows(min_row=2, values_only=True))
    asked = {row[0]: Decimal(str(row[5])) for row in bids}
    given = {row[0]: Decimal(str(row[6])) for row in bids}
    rows = list(csv.DictReader(io.StringIO(exports.comma_separated(report).decode("utf-8-sig"))))
    assert {row["Reference"]: Decimal(row["Asked, in pounds"]) for row in rows} == asked
    assert {row["Reference"]: Decimal(row["Given, in pounds"]) for row in rows} == given
    assert sum(given.values()) == report.awarded == Decimal("1600.50")
    grants = json.loads(exports.giving(report))["grants"]
    assert {
        row["id"].rsplit("-", 2)[-2] + "-" + row["id"].rsplit("-", 1)[-1]: row["amountAwarded"]
        for row in grants
    } == {reference: float(amount) for reference, amount in given.items() if amount}
    text = pdf_text(exports.made(report, ReportFile.Format.PDF), tmp_path)
    for bid in report.bids:
        assert bid.reference in text
    assert "£600.50" in text
    assert "£1,600.50" in text
    assert report.trail.head_hash in text.replace(" ", "")


EACH = ("=The need is plain.", "You know <your> neighbours.")
UNDER_TITLES = "Criterion 1: =The need is plain.\nCriterion 2: You know <your> neighbours."


@pytest.fixture
def told_of_each(joan, sam, settings, tmp_path):
    """A decision with the panel's words for each criterion, of two bids and one not met."""
    settings.MEDIA_ROOT = tmp_path
    deciding = build.deciding_round(joan, by=sam, bids=2, not_met=1, about_each=EACH)
    build.decided(deciding)
    return deciding


def test_words_for_each_criterion_stand_beside_the_reason_in_every_form(
    told_of_each, joan, tmp_path
):
    report = now_report(told_of_each)
    assert [bid.by_criterion for bid in report.bids] == [
        (("Criterion 1", EACH[0]), ("Criterion 2", EACH[1]))
    ] * 3
    sheet = openpyxl.load_workbook(io.BytesIO(exports.sheets(report)))["Bids"]
    assert [cell.value for cell in sheet[1]][10:13] == [
        "Reason",
        "Criterion",
        "About each criterion",
    ]
    assert [row[12] for row in sheet.iter_rows(min_row=2, values_only=True)] == [UNDER_TITLES] * 3
    rows = csv.DictReader(io.StringIO(exports.comma_separated(report).decode("utf-8-sig")))
    assert [row["About each criterion"] for row in rows] == [UNDER_TITLES] * 3
    text = pdf_text(exports.made(report, ReportFile.Format.PDF), tmp_path)
    assert text.count(f"About: Criterion 1 {EACH[0]} About: Criterion 2 {EACH[1]}") == 3
    page = render_to_string("decisions/_report_bids.html", {"groups": report.groups})
    assert page.count("You know &lt;your&gt; neighbours.") == 3


def test_nobody_outside_reads_the_words_for_each_criterion(told_of_each, tmp_path):
    public = for_public(now_report(told_of_each))
    assert [bid.by_criterion for bid in public.bids] == [()] * 2
    for kind in (ReportFile.Format.CSV, ReportFile.Format.PDF):
        made = exports.made(now_report(told_of_each), kind, public=True)
        text = pdf_text(made, tmp_path) if kind == "pdf" else made.decode()
        assert "neighbours" not in text


def test_mark_of_is_as_before_where_there_are_no_words_for_each_criterion(decided, told_of_each):
    plain, told = now_report(decided), now_report(told_of_each)
    assert all(len(facts._agreed_of(bid)) == 11 for bid in plain.bids)
    without = replace(told, bids=tuple(replace(bid, by_criterion=()) for bid in told.bids))
    assert mark_of(told) != mark_of(without)
    assert now_report(told_of_each).proof.decisions_unchanged


def test_the_same_facts_give_the_same_bytes_but_for_the_date(agreed):
    at = timezone.now()

    def all_made(later=0):
        report = report_of(agreed.round, at=at)
        dated = replace(report, made_at=at + timedelta(days=later))
        return {
            (kind, public): exports.made(dated, kind, public=public)
            for kind in ReportFile.Format
            for public in (False, True)
        }

    first, again, later = all_made(), all_made(), all_made(later=3)
    assert [which for which, content in first.items() if again[which] != content] == []
    assert [first[which] == later[which] for which in first if which[0] == "csv"] == [True, True]
    book = first[ReportFile.Format.XLSX, False]
    days = {part.date_time for part in ZipFile(io.BytesIO(book)).infolist()}
    assert days == {(*at.date().timetuple()[:3], 0, 0, 0)}, "no clock is in it, on a fast machine"
    before, after = (json.loads(made[ReportFile.Format.GIVING, True]) for made in (first, later))
    for package in (before, after):
        del package["issued"]
        for grant in package["grants"]:
            del grant["dateModified"]
    assert before == after


def test_the_pdf_lists_its_parts_with_the_pages_they_are_on(agreed, tmp_path):
    text = pdf_text(exports.made(now_report(agreed), ReportFile.Format.PDF), tmp_path)
    pages = re.split(r"Page \d+ of \d+", text)
    listed = re.findall(r"([A-Z][^.]*?) ?\.{3,} ?(\d+)", pages[0].split("What is in it")[1])
    parts = dict(listed)
    assert list(parts)[:2] == ["In short", "All bids in one list"]
    assert "Who decided" in parts and "Complaints about how things were done" in parts
    for part, page in listed:
        assert part.strip() in pages[int(page) - 1], f"{part} is not on page {page}"


def test_sheets_hold_real_numbers_and_no_formulas(agreed):
    book = openpyxl.load_workbook(io.BytesIO(exports.sheets(now_report(agreed))))
    sheet = book["Bids"]
    assert sheet["G3"].data_type == "n"
    assert sheet["G3"].number_format == "£#,##0.00"
    assert sheet["B2"].value == "'=SUM(A1) Neighbours"
    assert sheet["P2"].number_format == "d mmmm yyyy"
    assert sheet.column_dimensions["P"].width > len("30 September 2026")
    hours = book["Who decided"]["I2"]
    assert (hours.data_type, hours.number_format) == ("n", "0.0")
    assert not any(
        cell.data_type == "f" for page in book for row in page.iter_rows() for cell in row
    )


def test_comma_separated_has_no_formulas(agreed):
    rows = list(
        csv.reader(io.StringIO(exports.comma_separated(now_report(agreed)).decode("utf-8-sig")))
    )
    assert rows[1][1] == "'=SUM(A1) Neighbours"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+44 113", "'+44 113"),
        ("-5", "'-5"),
        ("@you", "'@you"),
        ("\tcmd", "'\tcmd"),
        ("  =1", "'  =1"),
        ("plain\x00 text\x0b", "plain text"),
        ("a - b", "a - b"),
    ],
)
def test_harmless(typed, written):
    assert exports.harmless(typed) == written


# ---- Public ----------------------------------------------------------------------------------
def test_for_public_names_no_group_without_money(agreed, tmp_path):
    report = now_report(agreed)
    public = for_public(report)
    losers = [bid for bid in report.bids if not bid.gives_money]
    texts = [
        pdf_text(exports.made(report, ReportFile.Format.PDF, public=True), tmp_path),
        exports.made(report, ReportFile.Format.CSV, public=True).decode(),
        exports.giving(report).decode(),
        str(public),
    ]
    book = openpyxl.load_workbook(
        io.BytesIO(exports.made(report, ReportFile.Format.XLSX, public=True))
    )
    texts.append(
        " ".join(str(cell.value) for page in book for row in page.iter_rows() for cell in row)
    )
    for text in texts:
        for bid in losers:
            assert bid.reference not in text
            assert bid.organisation.name not in text
            assert bid.title not in text
    assert len(public.bids) == 2


def test_for_public_says_that_staff_asked_more_widely_and_not_whom(agreed, tmp_path):
    asked = facts.Outreach(
        "Where do you live?", "Harehills", "Mrs Patel", date(2026, 1, 1), None, "Her husband is ill"
    )
    report = replace(now_report(agreed), outreach=(asked,))
    assert "Mrs Patel" in pdf_text(exports.made(report, ReportFile.Format.PDF), tmp_path)
    for text in (
        repr(for_public(report)),
        pdf_text(exports.made(report, ReportFile.Format.PDF, public=True), tmp_path),
        repr([row.rows for row in exports.tables(for_public(report))]),
    ):
        assert "Harehills" in text
        assert "Mrs Patel" not in text
        assert "husband" not in text


# ---- 360Giving -------------------------------------------------------------------------------
def check_schema(path):
    return subprocess.run(
        [
            str(Path(sys.executable).parent / "check-jsonschema"),
            "--schemafile",
            str(SCHEMA),
            str(path),
        ],
        capture_output=True,
        check=False,
    )


def test_giving_is_valid_by_the_schema(agreed, tmp_path):
    path = tmp_path / "grants.json"
    path.write_bytes(exports.giving(now_report(agreed)))
    done = check_schema(path)
    assert done.returncode == 0, done.stdout.decode()
    grants = json.loads(path.read_text())["grants"]
    assert len(grants) == 2
    first = grants[0]
    assert first["id"] == f"360G-GoodCo-{agreed.round.slug}-{agreed.bids[0].reference}"
    assert first["recipientOrganization"][0]["id"] == "GB-CHC-1164883"
    assert first["fundingOrganization"][0]["id"] == "GB-CHC-327482"
    assert first["beneficiaryLocation"] == [{"name": "Armley", "countryCode": "GB"}]
    assert "plannedDates" not in first
    second = grants[1]["recipientOrganization"][0]["id"]
    assert second == f"360G-GoodCo-org-{agreed.bids[1].organisation_id}"
    path.write_text(json.dumps({"version": "1.4", "grants": [{"id": "x"}]}))
    assert check_schema(path).returncode == 1


def with_all_that_open_data_can_say(agreed):
    """The report of a fund with a place, on bids that said when they would begin and end."""
    place = {"place_name": "Leeds", "place_code": "E08000035"}
    Programme.objects.update(**place)
    for kind, label in (("starts", "From?"), ("ends", "To?")):
        agreed.round.form_questions.create(key=kind, label=label, kind=kind)
    first, second = agreed.bids[:2]
    for bid, days in ((first, ("2026-09-01", "2027-08-31")), (second, ("2026-10-01", "soon"))):
        content = bid.newest_version.content
        content["answers"] += [
            {"key": key, "label": "When?", "text": day, "criteria": []}
            for key, day in zip(("starts", "ends"), days, strict=True)
        ]
        with unguarded():
            bid.versions.update(content=content)
    return now_report(agreed)


def test_giving_says_when_and_where_with_codes(agreed, tmp_path):
    path = tmp_path / "grants.json"
    path.write_bytes(exports.giving(with_all_that_open_data_can_say(agreed)))
    assert check_schema(path).returncode == 0
    first, second = json.loads(path.read_text())["grants"]
    assert first["plannedDates"] == [{"startDate": "2026-09-01", "endDate": "2027-08-31"}]
    assert second["plannedDates"] == [{"startDate": "2026-10-01"}]
    assert first["beneficiaryLocation"] == [
        {"name": "Armley", "countryCode": "GB"},
        {"name": "Leeds", "countryCode": "GB", "geoCode": "E08000035", "geoCodeType": "MD"},
    ]


def test_giving_table_comes_back_the_same_through_flattentool(agreed, tmp_path):
    """The standard's own program reads the table into the very grants that it was made from."""
    package = json.loads(exports.giving(with_all_that_open_data_can_say(agreed)))
    # A name that looks like a formula is made harmless, so it would not come back the same.
    package["grants"][0]["recipientOrganization"][0]["name"] = "Neighbours"
    package["grants"][0]["title"] = 'Tea, "cake" and a long\nline – £5 each'
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "grants.csv").write_text(exports.giving_table(package), "utf-8", newline="")
    whole = json.loads(SCHEMA.read_text())
    grant = {**whole["$defs"]["Grant"], "$defs": whole["$defs"]}
    (tmp_path / "grant.json").write_text(json.dumps(grant))
    flattentool.unflatten(
        str(tables),
        input_format="csv",
        root_list_path="grants",
        root_id="",
        schema=str(tmp_path / "grant.json"),
        convert_titles=True,
        output_name=str(tmp_path / "back.json"),
    )
    assert json.loads((tmp_path / "back.json").read_text())["grants"] == package["grants"]


def test_giving_table_holds_no_formula():
    package = {"grants": [{"id": "1", "title": "=HYPERLINK(1)"}]}
    assert "'=HYPERLINK(1)" in exports.giving_table(package)


def test_giving_needs_the_funders_prefix(agreed):
    report = replace(now_report(agreed), prefix_360giving="")
    with pytest.raises(Refused, match="no 360Giving prefix"):
        exports.giving(report)


def test_giving_leaves_out_what_was_not_taken(agreed):
    report = now_report(agreed)
    bids = tuple(
        replace(bid, answer="declined") if bid.kind == "less" else bid for bid in report.bids
    )
    package = json.loads(exports.giving(replace(report, bids=bids)))
    assert [row["amountAwarded"] for row in package["grants"]] == [1000]


@pytest.mark.parametrize(
    ("charity", "company", "found"),
    [
        ("1164883", "", "GB-CHC-1164883"),
        ("SC012345", "", "GB-SC-SC012345"),
        ("", "01234567", "GB-COH-01234567"),
        ("rubbish", "", "P-org-5"),
        ("", "", "P-org-5"),
    ],
)
def test_recipient_has_the_best_id_there_is(charity, company, found):
    group = facts.Organisation(5, "Name", charity, company, "")
    assert dict(exports._recipient(group, "P"))["id"] == found


# ---- PDF --------------------------------------------------------------------------------------
def test_pdf_is_tagged_and_says_its_language(agreed):
    content = exports.made(now_report(agreed), ReportFile.Format.PDF)
    with pikepdf.open(io.BytesIO(content)) as book:
        root = book.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang).lower().startswith("en")
        assert root.ViewerPreferences.DisplayDocTitle
        with book.open_metadata() as data:
            assert data["pdfuaid:part"] == "1"
            assert "Report" in data["dc:title"]
        kinds = set()
        alts = []

        def walk(node):
            if isinstance(node, pikepdf.Dictionary):
                if "/S" in node:
                    kinds.add(str(node.S))
                if "/Alt" in node:
                    alts.append(str(node.Alt))
                if "/K" in node:
                    walk(node.K)
            elif isinstance(node, pikepdf.Array):
                for child in node:
                    walk(child)

        walk(root.StructTreeRoot)
        assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure", "/P"} <= kinds
        assert any(alt.startswith("Scores given: ") for alt in alts)


def test_fewer_marks_are_kept_and_the_pdf_is_the_same(agreed, monkeypatch):
    """WeasyPrint's own style marks each element six times; ours marks lists, once."""
    assert pdf.available()
    style_for = import_module("weasyprint.css").StyleFor
    give_style = style_for.set_computed_styles
    report, marks = now_report(agreed), Counter()

    def counted(self, element, *args, pseudo_type=None, **named):
        marks[pseudo_type] += 1
        return give_style(self, element, *args, pseudo_type=pseudo_type, **named)

    monkeypatch.setattr(style_for, "set_computed_styles", counted)
    with_fewer = exports.made(report, ReportFile.Format.PDF)
    fewer = marks.copy()
    marks.clear()
    monkeypatch.setattr(pdf, "_first_style", lambda weasyprint: weasyprint.html.UA_STYLESHEET)
    assert exports.made(report, ReportFile.Format.PDF) == with_fewer
    assert 0 < fewer["marker"] < marks["marker"] / 5
    assert not [kind for kind in fewer if str(kind).startswith(("note-", "footnote-"))]
    assert fewer.total() < marks.total() / 5


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://example.org/static/css/print.css",
        "http://localhost:8000/media/reports/x",
        "https://localhost:8000/static/css/print.css",
    ],
)
def test_static_file_gives_no_other_file(address):
    assert pdf.static_file(address) is None


def test_static_file_does_not_climb_out(settings):
    with pytest.raises(SuspiciousFileOperation):
        pdf.static_file(f"{settings.BASE_URL}/static/../../config/settings.py")


def test_static_file_gives_our_own_style(settings):
    found = pdf.static_file(f"{settings.BASE_URL}/static/css/print.css")
    assert found is not None
    assert found.name == "print.css"


def test_available_says_plainly_when_pango_is_missing(monkeypatch, agreed):
    def missing(name):
        raise OSError("cannot load library 'pango'")

    monkeypatch.setattr(pdf, "import_module", missing)
    assert not pdf.available()
    assert "cannot make a PDF" in pdf.available().sentence
    with pytest.raises(Refused, match="cannot make a PDF"):
        exports.made(now_report(agreed), ReportFile.Format.PDF)


# ---- The command --------------------------------------------------------------------------------
def test_export_report_command(agreed, tmp_path, capsys):
    output = tmp_path / "out.csv"
    call_command("export_report", agreed.round.slug, "--format", "csv", "--output", str(output))
    assert output.read_bytes().startswith(b"\xef\xbb\xbfReference")
    call_command(
        "export_report", str(agreed.round.pk), "--format", "360giving", "--output", str(output)
    )
    assert json.loads(output.read_text())["version"] == "1.4"


def test_export_report_command_refuses_before_approval(decided, tmp_path):
    output = tmp_path / "out.csv"
    with pytest.raises(CommandError, match="Not every panel has agreed the report yet"):
        call_command(
            "export_report", decided.round.slug, "--format", "csv", "--output", str(output)
        )
    assert not output.exists()
    with pytest.raises(CommandError, match="There is no round called"):
        call_command("export_report", "nothing", "--format", "csv", "--output", str(output))


def test_pdf_in_large_print_has_more_pages(agreed):
    report = now_report(agreed)
    pages = []
    for large in (False, True):
        content = exports.made(report, ReportFile.Format.PDF, large_print=large)
        with pikepdf.open(io.BytesIO(content)) as book:
            pages.append(len(book.pages))
    assert pages[0] < pages[1]


# ---- Who took part ------------------------------------------------------------------------------
def test_the_report_tells_who_took_part_with_small_numbers_left_out(decided):
    """The hidden counts are in no format, and what was done about a gap is in each."""
    round, by, now = decided.round, Cast().sam, timezone.now()
    support.start_about_questions(programme=round.programme, by=by, at=now)
    caring = AboutQuestion.objects.get(slug="caring")
    codes = support.print_codes(round=round, number=23, by=by, at=now)
    for code, option in zip(codes, [1] * 3 + [2] * 9 + [3] * 8 + [0] * 3, strict=True):
        support.answer_about_us(round=round, code=code, chosen={caring.pk: option})
    on = clock.today() + timedelta(days=1)
    day = support.fix_count_day(round=round, count_on=on, on=clock.today(), by=by, at=now)
    support.count_about_us(day=day, by=by, at=now, on=on)
    plan = support.plan_outreach(
        round=round, question=caring, option=1, who="The carers’ café", due_on=on, by=by, at=now
    )
    support.finish_outreach(outreach=plan, result="Nine came.", by=by, at=now)
    report = now_report(decided)
    (table,) = [row for row in report.people if row.question == caring.pk]
    assert [line.count for line in table.lines] == [None, 9, 8, None]
    assert [(row.who, row.result) for row in report.outreach] == [
        ("The carers’ café", "Nine came.")
    ]
    assert for_public(report).people == report.people
    text = " ".join(render_to_string("decisions/_report.html", {"report": report}).split())
    assert "Nine came." in text
    assert "Not shown</td>" in text
    rows = {row.name: row.rows for row in exports.tables(report)}
    counts = [row[3] for row in rows["Who took part"] if row[0] == caring.text]
    assert counts == ["Not shown", 9, 8, "Not shown"]


def test_the_report_tells_what_it_did_for_people_and_keeps_lessons_from_the_public(decided):
    round, by, now = decided.round, Cast().sam, timezone.now()
    LookTable.objects.create(
        round=round,
        slug="speaking",
        text="Saying what I think",
        people=15,
        counts=[None, 10, None, None],
        counted_at=now,
        counted_by=by,
    )
    support.write_lesson(round=round, stage="join", text="Ask at bus stops.", by=by, at=now)
    report = now_report(decided)
    (change,) = report.changes
    assert (change.surer, change.same, change.people) == (10, None, 15)
    assert [row.text for row in report.lessons] == ["Ask at bus stops."]
    assert for_public(report).changes == report.changes
    assert for_public(report).lessons == ()
    text = render_to_string("decisions/_report.html", {"report": report})
    assert "Ask at bus stops." in text
    assert text.count("Not shown") >= 3
    rows = {row.name: row.rows for row in exports.tables(report)}
    assert rows["What it did for people"] == (
        ("Saying what I think", 15, 10, "Not shown", "Not shown", "Not shown"),
    )
