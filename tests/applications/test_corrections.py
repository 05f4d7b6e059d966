"""One named part put right: who may ask, what may change, and that nothing else ever does."""

import copy
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.documents import BadFile
from accounts.permissions import Refused
from applications import actions, parts, rules
from applications import correction_rules as may
from applications.models import Application, BidVersion, Colleague, Correction, Document
from applications.next_steps import next_steps
from commissioning.models import StageKind
from ledger.models import Entry, Letter
from tests.factories.applications import (
    fill,
    look_at_rules,
    make_draft_bid,
    make_open_round,
    make_sent_bid,
    pdf,
    png,
    settle,
    upload,
)
from tests.factories.applications import send as send_bid
from tests.factories.commissioning import join
from tests.factories.panels import reading_round, send
from tests.factories.unguarded import unguarded

NOW = timezone.now


def today():
    return timezone.localdate()


def go_to(round, kind, by) -> None:
    """Close "Open for bids" and open this stage."""
    for stage in round.stages.all():
        if stage.kind == StageKind.OPEN and not stage.closed_at:
            stage.closed_at, stage.closed_by = NOW(), by
        if stage.kind == kind:
            stage.opened_at, stage.opened_by = NOW(), by
        stage.save()


@pytest.fixture
def round(joan):
    made = make_open_round()
    join(made, joan)
    return made


@pytest.fixture
def bid(round, amina, sam):
    made = make_sent_bid(round, amina, title="Tea at four")
    go_to(round, StageKind.ELIGIBILITY, sam)
    return Application.objects.get(pk=made.pk)


@pytest.fixture
def rule(round):
    return round.funder_rules.first()


def ask(bid, by, rule, part="area", *, days=5, words="Say which part of Leeds."):
    return actions.ask_correction(
        application=bid,
        part=part,
        rule=rule,
        words=words,
        until=today() + timedelta(days=days),
        by=by,
        at=NOW(),
    )


def answer(row, by, value, *, at=None):
    return actions.answer_correction(correction=row, value=value, by=by, at=at or NOW())


def wish(bid, by, part="area", value="Armley, Leeds", words="We left the town out."):
    return actions.wish_correction(
        application=bid, part=part, value=value, words=words, by=by, at=NOW()
    )


def newest(bid) -> BidVersion:
    return bid.versions.latest("number")


# ---- The parts, as plain values --------------------------------------------------------------
TEXT = st.text(max_size=12)
POUNDS = st.decimals(0, 999, places=2).map(str)
LINES = st.lists(st.fixed_dictionaries({"item": TEXT, "cost": POUNDS, "asked": POUNDS}), max_size=3)
FILE = st.fixed_dictionaries({"uuid": TEXT, "name": TEXT})
CONTENT = st.fixed_dictionaries(
    {
        "title": TEXT,
        "organisation": TEXT,
        "summary": TEXT,
        "area": TEXT,
        "partners": st.lists(TEXT, max_size=3),
        "answers": st.lists(
            st.fixed_dictionaries(
                {
                    "key": st.sampled_from(["need", "people", "risk", "money"]),
                    "label": TEXT,
                    "text": TEXT,
                    "criteria": st.lists(TEXT, max_size=2),
                }
            ),
            max_size=4,
            unique_by=lambda row: row["key"],
        ),
        "budget": LINES,
        "documents": st.lists(FILE, max_size=2),
        "smallest_useful": POUNDS,
    }
)


@given(CONTENT, st.data())
def test_one_part_put_right_changes_no_other_part(content, data):
    before = copy.deepcopy(content)
    part = data.draw(st.sampled_from(parts.parts_of(content)))
    drawn = {parts.BUDGET: LINES, parts.PARTNERS: st.lists(TEXT, max_size=3)}.get(part, TEXT)
    value = data.draw(FILE if parts.is_file(part) else drawn)
    made = parts.with_part(content, part, value)
    assert content == before
    assert parts.value_of(made, part) == value
    assert set(parts.differing(content, made)) <= {part}
    back = parts.with_part(made, part, parts.value_of(content, part))
    assert json.dumps(back, sort_keys=True) == json.dumps(content, sort_keys=True)


