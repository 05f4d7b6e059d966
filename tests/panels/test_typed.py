"""Paper: a typed sheet waits, its volunteer or a second person says yes; packs are printed."""

import re
from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import pdf
from accounts.permissions import Refused
from accounts.templatetags.purse import day
from decisions.reading import report_of
from ledger.models import Channel, Letter
from panels import actions, sheet_code
from panels.actions import Answer
from panels.models import ScoreDraft, ScoreSheet, Void
from panels.rules import paper
from panels.rules import scoring as rules
from tests.factories.panels import (
    NEED_TEXT,
    SECRET,
    close_scoring,
    full_answers,
    make_bid,
    open_scores,
    reading_round,
    send,
    send_copy,
)

pytestmark = pytest.mark.django_db


def now():
    return timezone.now()


@pytest.fixture(scope="module")
def begun(once):
    return once(lambda cast: reading_round(cast.joan, by=cast.sam))


@pytest.fixture
def reading(begun, db):
    return deepcopy(begun)


@pytest.fixture
def assignment(reading, joan):
    return reading.assignments(joan)[0]


def typed(reading, assignment, by, *, value=2, why="She told me so on paper"):
    return actions.type_scores(
        assignment=assignment, answers=full_answers(reading, value), why=why, by=by, at=now()
    )


# ---- type_scores ----------------------------------------------------------------------------
def test_type_scores_waits_and_names_both(reading, assignment, joan, sam):
    sheet = typed(reading, assignment, sam)
    assert (sheet.member.person, sheet.typed_by, sheet.confirmed_at) == (joan, sam, None)
    assert not ScoreSheet.objects.counting().exists()
    letter = Letter.objects.get(kind="scores_typed")
    assert (letter.to, letter.when) == (joan, Letter.When.ANSWER)
    assert "Sam Okafor" in letter.body_text
    assert "do not count until you say" in letter.body_text
    assert reading.round.chain.entries.get(verb="scores_typed").by == sam
    assert not ScoreDraft.objects.exists()


@pytest.mark.parametrize("who", ["harold", "joan", "amina", "margaret", "administrator"])
def test_type_scores_refuses_all_but_facilitators(who, reading, assignment, request):
    with pytest.raises(Refused, match="Your role here"):
        typed(reading, assignment, request.getfixturevalue(who))


def test_type_scores_refuses_a_gap(reading, assignment, sam):
    first = reading.criteria[0]
    with pytest.raises(Refused, match="choose a score for “Criterion 2”"):
        actions.type_scores(
            assignment=assignment, answers={first: Answer(value=1)}, why="Yes", by=sam, at=now()
        )
    with pytest.raises(Refused, match="say what made you choose"):
        typed(reading, assignment, sam, why=" ")
    with pytest.raises(Refused, match="from 0 to 5"):
        typed(reading, assignment, sam, value=7)


def test_type_scores_asks_no_reason_that_the_paper_does_not_give(reading, assignment, sam):
    answers = {row: Answer(value=1) for row in reading.criteria}
    sheet = actions.type_scores(assignment=assignment, answers=answers, why="Yes", by=sam, at=now())
    assert sheet.scores.count() == 2


def test_type_scores_refuses_a_second_sheet_and_what_is_done(reading, assignment, sam, joan):
    typed(reading, assignment, sam)
    with pytest.raises(Refused, match="It waits for a yes"):
        typed(reading, assignment, sam)
    other = reading.assignments(joan)[1]
    send(reading, other)
    with pytest.raises(Refused, match="is done with this bid"):
        typed(reading, other, sam)


def test_type_scores_refuses_before_the_volunteer_has_declared(reading, assignment, sam):
    make_bid(reading.lot)
    with pytest.raises(Refused, match="first say who you know"):
        typed(reading, assignment, sam)


# ---- confirm_typed_scores -------------------------------------------------------------------
def test_confirm_typed_scores_by_its_volunteer_makes_it_count(reading, assignment, joan, sam):
    sheet = typed(reading, assignment, sam)
    actions.confirm_typed_scores(sheet=sheet, by=joan, at=now())
    assert list(ScoreSheet.objects.counting()) == [sheet]
    receipt = Letter.objects.get(kind="scores_receipt")
    assert receipt.to == joan
    assert "Sam Okafor typed this from your paper sheet" in receipt.body_text
    assert reading.round.chain.entries.get(verb="typed_scores_confirmed").data["own"] is True


