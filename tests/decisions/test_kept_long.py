"""Bids that got no money, and what was said on the way to a decision: what goes after two and
seven years, what stays, and that figures, marks and the trail are as true afterwards as before."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from applications.models import EMPTIED, Answer, Application, BidVersion, BudgetLine, Document
from commissioning.models import Round, Stage
from decisions import actions, retention
from decisions.models import Clearing, Erasure, Kept, Outcome
from decisions.reading import report_of
from decisions.report import Report, mark_of
from ledger.checking import troubles
from ledger.models import Entry, Letter
from panels.models import Assignment, Meeting, Said, Score, ScoreSheet, SheetScan
from tests.conftest import Once
from tests.factories import decisions as deciding
from tests.factories.applications import pdf, photo
from tests.factories.unguarded import unguarded
from tests.faults.cells import fill

pytestmark = pytest.mark.django_db

DAYS_AGO = 3000
"""So long ago the last stage of the round closed."""


@dataclass
class Ended:
    """A round that was decided long ago: bids with an award, less, a reserve place, a no, and one
    that was not met."""

    facts: deciding.Deciding
    round: Round
    won: list[Application]
    lost: list[Application]

    def report(self) -> Report:
        return report_of(Round.objects.get(pk=self.round.pk), at=timezone.now())


def end(cast) -> Ended:
    facts = deciding.deciding_round(
        cast.joan, cast.harold, cast.priya, bids=4, not_met=1, by=cast.sam
    )
    deciding.decided(facts)
    bids = [*facts.bids, *facts.not_met]
    now = timezone.now()
    for bid in bids:
        Application.objects.filter(pk=bid.pk).update(
            contact_name="Mo Ali",
            contact_channel="phone",
            partners_named="Dr Green",
            title="Tea",
            unsent={"partners": ["Dr Green"]},
        )
        row = fill(Document, application=bid, name="Mo Ali.pdf", removed_at=None, file="")
        with unguarded():
            row.file.save("plan.pdf", ContentFile(pdf()))
            BidVersion.objects.filter(application=bid).update(
                content={**EMPTIED, "title": "Tea", "summary": "Mo Ali pours tea.", "area": "Beck"}
            )
    fill(Meeting, panel=facts.panel, kind="decision", minutes="Harold was late.")
    fill(Said, panel=facts.panel, text="Shall we meet at mine?")
    given = Assignment.objects.first()
    scan = fill(SheetScan, assignment=given, kind="jpg", file="", added_by=cast.sam)
    with unguarded():
        scan.file.save("sheet.jpg", ContentFile(photo()))
    ago = now - timedelta(days=DAYS_AGO)
    with unguarded():  # a whole round, long over
        Stage.objects.filter(round=facts.round).update(
            opened_at=ago, opened_by=cast.sam, closed_at=ago, closed_by=cast.sam
        )
    paid = set(
        Outcome.objects.filter(kind__in=["award", "less"]).values_list("application", flat=True)
    )
    return Ended(
        facts,
        Round.objects.get(pk=facts.round.pk),
        [row for row in bids if row.pk in paid],
        [row for row in bids if row.pk not in paid],
    )


@pytest.fixture(scope="module")
def once_ended(once: Once[Ended]) -> Ended:
    return once(end)


@pytest.fixture
def ended(once_ended: Ended, db: None) -> Ended:
    return deepcopy(once_ended)


def clear(ended: Ended, what: str, first: Person, second: Person) -> Clearing:
    at = timezone.now()
    row = actions.put_clearing(programme=ended.round.programme, what=what, by=first, at=at)
    return actions.do_clearing(clearing=row, by=second, at=at)


def figures(report: Report) -> list[object]:
    """All that the report tells of money, scores and votes."""
    return [
        mark_of(report),
        [
            (bid.reference, bid.title, bid.area, bid.asked, bid.amount, bid.spreads, bid.reason)
            for bid in report.bids
        ],
        [
            (row.agree, row.live_with, row.disagree, row.dissent, row.unchanged)
            for row in report.decisions
        ],
        report.proof.holds,
        report.lots,
    ]


# ---- Bids that got no money -------------------------------------------------------------------
def test_the_words_of_bids_that_got_no_money_go_after_two_years(
    ended: Ended, sam: Person, ruth: Person, django_capture_on_commit_callbacks
) -> None:
    assert len(ended.won) == 2
    assert len(ended.lost) == 3
    before, entries = figures(ended.report()), list(Entry.objects.values_list("hash", flat=True))
    marks = dict(BidVersion.objects.values_list("pk", "digest"))
    files = {row.application_id: row.file.name for row in Document.objects.all()}
    found = retention.due(ended.round.programme, Kept.BIDS, on=timezone.localdate())
    assert set(found.names) == {bid.reference for bid in ended.lost}
    with django_capture_on_commit_callbacks(execute=True):
        clear(ended, Kept.BIDS, sam, ruth)
    for bid in ended.lost:
        row = Application.objects.get(pk=bid.pk)
        assert (row.contact_name, row.contact_channel, row.partners_named) == ("", "", "")
        assert (row.title, row.reference, row.unsent) == ("Tea", bid.reference, None)
        assert all(version.content == EMPTIED for version in row.versions.all())
        assert not Answer.objects.filter(application=row).exists()
        assert not BudgetLine.objects.filter(application=row).exists()
        document = row.documents.get()
        assert (document.name, document.file.name) == ("", "")
        assert not default_storage.exists(files[bid.pk])
    for bid in ended.won:
        row = Application.objects.get(pk=bid.pk)
        assert (row.contact_name, row.versions.latest("number").content["title"]) == (
            "Mo Ali",
            "Tea",
        )
        assert default_storage.exists(files[bid.pk])
    after = ended.report()
    assert figures(after) == before, "sums, scores and what panels agreed are as they were"
    assert {bid.summary for bid in after.bids} == {"Mo Ali pours tea.", ""}
    assert dict(BidVersion.objects.values_list("pk", "digest")) == marks
    assert set(entries) < set(Entry.objects.values_list("hash", flat=True))
    assert list(troubles()) == []
    with pytest.raises(Refused, match="Nothing is old enough"):
        clear(ended, Kept.BIDS, sam, ruth)


def test_an_emptied_bid_says_so_on_its_pages(ended: Ended, sam: Person, ruth: Person) -> None:
    clear(ended, Kept.BIDS, sam, ruth)
    client = Client()
    client.force_login(sam)
    page = client.get(reverse("bid_detail", args=[ended.round.slug, ended.lost[0].pk]))
    assert page.status_code == 200
    assert "Now they are deleted." in page.text
    assert "What the money is for" not in page.text, "no empty headings are left"
    page = client.get(reverse("bid_detail", args=[ended.round.slug, ended.won[0].pk]))
    assert "Now they are deleted." not in page.text
    assert "What the money is for" in page.text


@pytest.mark.parametrize("what", [Kept.BIDS, Kept.DECISIONS])
def test_nothing_is_due_a_day_before(ended: Ended, what: str) -> None:
    programme = ended.round.programme
    closed = timezone.localdate(ended.round.stages.latest("closed_at").closed_at)
    day: date = retention.months_later(closed, retention.USUAL_MONTHS[what])
    assert retention.due(programme, what, on=day).ids
    assert retention.due(programme, what, on=day - timedelta(days=1)).ids == ()


# ---- What was said on the way to a decision ---------------------------------------------------
def test_what_was_said_goes_seven_years_after_the_programme_and_the_figures_stay(
    ended: Ended, sam: Person, ruth: Person, django_capture_on_commit_callbacks
) -> None:
    before, entries = figures(ended.report()), list(Entry.objects.values_list("hash", flat=True))
    scan = SheetScan.objects.get()
    assert default_storage.exists(scan.file.name)
    values = list(Score.objects.order_by("pk").values_list("pk", "sheet", "value"))
    assert Score.objects.exclude(reason="").exists()
    assert Letter.objects.filter(chain=ended.round.chain).exclude(body_text="").exists()
    with django_capture_on_commit_callbacks(execute=True):
        row = clear(ended, Kept.DECISIONS, sam, ruth)
    assert row.count > len(values)
    assert not Score.objects.exclude(reason="").exists()
    assert not ScoreSheet.objects.exclude(why="").exists()
    assert not Said.objects.exclude(text="").exists()
    assert not Meeting.objects.exclude(minutes="").exists()
    assert SheetScan.objects.get().file.name == ""
    assert not default_storage.exists(scan.file.name)
    letters = Letter.objects.filter(chain=ended.round.chain)
    assert {(row.to_address, row.body_text, row.body_html) for row in letters} == {("", "", "")}
    assert list(Score.objects.order_by("pk").values_list("pk", "sheet", "value")) == values
    assert figures(ended.report()) == before
    assert set(entries) < set(Entry.objects.values_list("hash", flat=True))
    assert list(troubles()) == []
    assert Erasure.objects.get().round == ended.round


def test_decisions_wait_for_the_last_round_of_the_programme(ended: Ended, sam: Person) -> None:
    today = timezone.localdate()
    programme = ended.round.programme
    Round.objects.create(
        programme=programme,
        name="The next one",
        slug="the-next-one",
        envelope=1,
        chain=fill(type(ended.round.chain), key="round:next", head_seq=0),
        made_at=timezone.now(),
        made_by=sam,
    )
    assert retention.due(programme, Kept.DECISIONS, on=today).ids == ()
    assert retention.due(programme, Kept.BIDS, on=today).ids


# ---- A hold, and the database -----------------------------------------------------------------
def test_a_legal_hold_or_an_open_complaint_stops_both(
    ended: Ended, sam: Person, margaret: Person, amina: Person
) -> None:
    programme, today, now = ended.round.programme, timezone.localdate(), timezone.now()
    decision = ended.facts.panel.decisions.get()

    def due() -> list[bool]:
        return [bool(retention.due(programme, what, on=today).ids) for what in retention.HELD_BACK]

    assert due() == [True, True]
    with unguarded():
        hold = {"decision": decision, "made_by": margaret}
        decision.ratifications.create(
            kind="hold", reason="A court", made_at=now, **{**hold, "decision": decision}
        )
    assert due() == [False, False]
    client = Client()
    client.force_login(sam)
    text = client.get(reverse("clear_kept", args=[programme.slug, "bids"])).text
    assert "legal hold" in text
    with pytest.raises(Refused, match="Nothing is old enough"):
        actions.put_clearing(programme=programme, what=Kept.BIDS, by=sam, at=now)
    with unguarded():
        decision.ratifications.create(
            kind="lifted", reason="Over", made_at=now + timedelta(hours=1), made_by=margaret
        )
    assert due() == [True, True]
    with unguarded():
        ended.lost[0].complaints.create(
            text="Unfair", hear_on=today, answer_on=today, made_at=now, made_by=amina
        )
    assert due() == [False, False]


def test_the_database_lets_words_go_only_by_a_deletion_of_two_people(
    ended: Ended, sam: Person, ruth: Person
) -> None:
    lost, won, now = ended.lost[0], ended.won[0], timezone.now()
    copies = BidVersion.objects.filter(application=lost)
    scores = Score.objects.filter(sheet__application=won)

    def refused(rows, **change) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)

    refused(copies, content=EMPTIED)
    refused(scores, reason="")
    refused(SheetScan.objects.all(), file="")
    put = {
        what: actions.put_clearing(programme=ended.round.programme, what=what, by=sam, at=now)
        for what in (Kept.BIDS, Kept.DECISIONS, Kept.CARE)
        if retention.due(ended.round.programme, what, on=timezone.localdate()).ids
    }
    refused(copies, content=EMPTIED)
    for made_by, of in ((sam, {"application": lost}), (sam, {"round": ended.round})):
        with pytest.raises(DatabaseError), transaction.atomic():  # put by the same person
            Erasure.objects.create(clearing=put[Kept.BIDS], made_at=now, made_by=made_by, **of)
    with transaction.atomic():  # a mark of another kind of deletion opens nothing
        Erasure.objects.create(
            clearing=put[Kept.BIDS], made_at=now, made_by=ruth, round=ended.round
        )
        refused(scores, reason="")
        transaction.set_rollback(True)
    for what in (Kept.BIDS, Kept.DECISIONS):
        actions.do_clearing(clearing=put[what], by=ruth, at=now)
    refused(copies, content={**EMPTIED, "title": "Other"})
    refused(copies, asked=1)
    refused(BidVersion.objects.filter(application=won), content=EMPTIED)
    refused(scores, value=5)
    refused(scores, reason="Other words")
    with pytest.raises(DatabaseError), transaction.atomic():
        scores.delete()