@given(CONTENT)
def test_no_part_names_all_files_or_a_question(content):
    no_files = ("documents", "file:0", "file:9", "file:x")
    for part in (*no_files, "answers", "answer:nothing", "label", ""):
        with pytest.raises(KeyError):
            parts.with_part(content, part, "x")


# ---- Staff ask -------------------------------------------------------------------------------
def test_ask_correction_writes_to_the_group_and_the_bid_waits(bid, sam, amina, rule):
    row = ask(bid, sam, rule)
    letter = Letter.objects.get(kind="correction_asked")
    assert letter.to == amina
    assert "Say which part of Leeds." in letter.body_text
    assert "The work is in Leeds." in letter.body_text
    assert reverse("answer_correction", args=[bid.pk, row.pk]) in letter.body_text
    entry = Entry.objects.get(verb="correction_asked")
    assert (entry.data["part"], entry.data["rule"]) == ("area", rule.pk)
    assert "which part" not in entry.payload
    with pytest.raises(Refused, match="to put one thing right"):
        actions.settle_eligibility(application=bid, eligible=True, by=sam, at=NOW())
    steps = [step.sentence for step in next_steps(amina, on=today())]
    assert any(said.startswith("Put one thing right in your bid “Tea at four”") for said in steps)


def test_ask_correction_is_refused(bid, sam, amina, joan, rule):
    for person in (amina, joan):
        with pytest.raises(Refused, match="Your role here"):
            ask(bid, person, rule)
    for part in ("documents", "answer:nothing", "declared_true"):
        with pytest.raises(Refused, match="Choose one part of this bid"):
            ask(bid, sam, rule, part)
    with pytest.raises(Refused, match="Choose the funder’s rule"):
        ask(bid, sam, None)
    with pytest.raises(Refused, match="Choose the funder’s rule"):
        ask(bid, sam, make_open_round().funder_rules.first())
    with pytest.raises(Refused, match="Say what should be put right"):
        ask(bid, sam, rule, words=" ")
    for days in (0, -1, may.MOST_DAYS + 1):
        with pytest.raises(Refused, match="at most three weeks away"):
            ask(bid, sam, rule, days=days)
    assert not Correction.objects.exists()


def test_ask_correction_each_part_once_and_one_at_a_time(bid, sam, amina, rule):
    row = ask(bid, sam, rule)
    with pytest.raises(Refused, match="One at a time"):
        ask(bid, sam, rule, "title")
    answer(row, amina, "Armley, Leeds")
    with pytest.raises(Refused, match="Each part is asked for once"):
        ask(bid, sam, rule, "area")
    ask(bid, sam, rule, "title")


def test_ask_correction_not_of_a_draft_or_a_bid_that_is_settled(round, sam, amina, rule):
    draft, bid = make_draft_bid(round, amina), make_sent_bid(round, amina)
    go_to(round, StageKind.ELIGIBILITY, sam)
    draft, bid = (Application.objects.get(pk=row.pk) for row in (draft, bid))
    with pytest.raises(Refused, match="This bid was not sent"):
        ask(draft, sam, rule)
    settle(bid)
    with pytest.raises(Refused, match="Somebody has said yes or no"):
        ask(bid, sam, rule)


def test_ask_correction_needs_somebody_who_can_answer(bid, sam, rule):
    bid.organisation.colleagues.update(ended_at=NOW(), ended_by=sam)
    with pytest.raises(Refused, match="Nobody of this group can sign in"):
        ask(bid, sam, rule)