def test_confirm_typed_scores_by_a_second_person_with_the_paper(reading, assignment, sam, ruth):
    sheet = typed(reading, assignment, sam)
    actions.confirm_typed_scores(sheet=sheet, by=ruth, at=now())
    assert ScoreSheet.objects.counting().get().confirmed_by == ruth
    assert reading.round.chain.entries.get(verb="typed_scores_confirmed").data["own"] is False


def test_confirm_typed_scores_refuses_whoever_typed(reading, assignment, sam):
    sheet = typed(reading, assignment, sam)
    with pytest.raises(Refused, match="somebody else must check it"):
        actions.confirm_typed_scores(sheet=sheet, by=sam, at=now())
    assert not ScoreSheet.objects.counting().exists()


@pytest.mark.parametrize("who", ["harold", "amina", "margaret"])
def test_confirm_typed_scores_refuses_others(who, reading, assignment, sam, request):
    sheet = typed(reading, assignment, sam)
    with pytest.raises(Refused, match="Your role here"):
        actions.confirm_typed_scores(sheet=sheet, by=request.getfixturevalue(who), at=now())


def test_confirm_typed_scores_refuses_own_sent_and_twice(reading, assignment, joan, sam):
    own = send(reading, reading.assignments(joan)[1])
    with pytest.raises(Refused, match="You sent them yourself"):
        actions.confirm_typed_scores(sheet=own, by=joan, at=now())
    sheet = typed(reading, assignment, sam)
    actions.confirm_typed_scores(sheet=sheet, by=joan, at=now())
    with pytest.raises(Refused, match="confirmed already"):
        actions.confirm_typed_scores(sheet=sheet, by=joan, at=now())


def test_confirm_typed_scores_after_closing_until_the_panel_opens(reading, assignment, joan, sam):
    sheet = typed(reading, assignment, sam)
    other = typed(reading, reading.assignments(joan)[1], sam)
    close_scoring(reading)
    actions.confirm_typed_scores(sheet=sheet, by=joan, at=now())
    open_scores(reading)
    with pytest.raises(Refused, match="No more can be added"):
        actions.confirm_typed_scores(sheet=other, by=joan, at=now())


def test_refuse_typed_scores_never_counts_and_may_be_typed_again(reading, assignment, joan, sam):
    sheet = typed(reading, assignment, sam)
    actions.refuse_typed_scores(sheet=sheet, words="I said five", by=joan, at=now())
    assert Void.objects.get().why == Void.Why.TYPED_WRONG
    with pytest.raises(Refused, match="does not count any more"):
        actions.confirm_typed_scores(sheet=sheet, by=joan, at=now())
    again = typed(reading, assignment, sam, value=5)
    actions.confirm_typed_scores(sheet=again, by=joan, at=now())
    assert list(ScoreSheet.objects.counting()) == [again]


def test_take_back_scores_of_a_typed_sheet_leaves_a_draft_to_go_on_with(
    reading, assignment, joan, sam
):
    sheet = typed(reading, assignment, sam, value=2)
    actions.confirm_typed_scores(sheet=sheet, by=joan, at=now())
    actions.take_back_scores(assignment=assignment, by=joan, at=now())
    assert set(ScoreDraft.objects.values_list("value", flat=True)) == {2}
    reading_now = rules.find_reading(joan, assignment.pk)
    assert rules.may_score(reading_now, joan, on=timezone.localdate())


# ---- An objection after the receipt ---------------------------------------------------------
@pytest.fixture
def checked(reading, assignment, sam, ruth):
    """Typed by Sam, checked by Ruth against the paper; its volunteer has said nothing."""
    sheet = typed(reading, assignment, sam)
    return actions.confirm_typed_scores(sheet=sheet, by=ruth, at=now())


def test_the_receipt_of_a_checked_sheet_goes_by_post_and_says_until_when(
    reading, assignment, joan, sam, ruth
):
    joan.postal_address, joan.channel = "1 Mill Lane", "post"
    joan.save(update_fields=["postal_address", "channel"])
    assignment.member.person.refresh_from_db()
    sheet = typed(reading, assignment, sam)
    actions.confirm_typed_scores(sheet=sheet, by=ruth, at=now())
    receipt = Letter.objects.get(kind="scores_receipt")
    assert (receipt.channel, receipt.to_address) == ("post", "1 Mill Lane")
    last = timezone.localdate() + timedelta(days=7)
    assert f"please ring us by {day(last)}. Then" in receipt.body_text
    assert "Ruth Bentley checked it." in receipt.body_text


