"""What is kept for a time: what is due, who deletes it, and what stays."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Refused
from applications.actions import add_document
from applications.models import Answer, Application, Document
from commissioning.models import AwayDays, Member, StageKind
from decisions import actions, retention
from decisions.models import Clearing, Erasure, Kept, RetentionRule
from decisions.reminders import owed
from decisions.tasks import ask_who_is_owed
from ledger import clock
from ledger.models import Entry
from support.models import (
    Adjustment,
    Expense,
    FormatNeed,
    Gathering,
    GatheringReply,
    Helper,
    Look,
    PracticeSheet,
    SupportNote,
)
from tests.factories.applications import (
    fill,
    make_draft_bid,
    make_open_round,
    make_sent_bid,
    pdf,
    upload,
)
from tests.factories.commissioning import join
from tests.factories.unguarded import unguarded
from tests.faults.cells import fill as fill_row
from tests.test_conventions import APPS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
        (date(2026, 3, 2), 84, date(2033, 3, 2)),
    ],
)
def test_months_later(day, months, later):
    assert retention.months_later(day, months) == later


@pytest.fixture
def over(amina, sam, settings, tmp_path):
    """A round whose bidding closed a hundred days ago: one bid sent, one never sent."""
    settings.MEDIA_ROOT = tmp_path
    round = make_open_round()
    sent = make_sent_bid(round, amina, title="Sent in time")
    draft = make_draft_bid(round, amina, organisation=sent.organisation, title="Never sent")
    fill(draft)
    add_document(application=draft, upload=upload("plan.pdf", pdf()), by=amina, at=timezone.now())
    stage = round.stages.get(kind=StageKind.OPEN)
    stage.closed_at, stage.closed_by = timezone.now() - timedelta(days=100), sam
    stage.save()
    return {"round": round, "sent": sent, "draft": draft, "programme": round.programme}


def put(over, by, what=Kept.DRAFTS):
    return actions.put_clearing(programme=over["programme"], what=what, by=by, at=timezone.now())


def test_two_people_delete_what_was_never_sent(over, sam, ruth, django_capture_on_commit_callbacks):
    draft, sent = over["draft"], over["sent"]
    file = Document.objects.get(application=draft).file.name
    before = list(Answer.objects.filter(application=sent).values())
    entries = list(Entry.objects.values_list("hash", flat=True))
    clearing = put(over, sam)
    assert clearing.count == 1
    assert default_storage.exists(file)
    with pytest.raises(Refused, match="so a second person must do it"):
        actions.do_clearing(clearing=clearing, by=sam, at=timezone.now())
    assert draft.answers.exists()
    with django_capture_on_commit_callbacks(execute=True):
        actions.do_clearing(clearing=clearing, by=ruth, at=timezone.now())
    draft = Application.objects.get(pk=draft.pk)
    assert (draft.title, draft.area, draft.contact_name) == ("", "", "")
    assert draft.reference
    assert not draft.answers.exists()
    assert not draft.budget_lines.exists()
    assert not default_storage.exists(file)
    assert Erasure.objects.get().application == draft
    assert list(Answer.objects.filter(application=sent).values()) == before
    assert Application.objects.get(pk=sent.pk).title == "Sent in time"
    after = Entry.objects.values_list("hash", flat=True)
    assert set(entries) < set(after)
    with pytest.raises(Refused, match="deleted already"):
        actions.do_clearing(clearing=clearing, by=ruth, at=timezone.now())
    with pytest.raises(Refused, match="Nothing is old enough"):
        put(over, sam)


def test_nothing_is_due_before_its_day_and_the_months_are_the_programmes(over, sam):
    programme, closed = over["programme"], over["round"].stages.get(kind=StageKind.OPEN).closed_at
    last = retention.months_later(timezone.localdate(closed), 3)
    assert retention.due(programme, Kept.DRAFTS, on=last - timedelta(days=1)).ids == ()
    assert retention.due(programme, Kept.DRAFTS, on=last).ids == (over["draft"].pk,)
    actions.set_retention(
        programme=programme, what=Kept.DRAFTS, months=12, by=sam, at=timezone.now()
    )
    assert retention.due(programme, Kept.DRAFTS, on=last).ids == ()
    with pytest.raises(Refused, match="between 1 and 120"):
        actions.set_retention(
            programme=programme, what=Kept.DRAFTS, months=0, by=sam, at=timezone.now()
        )


def test_a_draft_of_a_round_that_is_still_open_is_never_due(amina):
    round = make_open_round()
    make_draft_bid(round, amina)
    ahead = clock.today() + timedelta(days=4000)
    assert retention.due(round.programme, Kept.DRAFTS, on=ahead).ids == ()


def test_do_clearing_refuses_another_list_than_was_put(over, sam, ruth, amina):
    clearing = put(over, sam)
    make_sent = over["draft"]
    other = Application.objects.create(
        round=over["round"],
        lot=make_sent.lot,
        organisation=make_sent.organisation,
        reference="GC-999",
        title="Found later",
        made_at=timezone.now(),
        made_by=amina,
    )
    with pytest.raises(Refused, match="not the same any more"):
        actions.do_clearing(clearing=clearing, by=ruth, at=timezone.now())
    assert Application.objects.get(pk=other.pk).title == "Found later"
    assert not Erasure.objects.exists()


def test_the_database_itself_wants_two_people_and_keeps_what_was_put(over, sam, ruth):
    clearing = put(over, sam)
    with pytest.raises(IntegrityError), transaction.atomic():
        Clearing.objects.filter(pk=clearing.pk).update(done_at=timezone.now(), done_by=sam)
    with pytest.raises(DatabaseError), transaction.atomic():
        Clearing.objects.filter(pk=clearing.pk).update(count=7)
    actions.do_clearing(clearing=clearing, by=ruth, at=timezone.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        Erasure.objects.update(made_by=sam)


def test_what_helps_a_volunteer_goes_six_months_after_the_round(over, joan, sam, ruth):
    (member,) = join(over["round"], joan)
    row = Adjustment.objects.create(
        member=member,
        asked="Large print, for my eyes",
        asked_at=timezone.now(),
        asked_by=joan,
        agreed="All in 20 point",
        agreed_at=timezone.now(),
        agreed_by=sam,
    )
    with pytest.raises(Refused, match="Nothing is old enough"):
        put(over, sam, Kept.NEEDS)
    ago = timezone.now() - timedelta(days=190)
    with unguarded():  # a whole round, long over
        over["round"].stages.update(opened_at=ago, opened_by=sam, closed_at=ago, closed_by=sam)
    actions.do_clearing(clearing=put(over, sam, Kept.NEEDS), by=ruth, at=timezone.now())
    row.refresh_from_db()
    assert (row.asked, row.agreed) == ("", "–")
    assert row.member == member


def test_those_who_write_are_told_thirty_seven_and_one_days_before(over, amina):
    closed = timezone.localdate(over["round"].stages.get(kind=StageKind.OPEN).closed_at)
    last = retention.months_later(closed, 3)
    days = [last - timedelta(days=before) for before in range(60, -10, -1)]
    told = {
        (last - day).days: row.person
        for day in days
        for row in owed(on=day)
        if row.name == "draft_goes"
    }
    assert told == {30: amina, 7: amina, 1: amina}


def page(person, name, *args, status=200, **data):
    client = Client()
    client.force_login(person)
    address = reverse(name, args=args)
    response = client.post(address, data) if data else client.get(address)
    assert response.status_code == status, (name, response.status_code)
    return " ".join(response.content.decode().split())


def test_clear_kept_is_previewed_put_and_done(
    over, sam, ruth, administrator, joan, amina, margaret
):
    where = over["programme"].slug, "drafts"
    for person in (joan, amina, margaret):
        page(person, "retention_list", status=404)
        page(person, "clear_kept", *where, status=404)
        page(person, "set_retention", *where, status=404)
    assert "1 is old enough to go." in page(sam, "retention_list")
    text = page(sam, "clear_kept", *where)
    assert over["draft"].reference in text
    assert "Never sent" not in text
    page(sam, "clear_kept", *where, status=422, other="1")
    page(sam, "clear_kept", *where, status=302, sure="on")
    assert "so a second person must do it" in page(sam, "clear_kept", *where)
    page(sam, "clear_kept", *where, status=403, sure="on")
    assert reverse("clear_kept", args=where) in page(ruth, "home")
    assert "Sam Okafor put 1 of them forward" in page(administrator, "clear_kept", *where)
    page(administrator, "clear_kept", *where, status=302, sure="on")
    assert Clearing.objects.get().done_by == administrator
    assert "Nothing is old enough to go." in page(ruth, "clear_kept", *where)
    page(sam, "set_retention", *where, status=302, months="9")
    assert "Kept for 9 months." in page(sam, "retention_list")
    page(sam, "clear_kept", where[0], "everything", status=404)


def test_what_is_due_stands_on_the_pages_of_those_who_may_put_it_forward(
    over, sam, ruth, administrator, joan, margaret
):
    preview = reverse("clear_kept", args=[over["programme"].slug, "drafts"])
    assert preview not in page(sam, "home"), "nobody has looked yet"
    cache.delete("looked_at_what_is_due")
    ask_who_is_owed()
    for person in (sam, administrator):
        home = page(person, "home")
        assert "Old enough to be deleted: Bids that were begun and never sent." in home
        assert preview in home
    for person in (joan, margaret):
        assert preview not in page(person, "home")
    clearing = put(over, sam)
    waits = page(ruth, "home")
    assert "A second person must look at it." in waits
    assert "Old enough to be deleted:" not in waits, "one line is enough"
    actions.do_clearing(clearing=clearing, by=ruth, at=timezone.now())
    assert preview not in page(sam, "home")
    assert actions.note_what_is_due(on=clock.today()) == 0


def test_a_shorter_time_is_asked_for_by_one_and_agreed_by_another(
    over, sam, ruth, administrator, joan
):
    where = over["programme"].slug, "drafts"
    rule = RetentionRule.objects
    for person in (joan, sam):
        page(person, "answer_shorter_keeping", *where, status=404)
    assert "a second person must agree" in page(sam, "set_retention", *where)
    page(sam, "set_retention", *where, status=302, months="2")
    assert retention.months_of(over["programme"], Kept.DRAFTS) == 3, "not yet"
    page(sam, "answer_shorter_keeping", *where, status=403)
    page(joan, "answer_shorter_keeping", *where, status=404)
    listed = page(ruth, "retention_list")
    assert "Sam Okafor asks to keep it for 2 months." in listed
    agree = reverse("answer_shorter_keeping", args=where)
    assert agree in listed
    assert agree not in page(sam, "retention_list")
    assert reverse("retention_list") in page(ruth, "home")
    page(ruth, "answer_shorter_keeping", *where, status=422, months="2")
    page(ruth, "answer_shorter_keeping", *where, status=302, answer="no", months="2")
    assert (rule.get().months, rule.get().shorter) == (3, None)
    page(sam, "set_retention", *where, status=302, months="2")
    page(administrator, "answer_shorter_keeping", *where, status=302, answer="yes", months="2")
    assert (rule.get().months, rule.get().shorter, rule.get().agreed_by) == (2, None, administrator)
    verbs = Entry.objects.order_by("seq").filter(verb__contains="shorter_keeping")
    assert [row.verb.partition("_")[0] for row in verbs] == ["asked", "refused", "asked", "agreed"]


def test_another_number_than_was_shown_is_not_agreed_to(over, sam, ruth):
    facts = {"programme": over["programme"], "what": Kept.COSTS, "at": timezone.now()}
    actions.set_retention(months=60, by=sam, **facts)
    actions.set_retention(months=1, by=sam, **facts)
    with pytest.raises(Refused, match="Another number"):
        actions.answer_shorter_keeping(agree=True, months=60, by=ruth, **facts)
    with pytest.raises(Refused, match="a second person must agree"):
        actions.answer_shorter_keeping(agree=True, months=1, by=sam, **facts)
    actions.set_retention(months=96, by=ruth, **facts)
    assert RetentionRule.objects.get().shorter is None, "longer counts at once, and ends the asking"


def test_the_database_itself_lets_nobody_shorten_a_time_alone(over, sam, ruth):
    facts = {"programme": over["programme"], "what": Kept.COSTS, "at": timezone.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        RetentionRule.objects.create(programme=over["programme"], what=Kept.CARE, months=1)
    actions.set_retention(months=60, by=sam, **facts)
    row = RetentionRule.objects.filter(what=Kept.COSTS)
    now = timezone.now()
    for change in (
        {"months": 60},
        {"months": 60, "shorter": None},
        {"months": 60, "shorter": None, "agreed_at": now, "agreed_by": sam},
        {"months": 12, "shorter": None, "agreed_at": now, "agreed_by": ruth},
        {"months": 60, "shorter": None, "agreed_at": now, "agreed_by": sam, "asked_by": ruth},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()
    row.update(months=60, shorter=None, agreed_at=now, agreed_by=ruth)


def test_clear_kept_by_command_only_looks(over, capsys):
    call_command("clear_kept", what="drafts")
    assert over["draft"].reference in capsys.readouterr().out
    assert not Clearing.objects.exists()
    assert Application.objects.get(pk=over["draft"].pk).title == "Never sent"


# ---- What goes model by model, and what is said of every model --------------------------------
KEEPING = Path(__file__).parents[2] / "docs" / "keeping.md"
LABEL = re.compile(r"`([a-z]+\.[A-Z]\w+)`")


def test_docs_keeping_says_of_every_model_whether_it_goes():
    said = LABEL.findall(KEEPING.read_text("utf-8"))
    ours = {row._meta.label for row in apps.get_models() if row.__module__.split(".")[0] in APPS}
    assert sorted(said) == sorted(set(said)), "each in one place"
    assert set(said) == ours


def test_docs_keeping_tells_the_rules_as_they_are():
    rules = {}
    for line in KEEPING.read_text("utf-8").splitlines():
        if found := re.match(r"\| `(\w+)` \| (\d+) \|", line):
            rules[found[1]] = (int(found[2]), set(LABEL.findall(line)))
    assert {what: months for what, (months, _models) in rules.items()} == retention.USUAL_MONTHS
    for what, parts in retention.PARTS.items():
        assert rules[what][1] == {part.model._meta.label for part in parts}
    assert rules["bids"][1] | {"applications.Document"} == {
        model._meta.label for model in retention.SENT_WORDS
    } | {"applications.Document"}


@pytest.fixture
def looked_after(over, joan, sam, ruth):
    """A volunteer of whom something of every kind is kept, in a round that is over."""
    (member,) = join(over["round"], joan)
    now = timezone.now()
    gathering = fill_row(Gathering, round=over["round"], place="The hall", starts_at=now)
    rows = {
        SupportNote: fill_row(SupportNote, member=member, text="Rang her. She is well."),
        PracticeSheet: fill_row(PracticeSheet, member=member, scores={"need": {"score": 3}}),
        FormatNeed: fill_row(FormatNeed, member=member, format="audio"),
        AwayDays: fill_row(AwayDays, member=member),
        Helper: fill_row(Helper, member=member, supporter=sam, knows="Armley Choir"),
        GatheringReply: fill_row(
            GatheringReply, gathering=gathering, member=member, needs="A ramp"
        ),
        Look: fill_row(Look, member=member, answers={"speak-up": 2}, words="To meet people"),
        Expense: fill_row(
            Expense, member=member, what="Bus to the hall", receipt="", amount=4, paid_by=None
        ),
    }
    rows[Expense].receipt.save("bus.pdf", ContentFile(pdf()))
    Member.objects.filter(pk=member.pk).update(hopes="To be heard", days_away="Mondays")
    ago = now - timedelta(days=190)
    with unguarded():  # a whole round, long over
        over["round"].stages.update(opened_at=ago, opened_by=sam, closed_at=ago, closed_by=sam)
    return {**over, "member": member, "rows": rows}


def test_words_about_people_go_six_months_after_the_round(looked_after, sam, ruth):
    row = put(looked_after, sam, Kept.CARE)
    assert row.count == 8, "seven kinds of rows, and the member's own words"
    names = retention.due(looked_after["programme"], Kept.CARE, on=clock.today()).names
    assert not [name for name in names if "Joan" in name or "Choir" in name]
    actions.do_clearing(clearing=row, by=ruth, at=timezone.now())
    for model in (SupportNote, PracticeSheet, FormatNeed, AwayDays):
        assert not model.objects.exists(), model
    assert Helper.objects.get().knows == ""
    assert GatheringReply.objects.get().needs == ""
    look = Look.objects.get()
    assert (look.answers, look.words) == ({}, "")
    member = Member.objects.get(pk=looked_after["member"].pk)
    assert (member.hopes, member.days_away, member.experience) == ("", "", [])
    assert retention.due(looked_after["programme"], Kept.CARE, on=clock.today()).ids == ()
    assert Expense.objects.get().what == "Bus to the hall", "not yet"


def test_a_line_written_since_is_not_deleted_unseen(looked_after, sam, ruth):
    row = put(looked_after, sam, Kept.CARE)
    fill_row(SupportNote, member=looked_after["member"], text="Written since.")
    with pytest.raises(Refused, match="not the same any more"):
        actions.do_clearing(clearing=row, by=ruth, at=timezone.now())
    assert SupportNote.objects.count() == 2


def test_costs_go_after_seven_years_and_the_sum_stays(
    looked_after, sam, ruth, django_capture_on_commit_callbacks
):
    with pytest.raises(Refused, match="Nothing is old enough"):
        put(looked_after, sam, Kept.COSTS)
    programme = looked_after["programme"]
    facts = {"programme": programme, "what": Kept.COSTS, "by": sam, "at": timezone.now()}
    actions.set_retention(months=6, **facts)
    actions.answer_shorter_keeping(months=6, agree=True, **{**facts, "by": ruth})
    file = Expense.objects.get().receipt.name
    assert default_storage.exists(file)
    with django_capture_on_commit_callbacks(execute=True):
        actions.do_clearing(clearing=put(looked_after, sam, Kept.COSTS), by=ruth, at=timezone.now())
    row = Expense.objects.get()
    assert (row.what, row.receipt.name, row.amount) == ("–", "", 4)
    assert not default_storage.exists(file)


def test_retention_list_asks_no_more_for_more_rules(
    looked_after, client, sam, django_assert_max_num_queries
):
    client.force_login(sam)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("retention_list")).content.decode()
    assert "8 are old enough to go" in page