# ---- The applicant answers -------------------------------------------------------------------
def test_answer_correction_makes_a_new_copy_with_that_part_alone(bid, sam, amina, rule):
    first = newest(bid)
    # What was typed and never sent does not come in by this door.
    Application.objects.filter(pk=bid.pk).update(title="A far better name")
    row = answer(ask(bid, sam, rule), amina, "Armley, Leeds")
    made = newest(bid)
    assert row.version == made
    assert (made.number, made.sent_by, made.asked) == (2, amina, first.asked)
    assert parts.differing(first.content, made.content) == ["area"]
    assert made.content["area"] == "Armley, Leeds"
    assert made.content["title"] == "Tea at four"
    bid.refresh_from_db()
    assert bid.area == "Armley, Leeds"
    assert bid.declared_true
    assert BidVersion.objects.get(pk=first.pk).content == first.content
    entry = Entry.objects.get(verb="correction_answered")
    assert (entry.data["digest"], entry.data["bid_version"]) == (made.digest, made.pk)
    assert "Armley" not in entry.payload
    letter = Letter.objects.get(kind="correction_received")
    assert "Armley, Leeds" in letter.body_text
    assert made.digest[:16] in letter.body_text
    look_at_rules(bid, sam)
    actions.settle_eligibility(application=bid, eligible=True, by=sam, at=NOW())


def test_answer_correction_of_an_answer_and_of_the_costs(bid, sam, amina, rule):
    first = newest(bid)
    key = first.content["answers"][0]["key"]
    answer(ask(bid, sam, rule, f"answer:{key}"), amina, "Older people chose it.")
    assert bid.answers.get(question__key=key).text == "Older people chose it."
    less = [{"item": "Room hire", "cost": "3000.00", "asked": "2500.00"}]
    answer(ask(bid, sam, rule, "budget"), amina, less)
    made = newest(bid)
    assert (made.number, made.asked) == (3, Decimal(2500))
    assert set(parts.differing(first.content, made.content)) == {f"answer:{key}", "budget"}
    assert bid.budget_lines.get().asked == Decimal(2500)
    assert Application.objects.with_asked().get(pk=bid.pk).asked == Decimal(2500)


@pytest.mark.parametrize(
    ("part", "value", "sentence"),
    [
        ("area", "Armley", "Nothing is different yet"),
        ("area", " ", "Write what it should say"),
        ("summary", "", "Answer “"),
        ("summary", "word " * 999, "take out"),
        ("budget", [], "how much you ask from us"),
        (
            "budget",
            [{"item": "Hall", "cost": "9000.00", "asked": "4000.01"}],
            "You cannot ask for more than you did",
        ),
        (
            "budget",
            [{"item": "Hall", "cost": "9000.00", "asked": "999.99"}],
            "less than £1000.00 would not help",
        ),
        ("smallest_useful", "4000.01", "cannot be more than the sum you ask for"),
    ],
)
def test_answer_correction_that_will_not_do(bid, sam, amina, rule, part, value, sentence):
    row = ask(bid, sam, rule, part)
    with pytest.raises(Refused, match=sentence):
        answer(row, amina, value)
    assert bid.versions.count() == 1


def test_answer_correction_is_refused(bid, sam, amina, rival, joan, rule):
    row = ask(bid, sam, rule)
    for person in (rival, joan, sam):
        with pytest.raises(Refused, match="do not act for this organisation"):
            answer(row, person, "Leeds")
    with pytest.raises(Refused, match="The time for this answer ended"):
        answer(row, amina, "Leeds", at=NOW() + timedelta(days=6))
    answer(row, amina, "Leeds", at=NOW() + timedelta(days=5))
    with pytest.raises(Refused, match="This has its answer already"):
        answer(row, amina, "York")
    actions.withdraw_application(application=bid, by=amina, at=NOW())
    with pytest.raises(Refused, match="This bid was taken back"):
        answer(row, amina, "York")


def test_no_answer_by_the_day_and_staff_decide(bid, sam, rule):
    row = ask(bid, sam, rule)
    after = NOW() + timedelta(days=6)
    assert may.late(row, on=timezone.localdate(after))
    made = actions.settle_eligibility(
        application=bid, eligible=False, rule=rule, reason="No answer came.", by=sam, at=after
    )
    assert not made.eligible
    assert rules.newest_ruling(bid) == made