@pytest.mark.parametrize("who", ["joan", "ruth"])
def test_object_to_typed_scores_undoes_them(who, reading, assignment, checked, request, sam):
    by = request.getfixturevalue(who)
    actions.object_to_typed_scores(sheet=checked, words="I gave a 5.", by=by, at=now())
    assert not ScoreSheet.objects.counting().exists()
    letter = Letter.objects.get(kind="scores_objected")
    assert letter.to == checked.member.person
    assert ("Ruth Bentley wrote down" in letter.body_text) == (who == "ruth")
    entry = reading.round.chain.entries.get(verb="objected_to_typed_scores")
    assert (entry.by, entry.data["own"]) == (by, who == "joan")
    assert typed(reading, assignment, sam, value=5).pk != checked.pk
    found = report_of(reading.round, at=now()).typed
    assert (found.sheets, found.sheets_objected) == (2, 1)


def test_object_to_typed_scores_is_refused_to_the_typist_late_and_once_open(
    reading, checked, joan, sam, harold
):
    def refused(by, days=0):
        with pytest.raises(Refused) as error:
            actions.object_to_typed_scores(
                sheet=checked, words="No.", by=by, at=now() + timedelta(days=days)
            )
        return str(error.value)

    assert "You typed this sheet" in refused(sam)
    assert "Your role here" in refused(harold)
    assert "The days to say that it is wrong are over." in refused(joan, days=8)
    open_scores(reading)
    assert "The panel has opened the scores." in refused(joan)
    with pytest.raises(DatabaseError), transaction.atomic():
        Void.objects.create(sheet=checked, why="typed_wrong", voided_at=now(), voided_by=joan)
    assert ScoreSheet.objects.counting().count() == 1


def test_object_to_typed_scores_is_not_for_what_one_confirmed_oneself(
    reading, assignment, joan, sam
):
    sheet = typed(reading, assignment, sam)
    actions.confirm_typed_scores(sheet=sheet, by=joan, at=now())
    with pytest.raises(Refused, match="not typed and checked by staff"):
        actions.object_to_typed_scores(sheet=sheet, words="No.", by=joan, at=now())
    with pytest.raises(DatabaseError), transaction.atomic():
        Void.objects.create(sheet=sheet, why="typed_wrong", voided_at=now(), voided_by=sam)


def test_object_to_typed_scores_page(client, assignment, checked, joan, harold):
    url = reverse("object_to_typed_scores", args=[checked.pk])
    client.force_login(joan)
    assert url in client.get(reverse("scores_sent", args=[assignment.pk])).content.decode()
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"words": "I gave a 5."}).status_code == 302
    assert Void.objects.get().words == "I gave a 5."
    client.force_login(harold)
    assert client.get(url).status_code == 404


def test_note_objection_page(client, checked, ruth, sam):
    url = reverse("note_objection", args=[checked.pk])
    client.force_login(ruth)
    page = client.get(reverse("sheet_list", args=[checked.member_id])).content.decode()
    assert url in page
    assert client.post(url, {"words": "She rang."}).status_code == 302
    client.force_login(sam)
    assert client.get(url).status_code == 403


def test_may_score_waits_while_a_typed_sheet_waits(reading, assignment, joan, sam):
    typed(reading, assignment, sam)
    verdict = rules.may_score(
        rules.find_reading(joan, assignment.pk), joan, on=timezone.localdate()
    )
    assert verdict.sentence == "Scores were typed for you. Please look at those first."


# ---- Pages ----------------------------------------------------------------------------------
def test_sheet_list_leads_to_typing_and_checking(
    client, reading, assignment, joan, sam, ruth, django_assert_max_num_queries
):
    here = f"/readers/{assignment.member_id}/sheets/"
    client.force_login(sam)
    with django_assert_max_num_queries(12):
        page = client.get(here).content.decode()
    assert page.count("Type this sheet") == 3
    typed(reading, assignment, sam)
    assert "Typed. It waits for a yes." in client.get(here).content.decode()
    client.force_login(ruth)
    assert "Check what was typed" in client.get(here).content.decode()


@pytest.mark.parametrize("who", ["outsider", "joan", "harold", "margaret"])
def test_sheet_list_is_not_there_for_others(who, client, assignment, request):
    client.force_login(request.getfixturevalue(who))
    member = assignment.member_id
    assert client.get(f"/readers/{member}/sheets/").status_code == 404
    assert client.get(f"/readers/bids/{assignment.pk}/type/").status_code == 404


def form_data(reading, score="4"):
    data = {"why": "She wrote that she liked it", "version": "0"}
    for row in reading.criteria:
        data |= {f"score_{row.slug}": score, f"reason_{row.slug}": "On paper"}
    return data


def test_type_scores_page_keeps_what_was_typed_and_waits(
    client, reading, assignment, sam, django_assert_max_num_queries
):
    here = f"/readers/bids/{assignment.pk}/type/"
    client.force_login(sam)
    with django_assert_max_num_queries(12):
        page = client.get(here).content.decode()
    assert "checked" not in page
    assert SECRET not in page
    data = form_data(reading)
    gap = {**data, f"score_{reading.criteria[1].slug}": ""}
    answer = client.post(here, gap)
    assert answer.status_code == 422
    assert "choose a score for “Criterion 2”" in answer.content.decode()
    assert "She wrote that she liked it" in answer.content.decode()
    assert client.post(here, data).url == f"/readers/{assignment.member_id}/sheets/"
    assert ScoreSheet.objects.get().typed_by == sam
    assert client.get(here).status_code == 403


def test_check_typed_scores_page_is_for_the_second_person(
    client, reading, assignment, sam, ruth, django_assert_max_num_queries
):
    sheet = typed(reading, assignment, sam)
    here = f"/readers/sheets/{sheet.pk}/check/"
    client.force_login(sam)
    assert client.get(here).status_code == 403
    client.force_login(ruth)
    with django_assert_max_num_queries(12):
        assert "2 out of 5" in client.get(here).content.decode()
    assert client.post(here, {}).status_code == 422
    assert client.post(here, {"right": "yes"}).url == f"/readers/{assignment.member_id}/sheets/"
    assert ScoreSheet.objects.counting().get() == sheet
    assert client.get(here).status_code == 403


def test_check_typed_scores_page_shows_no_sheet_that_was_sent_by_its_volunteer(
    client, reading, assignment, ruth
):
    sheet = send(reading, assignment)
    client.force_login(ruth)
    assert client.get(f"/readers/sheets/{sheet.pk}/check/").status_code == 404


def test_confirm_typed_scores_page(client, reading, assignment, joan, sam):
    sheet = typed(reading, assignment, sam)
    here = f"/my/reading/typed/{sheet.pk}/"
    client.force_login(joan)
    assert "Sam Okafor typed this" in client.get(here).content.decode()
    assert client.post(here, {}).status_code == 422
    answer = client.post(here, {"right": "no", "words": "I said five"})
    assert answer.url == "/my/reading/"
    assert Void.objects.get().words == "I said five"
    again = typed(reading, assignment, sam)
    assert client.post(f"/my/reading/typed/{again.pk}/", {"right": "yes"}).url == "/my/reading/"
    assert ScoreSheet.objects.counting().get() == again


@pytest.mark.parametrize("who", ["outsider", "harold", "sam", "ruth"])
def test_confirm_typed_scores_page_is_not_there_for_others(
    who, client, reading, assignment, sam, request
):
    sheet = typed(reading, assignment, sam)
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"/my/reading/typed/{sheet.pk}/").status_code == 404


def test_reading_pack_prints_bids_and_one_criterion_a_page(
    client, reading, assignment, joan, sam, django_assert_max_num_queries
):
    here = f"/readers/{assignment.member_id}/pack/"
    for person in (sam, joan):
        client.force_login(person)
        with django_assert_max_num_queries(12):
            page = client.get(here).content.decode()
        assert NEED_TEXT in page
        assert page.count("Score sheet for") == 3 * 3
    send(reading, assignment)
    assert client.get(here).content.decode().count("Score sheet for") == 2 * 3