def test_what_was_sent_stays_once_bidding_closed(bid, amina):
    """Volunteers go by these rows too: nothing in them changes under them by typing."""
    with pytest.raises(Refused, match="You can ask to change one thing"):
        actions.save_details(
            application=bid, version=bid.version, title="A better name", by=amina, at=NOW()
        )
    with pytest.raises(Refused, match="You can ask to change one thing"):
        actions.save_budget(application=bid, version=bid.version, lines=[], by=amina, at=NOW())


# ---- Applicants wish -------------------------------------------------------------------------
def test_wish_correction_changes_nothing_until_staff_say_yes(bid, sam, amina):
    first = newest(bid)
    row = wish(bid, amina)
    assert newest(bid) == first
    assert "Until then, your bid stays" in Letter.objects.get(kind="correction_received").body_text
    with pytest.raises(Refused, match="One at a time"):
        wish(bid, amina, "title", "Tea at five")
    settled = actions.settle_correction(
        correction=row, granted=True, reason="A plain slip.", by=sam, at=NOW()
    )
    made = newest(bid)
    assert (settled.version, made.sent_by) == (made, amina)
    assert parts.differing(first.content, made.content) == ["area"]
    letter = Letter.objects.get(kind="correction_settled")
    assert "We said yes." in letter.body_text
    assert "A plain slip." in letter.body_text
    entry = Entry.objects.get(verb="correction_settled")
    assert entry.data["granted"] is True
    assert "slip" not in entry.payload
    with pytest.raises(Refused, match="This has its answer already"):
        actions.settle_correction(correction=row, granted=False, reason="No", by=sam, at=NOW())


def test_settle_correction_no(bid, sam, amina, ruth):
    row = wish(bid, amina)
    assert "Say yes or no to 1 change a group asks for." in [
        step.sentence for step in next_steps(sam, on=today())
    ]
    with pytest.raises(Refused, match="Give the reason"):
        actions.settle_correction(correction=row, granted=False, reason=" ", by=sam, at=NOW())
    with pytest.raises(Refused, match="Your role here"):
        actions.settle_correction(correction=row, granted=True, reason="Yes", by=amina, at=NOW())
    actions.settle_correction(
        correction=row, granted=False, reason="It makes the bid better.", by=ruth, at=NOW()
    )
    assert bid.versions.count() == 1
    assert "We said no." in Letter.objects.get(kind="correction_settled").body_text


def test_wish_correction_is_refused(round, bid, amina, rival, sam):
    with pytest.raises(Refused, match="do not act for this organisation"):
        wish(bid, rival)
    with pytest.raises(Refused, match="Say why it should be put right"):
        wish(bid, amina, words="")
    go_to(round, StageKind.SHARING, sam)
    bid = Application.objects.get(pk=bid.pk)
    for part in parts.NAMES:
        with pytest.raises(Refused, match="Volunteers go by this name"):
            wish(bid, amina, part, "Another")
    assert "title" not in may.open_parts(bid, newest(bid))
    wish(bid, amina)


def test_wish_correction_not_while_bids_are_open(amina):
    bid = make_sent_bid(make_open_round(), amina)
    with pytest.raises(Refused, match="You can still change your bid yourself"):
        wish(bid, amina)


# ---- Once scores were sent -------------------------------------------------------------------
def test_nothing_is_put_right_once_scores_were_sent(joan, harold, priya, sam, amina):
    reading = reading_round(joan, harold, priya, by=sam)
    bid = Application.objects.get(pk=reading.bids[0].pk)
    bid.organisation.colleagues.create(person=amina, added_at=NOW(), added_by=amina)
    with unguarded():
        said = {"opened_at": NOW(), "opened_by": sam, "closed_at": NOW(), "closed_by": sam}
        bid.round.stages.filter(kind=StageKind.OPEN).update(**said)
    bid = Application.objects.get(pk=bid.pk)
    row = wish(bid, amina)
    send(reading, next(one for one in reading.assignments(joan) if one.application_id == bid.pk))
    with pytest.raises(Refused, match="Scoring of this bid has begun"):
        actions.settle_correction(correction=row, granted=True, reason="Yes", by=sam, at=NOW())
    before = newest(bid)
    with pytest.raises(DatabaseError), transaction.atomic():
        BidVersion.objects.create(
            application=bid,
            number=before.number + 1,
            content=before.content,
            asked=before.asked,
            words=1,
            digest=before.digest,
            sent_at=NOW(),
            sent_by=amina,
        )
    actions.settle_correction(correction=row, granted=False, reason="Too late", by=sam, at=NOW())