def test_reading_pack_holds_all_that_a_reader_at_a_screen_sees(client, reading, assignment, joan):
    file = {"uuid": "00000000-0000-4000-8000-000000000000", "name": "plan.pdf"}
    send_copy(assignment.application, reading.criteria, documents=[file])
    actions.start_reading(assignment=assignment, by=joan, at=now())
    client.force_login(joan)
    read = client.get(f"/my/reading/{assignment.pk}/").content.decode()
    printed = client.get(f"/readers/{assignment.member_id}/pack/").content.decode()
    in_all = '<tfoot><tr><th scope="row">Asked from us in all</th>'
    for told in ("Armley", "£800", "St Aidan&#x27;s hall", "plan.pdf", in_all):
        assert told in read and told in printed, told


def test_reading_pack_holds_back_what_was_not_declared_on(client, reading, assignment, sam):
    make_bid(reading.lot)
    client.force_login(sam)
    page = client.get(f"/readers/{assignment.member_id}/pack/").content.decode()
    assert SECRET not in page
    assert "There are 0 bids here" in page


@pytest.mark.parametrize("who", ["outsider", "harold", "margaret", "amina"])
@pytest.mark.parametrize("page", ["pack/", "pack.pdf"])
def test_reading_pack_is_not_there_for_others(page, who, client, assignment, request):
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"/readers/{assignment.member_id}/{page}").status_code == 404


def test_reading_pack_pdf_is_tagged(client, reading, assignment, sam):
    for bid in reading.assignments(assignment.member.person)[1:]:
        send(reading, bid)
    client.force_login(sam)
    answer = client.get(f"/readers/{assignment.member_id}/pack.pdf")
    if pdf.available():
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-1.7")
        assert b"joan-ibbotson-bids.pdf" in answer["Content-Disposition"].encode()
    else:
        assert answer.status_code == 403


def test_reading_pack_pdf_of_several_bids_is_left_to_a_worker(client, assignment, joan):
    client.force_login(joan)
    answer = client.get(f"/readers/{assignment.member_id}/pack.pdf")
    if pdf.available():
        assert answer.url == reverse("make_pack", args=[assignment.member_id])
    else:
        assert answer.status_code == 403


# ---- The share, on paper or by phone ----------------------------------------------------------
def test_type_share_reply_tells_the_volunteer(client, reading, sam):
    client.force_login(sam)
    member = reading.members[0]
    page = reverse("type_share_reply", args=[member.pk])
    assert "What does" in client.get(page).content.decode()
    assert client.post(page, {"answer": "fewer"}).status_code == 422
    assert client.post(page, {"answer": "fewer", "bids_wanted": "2"}).status_code == 302
    reply = member.share_replies.get()
    assert (reply.answer, reply.bids_wanted, reply.typed_by) == ("fewer", 2, sam)
    letter = Letter.objects.get(kind="share_typed")
    assert letter.to == member.person
    assert "You would like fewer: 2 bids in all." in letter.body_text


def test_type_hand_back_ends_the_bid_and_tells_the_volunteer(client, reading, sam):
    client.force_login(sam)
    given = reading.members[0].assignments.first()
    page = reverse("type_hand_back", args=[given.pk])
    assert client.post(page, {}).status_code == 422
    answer = client.post(page, {"sure": "on"})
    assert answer.status_code == 302
    given.refresh_from_db()
    assert (given.ended_why, given.ended_by) == ("handed_back", sam)
    letter = Letter.objects.get(kind="hand_back_typed")
    assert letter.to == reading.members[0].person
    assert given.application.reference in letter.body_text


# ---- The code on each sheet -------------------------------------------------------------------
def test_sheet_code_stands_for_one_sheet_and_tells_nothing():
    codes = [sheet_code.code_for(number) for number in range(1, 400)]
    assert len(set(codes)) == len(codes)
    for number, code in enumerate(codes, start=1):
        assert sheet_code.assignment_of(sheet_code.plain(code.lower().replace(" ", "-"))) == number
    assert len({code[:3] for code in codes[:60]}) > 55, "neighbours look nothing alike"


def test_sheet_code_notices_each_wrong_letter_and_each_two_swapped():
    code = sheet_code.plain(sheet_code.code_for(41))
    for place in range(sheet_code.LENGTH):
        for letter in set(sheet_code.LETTERS) - {code[place]}:
            assert not sheet_code.is_whole(code[:place] + letter + code[place + 1 :])
    for place in range(sheet_code.LENGTH - 1):
        one, two = code[place : place + 2]
        swapped = code[:place] + two + one + code[place + 2 :]
        assert one == two or not sheet_code.is_whole(swapped)