# ---- Pages -----------------------------------------------------------------------------------
def words_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_the_whole_way_from_asking_to_yes(client, bid, sam, amina, rule, round):
    """Staff ask; the group mends that one part; the bid goes on with it."""
    client.force_login(sam)
    ask_url = reverse("ask_correction", args=[round.slug, bid.pk])
    assert ask_url in words_of(client.get(reverse("bid_detail", args=[round.slug, bid.pk])))
    assert ask_url in words_of(client.get(reverse("settle_eligibility", args=[round.slug, bid.pk])))
    assert client.post(ask_url, {}).status_code == 422
    until = today() + timedelta(days=4)
    asked = {
        "part": "area",
        "rule": rule.pk,
        "words": "Which town is it?",
        "until_0": until.day,
        "until_1": until.month,
        "until_2": until.year,
    }
    wrong = client.post(ask_url, {**asked, "until_2": until.year + 1})
    assert "at most three weeks away" in words_of(wrong)
    assert client.post(ask_url, asked).url == reverse("correction_list", args=[round.slug])
    listed = words_of(client.get(reverse("correction_list", args=[round.slug])))
    assert "Waiting for an answer" in listed
    assert "Waiting for an answer until" in words_of(
        client.get(reverse("eligibility_list", args=[round.slug]))
    )
    row = Correction.objects.get()
    here = reverse("answer_correction", args=[bid.pk, row.pk])
    assert client.get(here).status_code == 404
    client.force_login(amina)
    assert here in words_of(client.get(reverse("application_detail", args=[bid.pk])))
    page = words_of(client.get(here))
    assert "Which town is it?" in page
    assert page.count("<textarea") + page.count('type="text"') == 1
    same = client.post(here, {"text": "Armley"})
    assert (same.status_code, "Nothing is different yet" in words_of(same)) == (422, True)
    sent = reverse("correction_sent", args=[bid.pk, row.pk])
    assert client.get(sent).url == here
    assert client.post(here, {"text": "Armley, Leeds", "title": "Better"}).url == sent
    receipt = words_of(client.get(sent))
    assert newest(bid).digest[:16] in receipt
    assert client.get(here).url == sent
    copy = words_of(client.get(reverse("application_sent", args=[bid.pk])))
    assert Entry.objects.get(verb="correction_answered").hash[:16] in copy
    client.force_login(sam)
    assert "They have answered. Please decide" in words_of(
        client.get(reverse("eligibility_list", args=[round.slug]))
    )
    look_at_rules(bid, sam)
    client.post(reverse("settle_eligibility", args=[round.slug, bid.pk]), {"eligible": "yes"})
    assert Application.objects.eligible().get() == bid
    assert newest(bid).content["title"] == "Tea at four"


def test_answer_correction_of_the_costs_by_page(client, bid, sam, amina, rule):
    row = ask(bid, sam, rule, "budget")
    client.force_login(amina)
    here = reverse("answer_correction", args=[bid.pk, row.pk])
    assert client.get(here).status_code == 200
    lines = {
        "lines-TOTAL_FORMS": 1,
        "lines-INITIAL_FORMS": 0,
        "lines-0-item": "Hall",
        "lines-0-cost": "5000",
    }
    more = client.post(here, {**lines, "lines-0-asked": "4500"})
    assert "You cannot ask for more than you did" in words_of(more)
    client.post(here, {**lines, "lines-0-asked": "3000"})
    assert newest(bid).content["budget"] == [
        {"item": "Hall", "cost": "5000.00", "asked": "3000.00"}
    ]


def test_wish_correction_by_page(client, bid, sam, amina, round):
    client.force_login(amina)
    choose = reverse("choose_correction", args=[bid.pk])
    assert choose in words_of(client.get(reverse("application_detail", args=[bid.pk])))
    assert client.post(choose, {}).status_code == 422
    there = client.post(choose, {"part": "partners"}).url
    assert there == reverse("wish_correction", args=[bid.pk, "partners"])
    assert "Armley Library" in words_of(client.get(there))
    assert client.post(there, {"text": "Leeds Library"}).status_code == 422
    client.post(there, {"text": "Leeds Library", "words": "Wrong library."})
    row = Correction.objects.get()
    assert client.get(reverse("wish_correction", args=[bid.pk, "documents"])).status_code == 404
    client.force_login(sam)
    settle_url = reverse("settle_correction", args=[round.slug, row.pk])
    assert settle_url in words_of(client.get(reverse("correction_list", args=[round.slug])))
    page = words_of(client.get(settle_url))
    assert "Armley Library" in page
    assert "Leeds Library" in page
    assert client.post(settle_url, {"granted": "yes"}).status_code == 422
    client.post(settle_url, {"granted": "yes", "reason": "A plain slip."})
    assert newest(bid).content["partners"] == ["Leeds Library"]
    client.force_login(amina)
    assert "A plain slip." in words_of(
        client.get(reverse("correction_sent", args=[bid.pk, row.pk]))
    )


def test_volunteers_see_that_staff_asked_and_no_words_of_the_bid(
    client, bid, sam, joan, amina, rule, round
):
    row = ask(bid, sam, rule)
    client.force_login(joan)
    here = reverse("eligibility_list_volunteer", args=[round.slug])
    page = words_of(client.get(here))
    assert "What staff asked groups to put right" in page
    assert "No answer yet." in page
    answer(row, amina, "Armley, Leeds")
    page = words_of(client.get(here))
    assert "Put right." in page
    assert "Armley" not in page


def test_pages_of_putting_right_keep_within_their_queries(
    client, django_assert_max_num_queries, bid, sam, amina, joan, rule, round
):
    row = ask(bid, sam, rule)
    for person, name, args in (
        (amina, "application_detail", [bid.pk]),
        (amina, "answer_correction", [bid.pk, row.pk]),
        (sam, "correction_list", [round.slug]),
        (sam, "eligibility_list", [round.slug]),
        (sam, "bid_detail", [round.slug, bid.pk]),
        (joan, "eligibility_list_volunteer", [round.slug]),
    ):
        client.force_login(person)
        with django_assert_max_num_queries(12):
            assert client.get(reverse(name, args=args)).status_code == 200
    answer(row, amina, "Armley, Leeds")
    for name, args in (
        ("application_detail", [bid.pk]),
        ("correction_sent", [bid.pk, row.pk]),
        ("choose_correction", [bid.pk]),
        ("wish_correction", [bid.pk, "title"]),
    ):
        client.force_login(amina)
        with django_assert_max_num_queries(12):
            assert client.get(reverse(name, args=args)).status_code == 200
    wished = wish(bid, amina, "title", "Tea at five")
    client.force_login(sam)
    with django_assert_max_num_queries(12):
        client.get(reverse("settle_correction", args=[round.slug, wished.pk]))


# ---- Files -----------------------------------------------------------------------------------
OLD = pdf()
NEW = pdf().replace(b"/Catalog", b"/Catalog /Lang (en)")


@pytest.fixture
def with_files(round, amina, sam):
    """A bid that was sent with two files, and is being checked."""
    made = make_draft_bid(round, amina, title="Tea at four")
    for name, data in (("accounts.pdf", OLD), ("plan.png", png())):
        add(made, amina, name, data)
    fill(made)
    send_bid(made)
    go_to(round, StageKind.ELIGIBILITY, sam)
    return Application.objects.get(pk=made.pk)