def test_sheet_code_of_another_key_is_unknown_until_the_key_is_kept(settings):
    code = sheet_code.plain(sheet_code.code_for(41))
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-" * 8
    assert sheet_code.assignment_of(code) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert sheet_code.assignment_of(code) == 41


def test_reading_pack_has_its_code_on_each_page_of_a_sheet(client, assignment, sam):
    client.force_login(sam)
    page = client.get(f"/readers/{assignment.member_id}/pack/").content.decode()
    code = sheet_code.code_for(assignment.pk)
    assert page.count(f"<strong>{code}</strong>") == 3  # two criteria, and the page to sign
    width, path = sheet_code.picture_of(code)
    assert page.count(f'd="{path}"') == 3
    # A scanner that finds less than this white round the squares does not read them.
    assert width == 21 + 2 * 4 and path.startswith("M4 4h7v1h-7z") and "M3 " not in path


def find(client, code):
    return client.post(reverse("find_sheet"), {"code": code})


def test_find_sheet_leads_to_typing_then_to_the_second_person(
    client, reading, assignment, sam, ruth
):
    code = sheet_code.code_for(assignment.pk)
    client.force_login(sam)
    assert "Find the sheet" in client.get(reverse("find_sheet")).content.decode()
    assert find(client, f" {code.lower()}\n").url == reverse("type_scores", args=[assignment.pk])
    sheet = typed(reading, assignment, sam)
    assert "You typed the sheet of Joan Ibbotson" in find(client, code).content.decode()
    client.force_login(ruth)
    assert find(client, code).url == reverse("check_typed_scores", args=[sheet.pk])
    actions.confirm_typed_scores(sheet=sheet, by=ruth, at=now())
    assert "Nothing is left to type" in find(client, code).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda code: "", "Type the code that is on the paper."),
        (lambda code: code[:-1], "This one has 8."),
        (lambda code: "0" + code[1:], "There is no 0 in our codes."),
        (lambda code: code[:-1] + ("2" if code[-1] != "2" else "3"), "number is wrong."),
        (lambda code: sheet_code.code_for(9999), "We do not know this code."),
        (lambda code: "222222222", "We do not know this code."),
    ],
)
def test_find_sheet_says_what_is_wrong_with_a_code(change, words, client, assignment, sam):
    client.force_login(sam)
    answer = find(client, change(sheet_code.plain(sheet_code.code_for(assignment.pk))))
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_find_sheet_says_that_a_bid_was_handed_back(client, assignment, joan, sam):
    actions.hand_back(assignment=assignment, by=joan, at=now())
    client.force_login(sam)
    answer = find(client, sheet_code.code_for(assignment.pk))
    assert "no longer in the share of Joan Ibbotson" in answer.content.decode()


@pytest.mark.parametrize("who", ["outsider", "joan", "margaret", "amina", "administrator"])
def test_find_sheet_is_not_there_for_others(who, client, assignment, request):
    client.force_login(request.getfixturevalue(who))
    assert find(client, sheet_code.code_for(assignment.pk)).status_code == 404


# ---- Who works on paper -----------------------------------------------------------------------
def on_paper(person):
    person.channel, person.sign_in_email = Channel.POST, None
    person.save(update_fields=["channel", "sign_in_email"])


def work_of(reading, person, by):
    return {row.member.person: row for row in paper.paper_work(reading.round, by)}.get(person)


def test_paper_work_follows_the_sheets_from_the_printer_to_a_yes(
    reading, assignment, joan, sam, ruth
):
    member = assignment.member
    assert work_of(reading, joan, sam) is None, "who reads at a screen is not on the list"
    on_paper(joan)
    row = work_of(reading, joan, sam)
    assert (row.to_go, row.gone_at, row.next_step) == (3, None, "give")
    actions.note_pack_given(member=member, posted=True, by=sam, at=now())
    entry = reading.round.chain.entries.get(verb="pack_given")
    assert entry.data["member"] == member.pk and len(entry.data["assignments"]) == 3
    row = work_of(reading, joan, sam)
    assert (row.to_go, row.out, row.by_post, row.next_step) == (0, 3, True, "type")
    sheet = typed(reading, assignment, sam)
    row = work_of(reading, joan, sam)
    assert (row.out, row.back, row.mine, row.for_second, row.next_step) == (2, 1, 1, 0, "other")
    row = work_of(reading, joan, ruth)
    assert (row.mine, row.for_second, row.waiting, row.next_step) == (0, 1, 1, "check")
    actions.confirm_typed_scores(sheet=sheet, by=ruth, at=now())
    row = work_of(reading, joan, ruth)
    assert (row.back, row.waiting, row.done, row.next_step) == (1, 0, 1, "type")


def test_paper_work_counts_a_sheet_again_that_was_typed_wrong(reading, assignment, joan, sam, ruth):
    on_paper(joan)
    actions.note_pack_given(member=assignment.member, posted=False, by=sam, at=now())
    sheet = typed(reading, assignment, sam)
    actions.refuse_typed_scores(sheet=sheet, words="Not what it says", by=ruth, at=now())
    row = work_of(reading, joan, ruth)
    assert (row.back, row.out, row.waiting, row.by_post) == (0, 3, 0, False)


def test_paper_work_waits_for_what_was_not_declared_on(reading, assignment, joan, sam):
    on_paper(joan)
    make_bid(reading.lot)
    row = work_of(reading, joan, sam)
    assert (row.undeclared, row.to_go, row.next_step) == (3, 0, "declare")
    with pytest.raises(Refused, match="no sheet to give"):
        actions.note_pack_given(member=assignment.member, posted=True, by=sam, at=now())


@pytest.mark.parametrize("who", ["joan", "amina", "margaret", "administrator"])
def test_note_pack_given_refuses_all_but_facilitators(who, assignment, request):
    with pytest.raises(Refused, match="Your role here"):
        actions.note_pack_given(
            member=assignment.member, posted=True, by=request.getfixturevalue(who), at=now()
        )


def test_paper_list_and_note_pack_given_pages(client, reading, assignment, joan, sam):
    on_paper(joan)
    client.force_login(sam)
    here = reverse("paper_list", args=[reading.round.slug])
    first = client.get(here).content.decode()
    assert "Joan Ibbotson" in first and "Not yet: 3 bids." in first
    give = reverse("note_pack_given", args=[assignment.member_id])
    assert give in first
    assert give in client.get(reverse("sheet_list", args=[assignment.member_id])).content.decode()
    assert "Choose how the pack went." in client.post(give, {}).content.decode()
    assert client.post(give, {"how": "post"}).url == here
    page = client.get(here).content.decode()
    assert f"Posted on {day(now())}." in page and "3 are still with them." in page
    assert "Nobody found." in client.get(here, {"q": "Zebedee"}).content.decode()
    assert "Nobody found." in client.get(here, {"show": "give"}).content.decode()
    assert "Joan Ibbotson" in client.get(here, {"q": "ibb", "show": "type"}).content.decode()


def test_paper_list_asks_no_more_for_more_people(client, joan, harold, sam):
    counts = []
    for people in ([joan], [joan, harold]):
        begun = reading_round(*people, by=sam)
        for person in people:
            on_paper(person)
        typed(begun, begun.assignments(joan)[0], sam)
        client.force_login(sam)
        address = reverse("paper_list", args=[begun.round.slug])
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            page = client.get(address).content.decode()
        assert all(person.name in page for person in people)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


# ---- Read back by phone -----------------------------------------------------------------------
def days_of(when):
    return {"rang_on_0": when.day, "rang_on_1": when.month, "rang_on_2": when.year}


def test_check_typed_scores_by_reading_them_back_on_the_phone(
    client, reading, assignment, sam, ruth
):
    sheet = typed(reading, assignment, sam)
    here = reverse("check_typed_scores", args=[sheet.pk])
    client.force_login(ruth)
    assert "read each line to them slowly" in client.get(here).content.decode()
    assert "Type the day you rang them." in client.post(here, {"right": "phone"}).content.decode()
    today = timezone.localdate()
    for when, words in (
        (today + timedelta(days=1), "still to come"),
        (today - timedelta(days=1), "typed after that day"),
    ):
        answer = client.post(here, {"right": "phone", **days_of(when)})
        assert answer.status_code == 422 and words in answer.content.decode()
    assert not ScoreSheet.objects.counting().exists()
    client.post(here, {"right": "phone", **days_of(today)})
    assert ScoreSheet.objects.counting().get() == sheet
    receipt = Letter.objects.get(kind="scores_receipt").body_text
    said = f"Ruth Bentley rang you on {day(now())} and read it back to you. You said yes."
    assert said in receipt and "paper sheet" not in receipt
    assert f"If anything is wrong, please ring us by {day(now() + timedelta(days=7))}." in receipt
    told = reading.round.chain.entries.get(verb="typed_scores_confirmed")
    assert (told.data["read_back_on"], told.by) == (today.isoformat(), ruth)