def add(bid, by, name, data):
    return actions.add_document(application=bid, upload=upload(name, data), by=by, at=NOW())


def bytes_of(row) -> bytes:
    with row.file.open() as file:
        return file.read()


def opened(client, url) -> int:
    """What a file's address answers, read to its end, which shuts the file."""
    answer = client.get(url)
    if answer.streaming:
        answer.getvalue()
    return answer.status_code


def give(row, by, name="new.pdf", data=NEW):
    return actions.answer_with_file(correction=row, upload=upload(name, data), by=by, at=NOW())


def wish_file(bid, by, part="file:1", data=NEW):
    file = upload("new.pdf", data)
    return actions.wish_with_file(
        application=bid, part=part, upload=file, words="The old one.", by=by, at=NOW()
    )


def test_a_new_file_takes_the_place_of_the_one_asked_about(with_files, sam, amina, rule):
    first = newest(with_files)
    row = give(ask(with_files, sam, rule, "file:1"), amina)
    made = newest(with_files)
    assert made.number == first.number + 1
    assert parts.differing(first.content, made.content) == ["file:1"]
    assert made.content["documents"][0]["name"] == "new.pdf"
    assert made.content["documents"][1] == first.content["documents"][1]
    old = Document.objects.get(uuid=first.content["documents"][0]["uuid"])
    assert old.removed_at
    assert bytes_of(old) == OLD
    here = {str(one.uuid) for one in with_files.documents.here()}
    assert here == {one["uuid"] for one in made.content["documents"]}
    assert row.version == made
    assert Entry.objects.get(verb="correction_answered").data["part"] == "file:1"
    assert Entry.objects.filter(verb="document_added").count() == 3
    assert "new.pdf" not in Entry.objects.get(verb="correction_answered").payload
    assert "accounts.pdf" in Letter.objects.get(kind="correction_asked").body_text
    assert "new.pdf" in Letter.objects.get(kind="correction_received").body_text


def test_a_bad_or_equal_file_is_refused_and_leaves_nothing_behind(with_files, sam, amina, rule):
    row = ask(with_files, sam, rule, "file:1")
    before = set(default_storage.listdir("documents")[1])
    with pytest.raises(BadFile):
        give(row, amina, "new.pdf", b"no such thing")
    with pytest.raises(Refused, match="the same file"):
        give(row, amina, "other-name.pdf", OLD)
    with pytest.raises(Refused):
        give(row, sam)
    assert set(default_storage.listdir("documents")[1]) == before
    assert with_files.documents.count() == 2
    assert not Correction.objects.get(pk=row.pk).answered_at


def test_a_file_of_another_bid_does_not_get_in(with_files, sam, amina, rule):
    theirs = add(make_draft_bid(make_open_round(), amina), amina, "theirs.pdf", NEW)
    row = ask(with_files, sam, rule, "file:1")
    with pytest.raises(Refused, match="Choose a file"):
        answer(row, amina, {"uuid": str(theirs.uuid), "name": "theirs.pdf"})


def test_each_file_is_asked_for_once(with_files, sam, amina, rule):
    give(ask(with_files, sam, rule, "file:1"), amina)
    with pytest.raises(Refused, match="asked for once"):
        ask(with_files, sam, rule, "file:1")
    with pytest.raises(Refused, match="Choose one part"):
        ask(with_files, sam, rule, "file:3")
    assert ask(with_files, sam, rule, "file:2")


def test_a_wished_file_is_part_of_the_bid_only_after_a_yes(with_files, sam, amina):
    first = newest(with_files)
    row = wish_file(with_files, amina)
    assert newest(with_files) == first
    assert with_files.documents.here().count() == 2
    actions.settle_correction(correction=row, granted=True, reason="A slip.", by=sam, at=NOW())
    made = newest(with_files)
    assert made.content["documents"][0] == row.value
    assert bytes_of(Document.objects.get(uuid=row.value["uuid"])) == NEW


def test_a_no_leaves_every_file_as_it_was(with_files, sam, amina):
    first = newest(with_files)
    row = wish_file(with_files, amina)
    actions.settle_correction(correction=row, granted=False, reason="No.", by=sam, at=NOW())
    assert newest(with_files) == first
    assert {str(one.uuid) for one in with_files.documents.here()} == {
        one["uuid"] for one in first.content["documents"]
    }


def test_the_pages_take_a_file(with_files, sam, amina, rule, client):
    client.force_login(sam)
    page = client.get(
        reverse("ask_correction", args=[with_files.round.slug, with_files.pk])
    ).content.decode()
    assert "File 1: accounts.pdf" in page
    row = ask(with_files, sam, rule, "file:1")
    client.force_login(amina)
    url = reverse("answer_correction", args=[with_files.pk, row.pk])
    page = client.get(url).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert "File 1: accounts.pdf" in page
    assert client.post(url, {}).status_code == 422
    bad = client.post(url, {"file": upload("new.pdf", b"nothing")})
    assert bad.status_code == 422
    assert "proper PDF file" in bad.content.decode()
    assert client.post(url, {"file": upload("new.pdf", NEW)}).status_code == 302
    receipt = client.get(reverse("correction_sent", args=[with_files.pk, row.pk])).content.decode()
    assert "accounts.pdf" in receipt
    assert "new.pdf" in receipt
    preview = client.get(reverse("preview_application", args=[with_files.pk])).content.decode()
    assert "new.pdf" in preview
    assert "accounts.pdf" not in preview
    wished = reverse("wish_correction", args=[with_files.pk, "file:2"])
    sent = client.post(wished, {"file": upload("plan.pdf", NEW), "words": "Blurred."})
    assert sent.status_code == 302
    waits = Correction.objects.get(kind="wished")
    client.force_login(sam)
    settle_url = reverse("settle_correction", args=[with_files.round.slug, waits.pk])
    page = client.get(settle_url).content.decode()
    for uuid in (newest(with_files).content["documents"][1]["uuid"], waits.value["uuid"]):
        file_url = reverse("document_file", args=[uuid])
        assert file_url in page
        assert opened(client, file_url) == 200
    assert client.post(settle_url, {"granted": "yes", "reason": "A slip."}).status_code == 302
    assert newest(with_files).content["documents"][1] == waits.value


def test_earlier_readers_keep_the_file_they_had(joan, harold, priya, sam, amina, client):
    made = reading_round(joan, harold, priya, by=sam)
    given_to = made.assignments(joan)[0]
    bid = given_to.application
    with unguarded():
        Colleague.objects.create(
            organisation=bid.organisation, person=amina, added_at=NOW(), added_by=sam
        )
        old = Document.objects.create(
            application=bid, name="accounts.pdf", kind="pdf", size=1, sha256="0" * 64,
            file=ContentFile(OLD, name="accounts.pdf"), added_at=NOW(), added_by=amina,
        )  # fmt: skip
        version = bid.versions.get()
        listed = [{"uuid": str(old.uuid), "name": old.name}]
        BidVersion.objects.filter(pk=version.pk).update(
            content={**version.content, "documents": listed}
        )
    client.force_login(joan)
    client.post(reverse("start_reading", args=[given_to.pk]))
    row = wish_file(Application.objects.get(pk=bid.pk), amina)
    actions.settle_correction(correction=row, granted=True, reason="A slip.", by=sam, at=NOW())

    def mine(uuid):
        return reverse("bid_document", args=[given_to.pk, uuid])

    assert opened(client, mine(old.uuid)) == 200
    assert opened(client, mine(row.value["uuid"])) == 404
    client.post(reverse("take_new_copy", args=[given_to.pk]))
    page = client.get(reverse("what_changed", args=[given_to.pk])).content.decode()
    assert "accounts.pdf" in page
    assert "new.pdf" in page
    assert opened(client, mine(row.value["uuid"])) == 200