def test_check_typed_scores_on_paper_keeps_no_day_of_a_call(client, reading, assignment, sam, ruth):
    sheet = typed(reading, assignment, sam)
    client.force_login(ruth)
    here = reverse("check_typed_scores", args=[sheet.pk])
    client.post(here, {"right": "yes", **days_of(timezone.localdate())})
    told = reading.round.chain.entries.get(verb="typed_scores_confirmed")
    assert "read_back_on" not in told.data
    assert "Ruth Bentley checked it." in Letter.objects.get(kind="scores_receipt").body_text


def test_confirm_typed_scores_refuses_a_call_to_oneself_and_a_day_to_come(
    reading, assignment, joan, sam, ruth
):
    sheet, today = typed(reading, assignment, sam), timezone.localdate()
    with pytest.raises(Refused, match="somebody else"):
        actions.confirm_typed_scores(sheet=sheet, by=joan, at=now(), rang_on=today)
    with pytest.raises(Refused, match="still to come"):
        actions.confirm_typed_scores(
            sheet=sheet, by=ruth, at=now(), rang_on=today + timedelta(days=1)
        )
    assert not ScoreSheet.objects.counting().exists()


# ---- One bid on paper -------------------------------------------------------------------------
def test_bid_pack_prints_one_bid_with_its_sheet_and_what_each_part_is_for(
    client, reading, assignment, joan, sam, django_assert_max_num_queries
):
    here = reverse("bid_pack", args=[assignment.pk])
    for person in (joan, sam):
        client.force_login(person)
        with django_assert_max_num_queries(12):
            page = client.get(here).content.decode()
        assert page.count("Score sheet for") == 3
        assert "There is 1 bid here" in page and NEED_TEXT in page
        assert "This helps you score:" in page
        assert sheet_code.code_for(assignment.pk) in page
    send(reading, assignment)
    page = client.get(here).content.decode()
    assert NEED_TEXT in page and "Score sheet for" not in page


def test_bid_pack_pdf_is_named_after_its_bid(client, assignment, joan):
    client.force_login(joan)
    answer = client.get(reverse("bid_pack_pdf", args=[assignment.pk]))
    if pdf.available():
        assert answer.content.startswith(b"%PDF-1.7")
        name = f"joan-ibbotson-{assignment.application.reference.lower()}.pdf"
        assert name in answer["Content-Disposition"]
    else:
        assert answer.status_code == 403


def test_bid_pack_holds_back_what_was_not_declared_on(client, reading, assignment, sam):
    make_bid(reading.lot)
    client.force_login(sam)
    answer = client.get(reverse("bid_pack", args=[assignment.pk]))
    assert answer.status_code == 403 and SECRET not in answer.content.decode()


@pytest.mark.parametrize("who", ["outsider", "harold", "margaret", "amina"])
@pytest.mark.parametrize("page", ["bid_pack", "bid_pack_pdf"])
def test_bid_pack_is_not_there_for_others(page, who, client, assignment, request):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(page, args=[assignment.pk])).status_code == 404


def test_read_bid_says_where_to_look_for_each_score(client, reading, assignment, joan):
    actions.start_reading(assignment=assignment, by=joan, at=now())
    client.force_login(joan)
    page = client.get(reverse("read_bid", args=[assignment.pk])).content.decode()
    targets = re.findall(r'href="#(part-\d+)"', page)
    assert targets and all(f'id="{one}"' in page for one in targets)
    assert 'id="where"' in page and page.count('href="#where"') == len(set(targets))
    for criterion in reading.criteria:
        assert f"<dt data-user-text>{criterion.title}</dt>" in page
    assert reverse("bid_pack", args=[assignment.pk]) in page
