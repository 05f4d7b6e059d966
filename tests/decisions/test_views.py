"""The pages of the decision: who reads them, who is refused, and what a mistake leaves standing."""

import csv
import io
import re
import time
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.adapters import CONFIRMED_AT
from accounts.templatetags.purse import day
from applications.models import Application, Organisation
from commissioning.models import Criterion, FunderRule, Programme, StageKind
from decisions import actions, rules, showing
from decisions.kept_report import keep_reports
from decisions.models import (
    Acceptance,
    BoardNote,
    CheckKind,
    DueDiligence,
    MoneyBoard,
    Outcome,
    OutcomeLetter,
    Ratification,
    ReportFile,
)
from decisions.reading import report_of
from decisions.report import mark_of
from decisions.tasks import ask_who_is_owed, do_errands, read_report
from decisions.views import waiting
from ledger import clock
from ledger.models import Letter
from panels.actions import arrange_meeting
from panels.models import Interest, Proposal, StandingAside
from tests.factories import decisions as build
from tests.factories.commissioning import agree_criteria
from tests.factories.panels import make_bid
from tests.factories.unguarded import unguarded

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def begun(once):
    return once(lambda cast: build.deciding_round(cast.joan, cast.harold, cast.priya, by=cast.sam))


@pytest.fixture
def deciding(begun, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return deepcopy(begun)


def as_(person):
    """A browser where this person has signed in just now."""
    client = Client()
    client.force_login(person)
    session = client.session
    session[CONFIRMED_AT] = time.time()
    session.save()
    return client


def get(person, name, *args, status=200):
    response = as_(person).get(reverse(name, args=args))
    assert response.status_code == status, (name, response.status_code)
    return " ".join(response.content.decode().split())


def post(person, page, *args, status=302, **data):
    response = as_(person).post(reverse(page, args=args), data)
    text = " ".join(response.content.decode().split())
    assert response.status_code == status, (page, response.status_code, text[-3000:])
    return text


def stand_aside(deciding, person, bid=None):
    member = deciding.seat(person).member
    interest = Interest.objects.create(
        member=member,
        application=bid or deciding.bids[0],
        kind="direct",
        made_at=timezone.now(),
    )
    StandingAside.objects.create(
        member=member,
        lot=deciding.panel.lot,
        application=bid,
        interest=interest,
        began_at=timezone.now(),
    )


def line_data(deciding, board, **more):
    facts = {
        "outcome": "award",
        "reason": "A good bid.",
        "criterion": deciding.criterion.pk,
        "version": board.version,
    }
    return {**facts, **more}


OTHERS = ("outsider", "amina", "sam", "margaret", "administrator", "superuser")


# ---- The money board --------------------------------------------------------------------------
@pytest.mark.parametrize("who", OTHERS)
def test_board_list_is_there_for_seats_only(deciding, who, request):
    board = build.full_board(deciding)
    person = request.getfixturevalue(who)
    for name, pk in (
        ("board_list", deciding.panel.pk),
        ("start_board", deciding.panel.pk),
        ("money_board", board.pk),
        ("put_decision", board.pk),
    ):
        get(person, name, pk, status=404)
    get(person, "set_line", board.pk, deciding.bids[0].pk, status=404)
    post(person, "undo_line", board.pk, status=404)
    post(person, "clear_line", board.pk, deciding.bids[0].pk, status=404)
    assert board.lines.count() == 3


def test_board_list_shows_boards_side_by_side(deciding, joan):
    assert "There is no board yet" in get(joan, "board_list", deciding.panel.pk)
    first = build.full_board(deciding)
    build.make_board(deciding, "What if", copy_of=first)
    text = get(joan, "board_list", deciding.panel.pk)
    assert "Our first try" in text
    assert "What if" in text
    assert text.count("£600.50") == 2
    assert "Start another board" in text


def test_board_list_shows_ways_on_once_a_panel_was_split_twice(deciding, joan):
    board, split = build.full_board(deciding), ["agree", "agree", "disagree", "disagree"]
    for expected in (False, True):
        build.sign(deciding, build.put(deciding, board), choices=split)
        text = get(joan, "board_list", deciding.panel.pk)
        assert ("You have tried more than once" in text) is expected
    assert "in reserve, and decide the rest" in text


def test_the_minutes_of_a_meeting_tell_what_became_of_decisions(deciding, joan, sam, harold):
    meeting = arrange_meeting(
        panel=deciding.panel,
        kind="decision",
        starts_at=timezone.now() + timedelta(minutes=1),
        minutes_long=60,
        place="Mill Hill Hall",
        by=sam,
        at=timezone.now(),
    )
    stand_aside(deciding, harold, deciding.bids[0])
    board = build.full_board(deciding)
    build.sign(
        deciding, build.put(deciding, board), choices=["agree", "agree", "disagree", "disagree"]
    )
    build.sign(deciding, build.put(deciding, board))
    over = timezone.now() - timedelta(minutes=61)
    type(meeting).objects.filter(pk=meeting.pk).update(starts_at=over)
    for person in (joan, harold):
        client = as_(person)
        with CaptureQueriesContext(connection) as asked:
            text = client.get(reverse("meeting_detail", args=[meeting.pk])).content.decode()
        assert len(asked) <= 12
        assert "Decision 1 was put for signing" in text
        assert "Decision 1 went off the table." in text
        assert "Decision 2 was agreed, and stands: £" in text
        assert "Decision 1 was agreed" not in text


# ---- In a room: a screen, and paper -----------------------------------------------------------
def test_board_screen_is_for_whoever_runs_the_meeting(deciding, joan, sam, harold):
    get(joan, "board_screen", deciding.panel.pk, status=404)
    assert "There is no board yet" in get(sam, "board_screen", deciding.panel.pk)
    board = build.full_board(deciding)
    text = get(sam, "board_screen", deciding.panel.pk)
    assert 'class="wide screen"' in text
    assert "<strong>£600.50</strong>" in text
    assert deciding.bids[0].title in text
    for closed in ("set_line", "undo_line", "put_decision", "start_board", "<form"):
        assert closed not in text.split("<main")[1].split("</main")[0]
    build.make_board(deciding, "What if", copy_of=board)
    assert "Which board shall the screen show?" in get(sam, "board_screen", deciding.panel.pk)


def test_board_screen_keeps_a_bid_back_until_who_stands_aside_has_left(deciding, harold, sam):
    board, bid = build.full_board(deciding), deciding.bids[1]
    stand_aside(deciding, harold, bid)
    text = get(sam, "board_screen", deciding.panel.pk)
    assert f"{harold.name} steps out for this one." in text
    assert bid.title not in text and deciding.bids[0].title in text
    page = as_(sam).get(
        reverse("board_screen", args=[deciding.panel.pk]), {"board": board.pk, "show": bid.pk}
    )
    assert bid.title in page.content.decode()
    assert f"{harold.name} is out of the room." in " ".join(page.content.decode().split())


def test_board_screen_waits_for_the_scores_and_is_closed_to_staff_who_stand_aside(deciding, sam):
    with unguarded():
        type(deciding.panel).objects.filter(pk=deciding.panel.pk).update(scores_opened_at=None)
    get(sam, "board_screen", deciding.panel.pk, status=403)
    page = as_(sam).get(reverse("board_on_paper", args=[deciding.panel.pk]), {"for": 1})
    assert page.status_code == 403


def test_a_member_prints_a_board_for_a_pen_without_what_they_stand_aside_from(
    deciding, joan, harold, sam
):
    board, bid = build.full_board(deciding), deciding.bids[1]
    stand_aside(deciding, harold, bid)
    text = get(joan, "board_on_paper", deciding.panel.pk)
    assert text.count("Money left after this: £") == len(deciding.bids)
    assert "On the board now:" not in text, "an empty one"
    filled = as_(joan).get(reverse("board_on_paper", args=[deciding.panel.pk]), {"board": board.pk})
    assert filled.content.decode().count("On the board now:") == len(deciding.bids)
    theirs = get(harold, "board_on_paper", deciding.panel.pk)
    assert bid.title not in theirs and bid.reference not in theirs
    assert "1 bid that you stand aside from is not here." in theirs
    seat = deciding.seat(harold)
    by_staff = as_(sam).get(reverse("board_on_paper", args=[deciding.panel.pk]), {"for": seat.pk})
    assert by_staff.status_code == 200 and bid.title not in by_staff.content.decode()
    get(sam, "board_on_paper", deciding.panel.pk, status=404)


@pytest.mark.parametrize("who", ["outsider", "amina", "margaret", "administrator", "superuser"])
def test_the_room_s_pages_are_there_for_seats_and_staff_only(deciding, who, request):
    person = request.getfixturevalue(who)
    for name in ("board_screen", "board_on_paper", "agenda_on_paper"):
        get(person, name, deciding.panel.pk, status=404)


def told_by(deciding, **fields):
    """Facts of each bid, one each, that a board may leave out."""
    for name, values in fields.items():
        for bid, value in zip(deciding.bids, values, strict=True):
            if name == "income_band":
                bid.organisation.income_band = value
                bid.organisation.save()
            else:
                setattr(bid, name, value)
                with unguarded():
                    bid.save()


def cells(text, heading):
    """What a row of the table says of each board."""
    row = next(row for row in re.split("</?tr>", text) if heading in row)
    return [" ".join(re.sub("<[^>]*>", " ", cell).split()) for cell in row.split("<td")[1:]]


def test_board_list_says_who_goes_without_on_each_board(deciding, joan):
    told_by(
        deciding,
        area=["Armley", " beeston", "Beeston"],
        communities=[["carer"], ["lonely", "carer"], ["lgbt"]],
        income_band=["under 10000", "10000 to 100000", "under 10000"],
    )
    first = build.make_board(deciding, "Our first try")
    build.put_line(deciding, first, deciding.bids[0])
    second = build.make_board(deciding, "What if")
    build.put_line(deciding, second, deciding.bids[2])
    build.put_line(deciding, second, deciding.bids[1], "reserve", reserve_order=1)
    text = get(joan, "board_list", deciding.panel.pk)
    lonely, carer = "People who are lonely", "People who care for someone at home"
    lgbt = "Lesbian, gay, bisexual and trans people"
    of = [f'data-label="{name}">' for name in ("Our first try", "What if")]
    assert cells(text, "Places that go without") == [f"{of[0]} beeston", f"{of[1]} Armley"]
    assert cells(text, "Communities that go without") == [
        f"{of[0]} {lgbt} {lonely}",
        f"{of[1]} {lonely} {carer}",
    ]
    assert cells(text, "Small groups that go without") == [
        f"{of[0]} {deciding.bids[2].organisation.name}",
        f"{of[1]} {deciding.bids[0].organisation.name}",
    ]
    assert "The boards differ on 3 of 3 bids." in text


def test_board_list_says_on_which_bids_the_boards_differ(deciding, joan):
    first = build.full_board(deciding)
    second = build.make_board(deciding, "What if", copy_of=first)
    text = get(joan, "board_list", deciding.panel.pk)
    assert "The boards say the same of each bid." in text
    assert "The boards differ" not in text
    build.put_line(deciding, second, deciding.bids[1])
    text = get(joan, "board_list", deciding.panel.pk)
    assert "The boards differ on 1 of 3 bids." in text
    assert text.count("The boards differ</") == 1


def test_board_list_tells_nothing_of_who_goes_without_in_a_bid_one_stands_aside_from(
    deciding, joan
):
    told_by(
        deciding,
        area=["Armley", "Beeston", "Bramley"],
        communities=[["carer"], ["lonely"], []],
        income_band=["under 10000", "", ""],
    )
    stand_aside(deciding, joan, deciding.bids[0])
    board = build.make_board(deciding, "What if")
    build.make_board(deciding, "Another", copy_of=board)
    by = deciding.seats[1].member.person

    def seen():
        return get(joan, "board_list", deciding.panel.pk)

    before = seen()
    assert "Beeston" in before
    for word in ("Armley", "care for someone", deciding.bids[0].organisation.name):
        assert word not in before
    actions.set_line(
        board=board,
        application=deciding.bids[0],
        outcome="no",
        reason=build.REASON,
        criterion=deciding.criterion,
        by=by,
        at=timezone.now(),
    )
    assert re.sub('value="[^"]*"|nonce="[^"]*"', "", seen()) == re.sub(
        'value="[^"]*"|nonce="[^"]*"', "", before
    )


def test_board_list_tells_one_who_stands_aside_nothing(deciding, priya):
    board = build.full_board(deciding)
    stand_aside(deciding, priya)
    for name, pk in (("board_list", deciding.panel.pk), ("money_board", board.pk)):
        text = get(priya, name, pk, status=403)
        assert "You are standing aside." in text
        assert deciding.bids[0].title not in text
        assert "£" not in text


def test_start_board_makes_one(deciding, joan):
    text = post(joan, "start_board", deciding.panel.pk, name="", status=422)
    assert "Type a name for the board." in text
    post(joan, "start_board", deciding.panel.pk, name="Our first try")
    assert MoneyBoard.objects.get().name == "Our first try"
    text = post(joan, "start_board", deciding.panel.pk, name="Our first try", status=422)
    assert "There is a board with this name" in text


def test_money_board_says_what_is_left_and_the_scores_in_words(deciding, joan):
    board = build.full_board(deciding)
    text = get(joan, "money_board", board.pk)
    assert "£1,600.50 of £40,000 is given. £38,399.50 is left." in text
    assert "Every bid has an answer." in text
    assert "Yes, with less money" in text
    assert any(word in text for word in ("Fair", "Strong", "Thin"))
    assert f"How readers scored {deciding.bids[0].reference}" in text


def test_money_board_hides_the_bid_somebody_stands_aside_from(deciding, priya):
    board = build.full_board(deciding)
    stand_aside(deciding, priya, deciding.bids[1])
    text = get(priya, "money_board", board.pk)
    assert "You are standing aside from this bid." in text
    assert deciding.bids[1].title not in text
    assert deciding.bids[0].title in text
    get(priya, "set_line", board.pk, deciding.bids[1].pk, status=403)


def test_money_board_asks_the_same_number_of_questions_for_more_bids(joan, sam):
    counts = []
    for bids in (1, 3):
        deciding = build.deciding_round(joan, by=sam, bids=bids)
        board = build.make_board(deciding)
        client = as_(joan)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("money_board", args=[board.pk])).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_set_line_puts_a_bid_on_the_board(deciding, joan):
    board = build.make_board(deciding)
    bid = deciding.bids[0]
    text = get(joan, "set_line", board.pk, bid.pk)
    assert "They get £1,000." in text
    assert "How your panel scored it" in text
    assert "person gave" in text
    post(joan, "set_line", board.pk, bid.pk, **line_data(deciding, board))
    assert board.lines.get().amount == Decimal(1000)


def test_set_line_keeps_what_was_typed_with_a_mistake(deciding, joan):
    board = build.make_board(deciding)
    data = line_data(deciding, board, outcome="less", amount="lots", reason="Ours to keep")
    text = post(joan, "set_line", board.pk, deciding.bids[0].pk, status=422, **data)
    assert "Type a sum in pounds, like 1250 or 1250.50." in text
    assert "Say which costs are left out." in text
    assert "Ours to keep" in text
    assert "Error:" in text


def test_set_line_needs_a_reason_and_a_criterion_for_a_no(deciding, joan):
    board = build.make_board(deciding)
    text = post(
        joan, "set_line", board.pk, deciding.bids[0].pk, status=422, outcome="no", version=1
    )
    assert "Write the reason. The group will read it." in text
    assert "Choose the criterion your reason rests on." in text
    data = line_data(deciding, board, outcome="no", reason=".")
    text = post(joan, "set_line", board.pk, deciding.bids[0].pk, status=422, **data)
    assert "Write the reason. The group will read it. Use three words or more." in text
    assert "Choose the criterion" not in text


def test_set_line_asks_again_for_the_reason_when_a_yes_becomes_a_no(deciding, joan):
    board = build.full_board(deciding)
    bid = deciding.bids[0]
    here = (joan, "set_line", board.pk, bid.pk)
    assert "This is still the reason" not in get(*here)
    data = line_data(deciding, board, outcome="no", reason=f" {build.REASON}\r\n", version=2)
    text = post(*here, status=422, **data)
    assert "Write a new reason, or tick the box below it." in text
    assert "This is still the reason" in text
    assert board.lines.get(application=bid).outcome == "award"
    post(*here, **data, still_the_reason="on")
    assert board.lines.get(application=bid).outcome == "no"
    text = post(*here, **{**data, "outcome": "award", "reason": "They need it most.", "version": 3})
    assert board.lines.get(application=bid).reason == "They need it most."


EACH = ("Your need is plain to see.", "You know <your> neighbours.")


def about(deciding, *words):
    """What is typed into the boxes for each criterion."""
    rows = zip(deciding.reading.criteria, words, strict=False)
    return {f"about_{criterion.pk}": said for criterion, said in rows}


def test_set_line_takes_words_for_each_criterion_and_gives_them_back(deciding, joan):
    board, bid = build.make_board(deciding), deciding.bids[0]
    here = (joan, "set_line", board.pk, bid.pk)
    text = get(*here)
    assert "<details> <summary>Tell them about each criterion (optional)</summary>" in text
    assert "What do you want to tell them about “Criterion 1”?" in text
    assert text.count("<li>So.</li>") == len(deciding.seats) * 2  # what members wrote, beside
    data = line_data(deciding, board, outcome="less", **about(deciding, *EACH))
    text = post(*here, status=422, **data)
    assert "<details open>" in text
    assert EACH[0] in text and "You know &lt;your&gt; neighbours." in text
    post(*here, **line_data(deciding, board, **about(deciding, f" {EACH[0]} ", " ")))
    assert board.lines.get().by_criterion == {str(deciding.criterion.pk): EACH[0]}
    assert EACH[0] in get(*here)


def test_set_line_keeps_words_for_each_criterion_when_somebody_was_faster(deciding, joan):
    board, bid = build.make_board(deciding), deciding.bids[0]
    build.put_line(deciding, board, bid, by_criterion=about_key(about(deciding, "Theirs.")))
    data = line_data(deciding, board, version=1, **about(deciding, "Mine came later."))
    text = post(joan, "set_line", board.pk, bid.pk, status=409, **data)
    assert "<dt>Criterion 1</dt><dd><p>Theirs.</p></dd>" in text
    assert "Mine came later." in text


def about_key(boxes):
    return {name.removeprefix("about_"): words for name, words in boxes.items()}


def test_set_line_asks_again_for_words_for_each_criterion_when_a_yes_becomes_a_no(deciding, joan):
    board, bid = build.make_board(deciding), deciding.bids[0]
    build.put_line(deciding, board, bid, by_criterion=about_key(about(deciding, *EACH)))
    here = (joan, "set_line", board.pk, bid.pk)
    new = {"outcome": "no", "reason": "We were not sure of it.", "version": 2}
    data = line_data(deciding, board, **new, **about(deciding, EACH[0], "Other words."))
    text = post(*here, status=422, **data)
    assert "Change these words, or tick the box above." in text
    assert text.count("Change these words, or tick the box above.") == 2  # summary and box
    assert "My words about each criterion still hold" in text
    assert "Write a new reason" not in text
    post(*here, **data, still_the_reason="on")
    line = board.lines.get()
    assert (line.outcome, list(line.by_criterion.values())) == ("no", [EACH[0], "Other words."])


def test_set_line_keeps_words_for_a_criterion_of_before(deciding, joan):
    """Volunteers agreed new criteria after the words were written."""
    board, bid = build.make_board(deciding), deciding.bids[0]
    build.put_line(deciding, board, bid, by_criterion=about_key(about(deciding, *EACH)))
    old = deciding.criterion
    with unguarded():
        agree_criteria(deciding.round)
    here = (joan, "set_line", board.pk, bid.pk)
    assert f'name="about_{old.pk}"' in get(*here)
    new = Criterion.objects.agreed_for(deciding.round)[0]
    data = line_data(deciding, board, criterion=new.pk, version=2, **about(deciding, *EACH))
    post(*here, **data)
    assert list(board.lines.get().by_criterion.values()) == list(EACH)


def test_words_for_each_criterion_stand_wherever_the_reason_does(joan, sam, amina):
    deciding = build.deciding_round(joan, by=sam, bids=2, not_met=1, about_each=EACH)
    board = build.full_board(deciding)
    for bid in (*deciding.bids, *deciding.not_met):
        bid.organisation.colleagues.create(person=amina, added_at=timezone.now(), added_by=sam)
    under = f"<p><strong>Criterion 1</strong><br>{EACH[0]}</p>"
    assert get(joan, "put_decision", board.pk).count(under) == 2
    decision = build.put(deciding, board)
    assert get(joan, "sign_decision", decision.pk).count(under) == 2
    for paper in ({}, {"paper": 1}):
        here = reverse("type_signature", args=[decision.pk, deciding.seats[1].pk])
        assert as_(sam).get(here, paper).content.decode().count(under) == 2
    build.sign(deciding, decision)
    assert get(joan, "decision_detail", decision.pk).count(under) == 2
    build.move_to(deciding.round, StageKind.LETTERS, by=sam)
    build.sent_letters(deciding)
    for bid in (*deciding.bids, *deciding.not_met):
        text = get(amina, "outcome_detail", bid.pk)
        assert under in text and "You know &lt;your&gt; neighbours." in text


def test_set_line_says_that_it_is_too_much(deciding, joan):
    build.ask_for(deciding.bids[0], 50_000)
    board = build.make_board(deciding)
    data = line_data(deciding, board)
    text = post(joan, "set_line", board.pk, deciding.bids[0].pk, status=422, **data)
    assert "This is £10,000 more than this lot has. Take some off first." in text


def test_set_line_shows_both_when_somebody_was_faster(deciding, joan):
    board = build.make_board(deciding)
    bid = deciding.bids[0]
    build.put_line(deciding, board, bid, reason="Theirs came first")
    data = line_data(deciding, board, reason="Mine came later", version=1)
    text = post(joan, "set_line", board.pk, bid.pk, status=409, **data)
    assert "Theirs came first" in text
    assert "Mine came later" in text
    assert 'name="version" value="2"' in text
    post(joan, "set_line", board.pk, bid.pk, **{**data, "version": 2})
    assert board.lines.get().reason == "Mine came later"


def test_undo_line_and_clear_line(deciding, joan):
    board = build.full_board(deciding)
    post(joan, "clear_line", board.pk, deciding.bids[0].pk)
    assert board.lines.count() == 2
    post(joan, "undo_line", board.pk)
    assert board.lines.count() == 3
    assert as_(joan).get(reverse("undo_line", args=[board.pk])).status_code == 405


# ---- Signing ----------------------------------------------------------------------------------
def test_put_decision_lists_what_is_missing_first(deciding, joan):
    board = build.make_board(deciding)
    text = get(joan, "put_decision", board.pk)
    assert "Put this right first" in text
    assert "Put this for signing" not in text


def test_put_decision_needs_the_tick(deciding, joan):
    board = build.full_board(deciding)
    assert f"It rests on: <span data-user-text>{deciding.criterion.title}</span>" in get(
        joan, "put_decision", board.pk
    )
    text = post(joan, "put_decision", board.pk, status=422, version=board.version)
    assert "Tick the box to put this for signing." in text
    post(joan, "put_decision", board.pk, version=board.version, sure="on")
    assert deciding.panel.decisions.get().stands_at is None


def test_sign_decision_signs_for_oneself(deciding, joan, harold):
    decision = build.put(deciding)
    text = get(joan, "sign_decision", decision.pk)
    assert build.REASON in text
    text = post(joan, "sign_decision", decision.pk, status=422, words="I wanted more")
    assert "Choose one of the three answers." in text
    assert "I wanted more" in text
    post(joan, "sign_decision", decision.pk, choice="agree", sure="on")
    signature = decision.signatures.get()
    assert (signature.seat.member.person, signature.typed_by) == (joan, None)
    assert as_(joan).get(reverse("sign_decision", args=[decision.pk])).status_code == 302
    assert "Sign the decision" in get(harold, "decision_detail", decision.pk)


def test_sign_decision_asks_for_a_code_when_it_is_long_ago(deciding, joan):
    decision = build.put(deciding)
    client = Client()
    client.force_login(joan)
    session = client.session
    session[CONFIRMED_AT] = 0
    session.save()
    response = client.get(reverse("sign_decision", args=[decision.pk]))
    assert response.status_code == 302
    assert response.url.startswith(reverse("confirm_it_is_you"))


@pytest.mark.parametrize("who", OTHERS)
def test_sign_decision_is_there_for_seats_only(deciding, who, request):
    decision = build.put(deciding)
    person = request.getfixturevalue(who)
    get(person, "sign_decision", decision.pk, status=404)
    post(person, "sign_decision", decision.pk, choice="agree", sure="on", status=404)
    assert not decision.signatures.exists()


def test_decision_detail_for_each_reader(deciding, joan, priya, sam, margaret, amina, outsider):
    decision = build.put(deciding)
    get(margaret, "decision_detail", decision.pk, status=404)
    assert "Signed by 0 of 4" in get(sam, "decision_detail", decision.pk)
    build.sign(deciding, decision, choices=["agree", "agree", "agree", "disagree"])
    text = get(margaret, "decision_detail", decision.pk)
    assert "This decision stands" in text
    assert "I would have given more." in text
    assert "Joan" not in text
    for person in (amina, outsider):
        get(person, "decision_detail", decision.pk, status=404)
    stand_aside(deciding, priya)
    assert "You are standing aside." in get(priya, "decision_detail", decision.pk, status=403)


def test_confirm_signature_by_its_member(deciding, joan, sam, harold):
    decision = build.put(deciding)
    seat = deciding.seat(joan)
    text = get(sam, "type_signature", decision.pk, seat.pk)
    assert "Type the signature of Joan Ibbotson" in text
    post(
        sam,
        "type_signature",
        decision.pk,
        seat.pk,
        choice="live_with",
        words="Fair enough",
        sure="on",
    )
    signature = decision.signatures.get()
    assert signature.typed_by == sam
    get(harold, "confirm_signature", signature.pk, status=404)
    text = get(joan, "confirm_signature", signature.pk)
    assert "Fair enough" in text
    post(joan, "confirm_signature", signature.pk, status=422)
    post(joan, "confirm_signature", signature.pk, sure="on")
    signature.refresh_from_db()
    assert signature.confirmed_by == joan


def test_check_signature_by_a_second_facilitator(deciding, joan, sam, ruth, outsider):
    decision = build.put(deciding)
    typed = actions.sign_decision(
        decision=decision, seat=deciding.seat(joan), choice="agree", by=sam, at=timezone.now()
    )
    get(outsider, "check_signature", typed.pk, status=404)
    get(joan, "check_signature", typed.pk, status=404)
    get(sam, "check_signature", typed.pk, status=403)
    assert "Check it against the paper" in get(ruth, "decision_progress", deciding.panel.pk)
    assert "Hold the signed paper beside it" in get(ruth, "check_signature", typed.pk)
    post(ruth, "check_signature", typed.pk, status=422)
    post(ruth, "check_signature", typed.pk, sure="on")
    typed.refresh_from_db()
    assert typed.confirmed_by == ruth


def test_decision_progress_shows_who_signed_and_not_what(deciding, sam, joan, margaret):
    assert "has not put a decision" in get(sam, "decision_progress", deciding.panel.pk)
    decision = build.put(deciding)
    build.sign(deciding, decision, choices=["disagree"])
    text = get(sam, "decision_progress", deciding.panel.pk)
    assert "Signed" in text
    assert text.count("Not yet") == 3
    assert "I disagree" not in text
    for person in (joan, margaret):
        get(person, "decision_progress", deciding.panel.pk, status=404)


def test_type_signature_is_for_facilitators(deciding, joan, harold, margaret):
    decision = build.put(deciding)
    for person in (harold, margaret):
        get(person, "type_signature", decision.pk, deciding.seat(joan).pk, status=404)


# ---- Letters ----------------------------------------------------------------------------------
def test_letters_to_send_from_writing_to_sending(deciding, sam, joan, margaret):
    build.decided(deciding)
    panel = deciding.panel.pk
    for person in (joan, margaret):
        get(person, "letters_to_send", panel, status=404)
        post(person, "send_letters", panel, status=404)
    assert "No letters are written yet." in get(sam, "letters_to_send", panel)
    post(sam, "write_letters", panel)
    text = get(sam, "letters_to_send", panel)
    assert build.REASON in text
    assert "The panel has not agreed this letter." in text
    letter = OutcomeLetter.objects.get(kind="yes")
    post(sam, "change_staff_note", letter.pk, note="Ring Sam with questions.")
    assert "marked as yours" in get(sam, "change_staff_note", letter.pk)
    post(sam, "put_letters", panel)
    proposal = Proposal.objects.get(kind="letters")
    text = get(joan, "letters_to_read", proposal.pk)
    assert "Ring Sam with questions." in text
    assert text.count('class="letter"') == 3
    text = post(joan, "letters_to_read", proposal.pk, choice="disagree", status=422)
    assert "Say what should be different." in text
    assert "If you disagree: what should be different?" in text
    assert "(optional)" not in text
    post(joan, "letters_to_read", proposal.pk, choice="agree")
    assert "Your answer is in" in get(joan, "letters_to_read", proposal.pk)
    for seat in deciding.seats[1:3]:
        post(seat.member.person, "letters_to_read", proposal.pk, choice="agree")
    for outcome in Outcome.objects.awards():
        build.check_all(deciding, outcome)
    assert "Send 3 letters" in get(sam, "letters_to_send", panel)
    assert "Tick the box to send the letters." in post(sam, "send_letters", panel, status=422)
    post(sam, "send_letters", panel, sure="on")
    do_errands()
    assert OutcomeLetter.objects.filter(letter__isnull=False).count() == 3


def test_letters_to_read_tell_of_a_check_that_failed(deciding, sam, ruth, joan):
    decision = build.decided(deciding)
    actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    proposal = actions.put_letters(panel=deciding.panel, by=sam, at=timezone.now())
    award = decision.outcomes.awards().first()
    pages = (
        ("letters_to_read", proposal.pk),
        ("letters_on_paper", proposal.pk, deciding.seat(joan).pk),
    )
    said = "A check on this group did not go well. This letter waits."
    for page in pages:
        assert said not in get(joan, *page)
    facts = {"kind": "bank", "passed": "no", "words": "A private account"}
    post(sam, "check_organisation", award.pk, **facts)
    for page in pages:
        assert get(joan, *page).count(said) == 1
    facts |= {"passed": "yes", "words": "It is in the group’s name now."}
    post(ruth, "check_organisation", award.pk, **facts)
    for page in pages:
        assert said not in get(joan, *page)


@pytest.mark.parametrize("kind", CheckKind)
def test_a_failed_check_does_not_read_as_if_it_had_gone_well(deciding, sam, joan, kind):
    award = build.decided(deciding).outcomes.awards().first()
    post(sam, "check_organisation", award.pk, kind=kind, passed="no", words="It is not so.")
    for person, page, pk in (
        (joan, "board_list", deciding.panel.pk),
        (sam, "check_organisation", award.pk),
    ):
        text = get(person, page, pk)
        assert f"{DueDiligence.ASKED[kind]} It did not go well, on" in text
    letter = Letter.objects.filter(kind="check_failed").first()
    for body in (letter.body_text, letter.body_html):
        assert f"{DueDiligence.ASKED[kind]} It did not go well." in body


def test_letters_to_read_only_by_the_panel(deciding, sam, priya, margaret, outsider):
    build.decided(deciding)
    actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    proposal = actions.put_letters(panel=deciding.panel, by=sam, at=timezone.now())
    for person in (sam, margaret, outsider):
        get(person, "letters_to_read", proposal.pk, status=404)
    stand_aside(deciding, priya)
    assert "You are standing aside." in get(priya, "letters_to_read", proposal.pk, status=403)


def test_letters_on_paper_hold_what_their_own_reader_may_see_and_a_sheet_to_answer_on(
    deciding, sam, joan, harold, priya, margaret, outsider
):
    build.decided(deciding)
    actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    proposal, bid = put_letters(deciding, sam), deciding.bids[1]
    stand_aside(deciding, harold, bid)
    stand_aside(deciding, priya)
    here = {who: (proposal.pk, deciding.seat(who).pk) for who in (joan, harold, priya)}

    def link(who):
        return f'href="{reverse("letters_on_paper", args=here[who])}"'

    assert link(joan) in get(joan, "letters_to_read", proposal.pk)
    for page, pk in (("panel_detail", deciding.panel.pk), ("proposal_detail", proposal.pk)):
        staffs = get(sam, page, pk)
        assert link(joan) in staffs and link(harold) in staffs and link(priya) not in staffs
        assert link(joan) not in get(joan, page, pk)
    assert reverse("proposal_detail", args=[proposal.pk]) in get(
        sam, "letters_to_send", deciding.panel.pk
    )
    own = get(joan, "letters_on_paper", *here[joan])
    for letter in OutcomeLetter.objects.all():
        assert letter.subject in own
    for choice in ("I agree", "I can live with it", "I disagree"):
        assert choice in own
    assert get(sam, "letters_on_paper", *here[joan]) == own
    for person in (harold, sam):
        text = get(person, "letters_on_paper", *here[harold])
        assert bid.organisation.name not in text and bid.reference not in text
        assert "Letters about bids that you stand aside from are not shown." in text
    for person in (priya, sam):
        text = get(person, "letters_on_paper", *here[priya], status=403)
        assert f"{priya.name} stands aside from all of these bids." in text
    for person in (harold, margaret, outsider):
        get(person, "letters_on_paper", *here[joan], status=404)


def put_letters(deciding, sam):
    return actions.put_letters(panel=deciding.panel, by=sam, at=timezone.now())


def test_letters_to_read_go_to_who_has_post_with_the_paper_not_with_an_address(deciding, sam, joan):
    joan.channel, joan.postal_address = "post", "1 Low Road"
    joan.save(update_fields=["channel", "postal_address"])
    build.decided(deciding)
    actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    put_letters(deciding, sam)
    words = Letter.objects.get(kind="letters_to_read", to=joan).body_text
    assert "The letters come to you on paper" in words
    assert "/proposals/" not in words


@pytest.mark.parametrize(
    ("choices", "told_staff", "told_panel"),
    [
        (["agree", "disagree"] * 2, "The panel was split about the letters", "is split."),
        (["disagree"] * 3, "The panel did not agree the letters", "Not agreed."),
        (["live_with"] * 4, "Read it before you send them:", "Agreed."),
    ],
)
def test_what_the_panel_says_of_its_letters_reaches_staff_and_the_panel(
    deciding, sam, joan, choices, told_staff, told_panel
):
    build.decided(deciding)
    actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    proposal = actions.put_letters(panel=deciding.panel, by=sam, at=timezone.now())
    said = {"words": "Say that they may ring us."}
    for seat, choice in zip(deciding.seats, choices, strict=False):
        proposal.refresh_from_db()
        if not proposal.settled_at:
            post(seat.member.person, "letters_to_read", proposal.pk, choice=choice, **said)
    text = get(sam, "letters_to_send", deciding.panel.pk)
    assert told_staff in text
    assert "Say that they may ring us." in text
    text = get(joan, "letters_to_read", proposal.pk)
    assert told_panel in text
    assert "You said: " in text
    assert "Say that they may ring us." in text


def test_letters_to_send_folds_away_what_another_decision_replaced(deciding, sam):
    decision = build.decided(deciding)
    actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    again = build.put(deciding, decision.board, reason="The sums were wrong.")
    build.sign(deciding, again)
    actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    text = get(sam, "letters_to_send", deciding.panel.pk)
    assert text.count("The panel has not agreed this letter.") == 3
    assert text.count("Another decision has replaced this one.") == 3
    assert "<summary>3 letters that will not go</summary>" in text


def test_letters_to_send_asks_the_same_number_of_questions(joan, sam):
    counts = []
    for bids in (1, 3):
        deciding = build.deciding_round(joan, by=sam, bids=bids)
        build.decided(deciding)
        actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
        client = as_(sam)
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("letters_to_send", args=[deciding.panel.pk]))
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("who", "page"),
    [
        ("joan", "agenda"),
        ("joan", "talk_about_bid"),
        ("joan", "shortlist_detail"),
        ("joan", "money_board"),
        ("joan", "set_line"),
        ("joan", "place_dots"),
        ("joan", "sign_decision"),
        ("joan", "decision_detail"),
        ("sam", "board_screen"),
        ("joan", "board_on_paper"),
    ],
)
def test_a_bid_is_read_under_the_name_it_was_sent_with(deciding, who, page, joan, sam):
    """What readers saw is never changed under them: a group may have changed its name since."""
    bid = deciding.bids[0]
    sent = bid.sent_from
    Organisation.objects.filter(pk=bid.organisation_id).update(name="A Brand New Name")
    board = build.make_board(deciding, "Names")
    if page in ("sign_decision", "decision_detail"):
        args = [build.put(deciding).pk]
    elif page == "place_dots":
        actions.begin_dots(panel=deciding.panel, by=deciding.by, at=timezone.now())
        args = [deciding.panel.pk]
    else:
        args = {
            "talk_about_bid": [deciding.panel.pk, bid.pk],
            "money_board": [board.pk],
            "set_line": [board.pk, bid.pk],
        }.get(page, [deciding.panel.pk])
    shown = get({"joan": joan, "sam": sam}[who], page, *args)
    assert sent in shown
    assert "A Brand New Name" not in shown


# ---- Checks -----------------------------------------------------------------------------------
def test_due_diligence_and_check_organisation(deciding, sam, joan, margaret):
    decision = build.decided(deciding)
    award = decision.outcomes.awards().first()
    for person in (joan, margaret):
        get(person, "due_diligence", deciding.round.slug, status=404)
    get(joan, "check_organisation", award.pk, status=404)
    refused = get(margaret, "check_organisation", award.pk, status=403)
    assert "A board member can only note that a check is well now" in refused
    assert get(sam, "due_diligence", deciding.round.slug).count("Not done yet") == 8
    text = post(sam, "check_organisation", award.pk, kind="bank", passed="no", status=422)
    assert "Write what is wrong. The panel will read it." in text
    post(sam, "check_organisation", award.pk, kind="bank", passed="no", words="A private account")
    assert DueDiligence.objects.get().passed is False
    text = get(sam, "due_diligence", deciding.round.slug)
    assert "Did not go well" in text
    assert "A private account" in text
    assert f"{sam.name}, {day(clock.today())}" in text


def test_the_money_pages_tell_the_panel_of_a_check_that_failed(deciding, sam, joan, priya):
    decision = build.decided(deciding)
    award = decision.outcomes.awards().first()
    facts = {"kind": "bank", "passed": "no", "words": "A private account"}
    pages = (("board_list", deciding.panel.pk), ("money_board", decision.board_id))
    for page in pages:
        assert "A check did not go well" not in get(joan, *page)
    post(sam, "check_organisation", award.pk, **facts)
    stand_aside(deciding, priya, award.application)
    for page in pages:
        text = get(joan, *page)
        assert f"A check did not go well for {award.application.reference}." in text
        assert "A private account" in text
        assert "A private account" not in get(priya, *page)


def test_due_diligence_asks_the_same_number_of_questions(deciding, sam):
    build.decided(deciding)
    client = as_(sam)
    address = reverse("due_diligence", args=[deciding.round.slug])
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    assert len(asked) <= 12


# ---- Applicants -------------------------------------------------------------------------------
@pytest.fixture
def told(deciding, sam, amina):
    deciding.bids[0].organisation.colleagues.create(
        person=amina, added_at=timezone.now(), added_by=sam
    )
    build.decided(deciding)
    return deciding


def test_outcome_detail_and_accept_award(told, amina, rival, joan, sam):
    bid = told.bids[0]
    assert "Nothing has been decided about this bid yet" in get(
        amina, "outcome_detail", bid.pk, status=403
    )
    assert "asked for an answer" not in get(sam, "due_diligence", told.round.slug)
    build.sent_letters(told)
    text = get(amina, "outcome_detail", bid.pk)
    assert build.REASON in text
    last = day(timezone.localdate() + timedelta(days=28))
    assert f"Please say by {last} if you take the money." in text
    assert f"We asked for an answer by {last}." in get(sam, "due_diligence", told.round.slug)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "today", lambda: timezone.localdate() + timedelta(days=29))
        assert f"We hoped to hear from you by {last}." in get(amina, "outcome_detail", bid.pk)
        late = get(sam, "due_diligence", told.round.slug)
        assert f"We asked for an answer by {last}. Ring them." in late
    assert "£1,000" in text
    assert "Say if you take the money" in text
    for person in (rival, joan, sam):
        get(person, "outcome_detail", bid.pk, status=404)
        get(person, "accept_award", bid.pk, status=404)
    text = post(amina, "accept_award", bid.pk, accepted="no", status=422)
    assert "Say in a few words why you do not take it." in text
    text = post(amina, "accept_award", bid.pk, accepted="yes", status=422)
    assert "Tick the box to send your answer." in text
    post(amina, "accept_award", bid.pk, accepted="yes", sure="on")
    assert Acceptance.objects.get().accepted
    text = get(amina, "outcome_detail", bid.pk)
    assert "said yes on" in text
    assert "Staff write to " in text
    assert told.round.programme.help_phone in text
    assert "Yes, in full: you said yes" in get(amina, "my_applications")
    assert "Yes, in full: you said yes" in get(amina, "application_detail", bid.pk)
    assert "Read what it decided" not in get(amina, "home")
    assert "You have answered already." in get(amina, "accept_award", bid.pk, status=403)


def test_outcome_detail_of_money_that_was_declined(told, amina):
    bid = told.bids[0]
    build.sent_letters(told)
    assert "Yes, in full: say if you take it" in get(amina, "my_applications")
    facts = {"accepted": "no", "words": "Our hall is gone.", "sure": "on"}
    post(amina, "accept_award", bid.pk, **facts)
    text = get(amina, "outcome_detail", bid.pk)
    assert "You do not take the money" in text
    assert "You were offered" in text
    assert "Our hall is gone." in text
    assert "You get" not in text
    assert 'class="confirmation"' not in text
    assert "Yes, in full: you said no" in get(amina, "my_applications")
    assert "Read what it decided" not in get(amina, "home")


def test_home_leads_to_a_no_as_long_as_a_group_may_complain(told, amina):
    bid = told.bids[-1]
    bid.organisation.colleagues.create(person=amina, added_at=timezone.now(), added_by=amina)
    build.sent_letters(told)
    assert "about your bid " + bid.reference in get(amina, "home")
    clock.move(days=told.round.programme.complain_days + 1)
    assert "about your bid " + bid.reference not in get(amina, "home")


def test_outcome_detail_of_a_bid_that_was_not_met(amina, joan, harold, priya, sam):
    deciding = build.deciding_round(joan, harold, priya, by=sam, not_met=1)
    bid = deciding.not_met[0]
    bid.organisation.colleagues.create(person=amina, added_at=timezone.now(), added_by=sam)
    build.decided(deciding)
    build.sent_letters(deciding)
    text = get(amina, "outcome_detail", bid.pk)
    said = bid.shortlistings.get()
    page, _letter = text.split("The letter you got")
    assert "Not this time, after reading" in page
    assert said.reason in page
    assert f"It rests on: <span data-user-text>{said.criterion.title}</span>" in page
    assert "Not this time, after reading" in get(amina, "my_applications")


def test_outcome_detail_of_a_bid_that_is_not_eligible_once_its_letter_is_there(told, amina, sam):
    bid = told.bids[0]
    rule = FunderRule.objects.create(round=told.round, text="The work is in Leeds.")
    with unguarded():
        bid.eligibility.update(
            eligible=False,
            rule=rule,
            reason="The work is in York.",
            seconded_at=timezone.now() - timedelta(days=8),
            seconded_by=sam,
        )
    for page in ("outcome_detail", "complain"):
        assert "Nothing has been decided" in get(amina, page, bid.pk, status=403)
    assert "Sent" in get(amina, "my_applications")
    assert "We have your bid." in get(amina, "application_detail", bid.pk)
    ask_who_is_owed()
    for page in ("outcome_detail", "application_detail"):
        text = get(amina, page, bid.pk)
        assert "The work is in Leeds." in text
        assert "The work is in York." in text
        assert "Did we read the rule wrongly?" in text
        assert "cannot go on" in text
    assert reverse("complain", args=[bid.pk]) in get(amina, "outcome_detail", bid.pk)
    assert "It cannot go on" in get(amina, "my_applications")
    get(amina, "complain", bid.pk)


# ---- The round and the report -----------------------------------------------------------------
def test_run_round_spans_all_stages_and_shows_no_scores(deciding, sam, joan, margaret):
    text = get(sam, "run_round", deciding.round.slug)
    assert "Readings with scores sent: 12 of 12." in text
    assert "Groups to meet: 3." in text
    assert "Panels that decided: 0 of 1." in text
    assert reverse("sharing_detail", args=[deciding.round.slug]) in text
    for person in (joan, margaret):
        get(person, "run_round", deciding.round.slug, status=404)


def test_run_round_asks_the_same_number_of_questions(deciding, sam):
    client = as_(sam)
    address = reverse("run_round", args=[deciding.round.slug])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    make_bid(deciding.panel.lot)
    make_bid(deciding.panel.lot)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(few) == len(many)


def test_round_progress_board_has_no_scores(deciding, margaret, sam, joan, outsider):
    text = get(margaret, "round_progress_board", deciding.round.slug)
    assert "Has not decided yet" in text
    assert "person gave" not in text
    get(sam, "round_progress_board", deciding.round.slug)
    for person in (joan, outsider):
        get(person, "round_progress_board", deciding.round.slug, status=404)


def test_report_list_for_the_board(deciding, margaret, joan):
    assert deciding.round.name in get(margaret, "report_list")
    get(joan, "report_list", status=404)


def test_report_detail_waits_for_the_decision(deciding, margaret, sam):
    text = get(margaret, "report_detail", deciding.round.slug, status=403)
    assert "once every panel has decided" in text
    build.decided(deciding)
    text = get(margaret, "report_detail", deciding.round.slug)
    assert "A draft." in text
    assert "We found no trace of it, by these checks:" in text
    assert "Scores given:" in text
    assert "Ask the panels to read it" not in text
    build.move_to(deciding.round, StageKind.REPORT, by=sam)
    assert "Ask the panels to read it" in get(sam, "report_detail", deciding.round.slug)


def test_report_to_agree_put_report_and_note_report(deciding, sam, joan, priya, margaret):
    build.decided(deciding)
    build.move_to(deciding.round, StageKind.REPORT, by=sam)
    slug = deciding.round.slug
    post(margaret, "put_report", slug, status=404)
    post(sam, "put_report", slug)
    proposal = Proposal.objects.get(kind="report")
    text = get(joan, "report_to_agree", proposal.pk)
    assert build.REASON in text
    for person in (sam, margaret):
        get(person, "report_to_agree", proposal.pk, status=404)
    assert "Not every panel has agreed" in get(margaret, "note_report", slug, status=403)
    for seat in deciding.seats[:3]:
        post(seat.member.person, "report_to_agree", proposal.pk, choice="agree")
    assert "Every panel has agreed this report." in get(margaret, "report_detail", slug)
    get(sam, "note_report", slug, status=404)
    assert "Tick the box" in post(margaret, "note_report", slug, status=422)
    post(margaret, "note_report", slug, sure="on", text="Well done, all.")
    assert BoardNote.objects.get().text == "Well done, all."


def test_export_report_and_download_report(deciding, margaret, sam, joan, outsider):
    build.decided(deciding)
    slug = deciding.round.slug
    assert "Not every panel has agreed" in get(margaret, "export_report", slug, status=403)
    build.agreed_report(deciding)
    text = post(margaret, "export_report", slug, status=422, audience="board")
    assert "Choose a kind of file." in text
    text = post(margaret, "export_report", slug, status=422, audience="public", format="360giving")
    assert "no 360Giving prefix" in text
    for kind in ("csv", "xlsx"):
        post(margaret, "export_report", slug, audience="board", format=kind)
    made = ReportFile.objects.get(format="csv")
    response = as_(margaret).get(reverse("download_report", args=[made.pk]))
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    assert b"Reference" in response.content
    for person in (joan, outsider):
        get(person, "download_report", made.pk, status=404)
        get(person, "export_report", slug, status=404)


def test_report_print_offers_paper_where_there_is_no_pdf(deciding, margaret, monkeypatch):
    build.decided(deciding)
    build.agreed_report(deciding)
    monkeypatch.setattr("accounts.pdf._weasyprint", lambda: None)
    slug = deciding.round.slug
    text = get(margaret, "export_report", slug)
    assert "This machine cannot make a PDF." in text
    assert reverse("report_print", args=[slug]) in text
    text = post(margaret, "export_report", slug, status=422, audience="board", format="pdf")
    assert "This machine cannot make a PDF." in text
    assert "<h1>Report:" in get(margaret, "report_print", slug)


def test_ask_board_question_and_answer_board_question(deciding, margaret, sam, joan):
    slug = deciding.round.slug
    for person in (sam, joan):
        get(person, "ask_board_question", slug, status=404)
    assert "Write your question." in post(margaret, "ask_board_question", slug, status=422)
    post(margaret, "ask_board_question", slug, text="Who set the dates?")
    note = BoardNote.objects.get()
    get(margaret, "answer_board_question", note.pk, status=404)
    assert "Write an answer." in post(sam, "answer_board_question", note.pk, status=422)
    post(sam, "answer_board_question", note.pk, answer="The volunteers did.")
    note.refresh_from_db()
    assert note.answered_by == sam


def test_ratify_decision_hold_decision_and_lift_hold(deciding, margaret, sam, joan):
    with unguarded():
        type(deciding.round).objects.filter(pk=deciding.round.pk).update(trustees_ratify=True)
    decision = build.decided(deciding)
    for name in ("ratify_decision", "hold_decision", "lift_hold"):
        for person in (sam, joan):
            get(person, name, decision.pk, status=404)
    assert "Tick the box" in post(margaret, "ratify_decision", decision.pk, status=422)
    post(margaret, "ratify_decision", decision.pk, sure="on")
    assert "confirmed this decision already" in get(
        margaret, "ratify_decision", decision.pk, status=403
    )
    assert "Write the reason." in post(margaret, "hold_decision", decision.pk, status=422)
    post(margaret, "hold_decision", decision.pk, reason="A court order.", sure="on")
    assert "On hold." in get(joan, "decision_detail", decision.pk)
    assert "A court order." in get(joan, "decision_detail", decision.pk)
    post(margaret, "lift_hold", decision.pk, reason="It is over.", sure="on")
    kinds = list(Ratification.objects.values_list("kind", flat=True))
    assert kinds == ["confirmed", "hold", "lifted"]


def test_awards_public_names_awards_only_once_agreed(deciding, margaret):
    slug = deciding.round.slug
    client = Client()
    address = reverse("awards_public", args=[slug])
    text = client.get(address).content.decode()
    assert "once the panels have agreed" in text
    build.decided(deciding)
    assert deciding.bids[0].reference not in client.get(address).content.decode()
    build.agreed_report(deciding)
    text = client.get(address).content.decode()
    assert deciding.bids[0].reference in text
    assert deciding.bids[2].reference not in text
    assert deciding.bids[2].organisation.name not in text
    assert build.REASON not in text
    assert client.get(reverse("awards_open_data", args=[slug])).status_code == 404
    assert client.get(reverse("awards_open_table", args=[slug])).status_code == 404
    Programme.objects.update(prefix_360giving="360G-GoodCo")
    actions.export_report(round=deciding.round, format="360giving", by=margaret, at=timezone.now())
    data = client.get(reverse("awards_open_data", args=[slug]))
    assert data["Content-Type"] == "application/json"
    assert len(data.json()["grants"]) == 2
    assert "Fetch the awards as open data" in client.get(address).content.decode()
    table = client.get(reverse("awards_open_table", args=[slug]))
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row["Identifier"] for row in rows] == [row["id"] for row in data.json()["grants"]]


def test_awards_public_tells_of_nothing_that_the_panel_has_not_agreed(deciding, margaret):
    address = reverse("awards_public", args=[deciding.round.slug])
    build.decided(deciding)
    build.agreed_report(deciding)
    Programme.objects.update(prefix_360giving="360G-GoodCo")
    actions.export_report(round=deciding.round, format="360giving", by=margaret, at=timezone.now())
    before = Client().get(address).content.decode()
    assert "The volunteers agreed this report on" in before
    board = build.make_board(deciding, "Again")
    for place, bid in enumerate(deciding.bids):
        build.put_line(deciding, board, bid, "award" if place == 2 else "no")
    board.refresh_from_db()
    build.sign(deciding, build.put(deciding, board, reason="A check failed."))
    changed = Client().get(address).content.decode()
    assert "Something has changed since the volunteers agreed the report." in changed
    for bid in deciding.bids:
        assert bid.organisation.name not in changed
    assert "These files were made on" in changed, "what they had agreed is still there to fetch"
    for proposal in actions.put_report(round=deciding.round, by=deciding.staff, at=timezone.now()):
        build.vote(deciding, proposal)
    again = Client().get(address).content.decode()
    assert deciding.bids[2].organisation.name in again
    assert deciding.bids[0].organisation.name not in again


def test_change_description_is_for_the_report_alone(deciding, amina, rival, sam, margaret, joan):
    bid = deciding.bids[0]
    bid.organisation.colleagues.create(person=amina, added_at=timezone.now(), added_by=sam)
    read = deepcopy(bid.newest_version.content)
    build.decided(deciding)
    refused = get(amina, "change_description", bid.pk, status=403)
    assert "Nothing has been decided about this bid yet." in refused
    build.sent_letters(deciding)
    for person in (rival, sam, margaret, joan):
        get(person, "change_description", bid.pk, status=404)
    assert reverse("change_description", args=[bid.pk]) in get(amina, "outcome_detail", bid.pk)
    assert read["summary"] in get(amina, "change_description", bid.pk)
    assert "Write what" in post(amina, "change_description", bid.pk, status=422, text=" ")
    build.agreed_report(deciding)
    agreed = mark_of(report_of(deciding.round, at=timezone.now()))
    words = "Lifts to the shops, for all."
    wrong = words + " Ring 0113 496 0000, or write to amina@example.org."
    refused = post(amina, "change_description", bid.pk, status=422, text=wrong)
    assert "Take out “amina@example.org”, “0113 496 0000”." in refused
    assert refused.count("Ring 0113 496 0000, or write to") == 1, "what was typed stays"
    long = " ".join(["word"] * 400)
    refused = post(amina, "change_description", bid.pk, status=422, text=long)
    limit = rules.description_limit(bid)
    assert f"Take out {400 - limit} words." in refused
    assert f"You can write up to {limit} words." in refused
    assert long in refused
    assert not bid.descriptions.exists()
    post(amina, "change_description", bid.pk, text=words)
    assert "Lifts to the shops" in get(amina, "change_description", bid.pk)
    changed = "A facilitator must put it to them again."
    assert changed in get(margaret, "report_detail", deciding.round.slug)
    assert "Ask the panels to read it" in get(sam, "report_detail", deciding.round.slug)
    assert changed in get(margaret, "note_report", deciding.round.slug, status=403)
    report = report_of(deciding.round, at=timezone.now())
    told = next(row for row in report.bids if row.reference == bid.reference)
    assert told.summary == words
    assert told.described_on == clock.today()
    assert mark_of(report) == agreed, "the panels agreed who gets money, and why"
    assert Application.objects.get(pk=bid.pk).newest_version.content == read
    public = Client().get(reverse("awards_public", args=[deciding.round.slug])).content.decode()
    assert "Lifts to the shops" in public
    assert "The group put these words right on" in public
    assert "put right what the report says" in get(joan, "trail_list", deciding.round.slug)
    stage = deciding.round.stages.get(kind="report")
    stage.closed_at, stage.closed_by = timezone.now(), sam
    stage.save()
    assert "The report is finished." in get(amina, "change_description", bid.pk, status=403)
    assert "change_description" not in get(amina, "outcome_detail", bid.pk)


def test_every_address_of_the_app_asks_for_signing_in(deciding):
    decision = build.put(deciding)
    for name, args in (
        ("board_list", [deciding.panel.pk]),
        ("run_round", [deciding.round.slug]),
        ("report_list", []),
        ("report_detail", [deciding.round.slug]),
        ("decision_detail", [decision.pk]),
        ("outcome_detail", [deciding.bids[0].pk]),
    ):
        response = Client().get(reverse(name, args=args))
        assert response.status_code == 302
        assert "/account/" in response.url


def test_run_round_links_only_to_pages_that_open_for_a_facilitator(deciding, sam):
    build.decided(deciding)
    client = as_(sam)
    page = client.get(reverse("run_round", args=[deciding.round.slug]))
    links = {link.url for card in page.context["cards"] for link in card.links}
    assert len(links) > 15
    for address in sorted(links):
        assert client.get(address).status_code == 200, address


# ---- How often pages ask ------------------------------------------------------------------------
def asked_by(person, name, *args):
    client = as_(person)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse(name, args=args)).status_code == 200
    return len(asked)


def test_lists_of_the_decision_ask_as_much_for_three_bids_as_for_one(joan, sam, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    found = []
    for bids in (1, 3):
        deciding = build.deciding_round(
            *([joan] if bids == 1 else []), by=sam, bids=bids, not_met=1, about_each=EACH
        )
        board, panel, by = build.full_board(deciding), deciding.panel.pk, deciding.by
        counts = {
            "board_list": asked_by(by, "board_list", panel),
            "money_board": asked_by(by, "money_board", board.pk),
            "set_line": asked_by(by, "set_line", board.pk, deciding.bids[0].pk),
            "put_decision": asked_by(by, "put_decision", board.pk),
        }
        decision = build.put(deciding, board)
        counts["sign_decision"] = asked_by(by, "sign_decision", decision.pk)
        typing = (decision.pk, deciding.seats[1].pk)
        counts["type_signature"] = asked_by(sam, "type_signature", *typing)
        build.sign(deciding, decision)
        build.move_to(deciding.round, StageKind.LETTERS, by=sam)
        build.agreed_letters(deciding)
        counts |= {
            "decision_detail": asked_by(by, "decision_detail", decision.pk),
            "decision_progress": asked_by(sam, "decision_progress", panel),
            "due_diligence": asked_by(sam, "due_diligence", deciding.round.slug),
            "letters_to_send": asked_by(sam, "letters_to_send", panel),
        }
        assert keep_reports(at=clock.now()) >= 1
        counts["report_detail"] = asked_by(sam, "report_detail", deciding.round.slug)
        counts["report_print"] = asked_by(sam, "report_print", deciding.round.slug)
        found.append(counts)
    assert found[0] == found[1]
    assert max(found[0].values()) <= 12


def test_kept_report_is_read_again_once_something_is_done(deciding, sam):
    build.decided(deciding)
    assert keep_reports(at=clock.now()) == 1
    assert keep_reports(at=clock.now()) == 0, "nothing has changed"
    assert "Closed." not in get(sam, "report_detail", deciding.round.slug)
    outcome = Outcome.objects.standing().awards().first()
    actions.check_organisation(
        outcome=outcome, kind="bank", passed=False, words="Closed.", by=sam, at=timezone.now()
    )
    assert "Closed." in get(sam, "report_detail", deciding.round.slug)


def test_report_detail_waits_for_the_worker_and_comes_up_by_itself(deciding, sam, monkeypatch):
    build.decided(deciding)
    browser, page = as_(sam), reverse("report_detail", args=[deciding.round.slug])
    monkeypatch.setattr(waiting.read_report, "delay", lambda *_: None)  # rung, not yet heard
    monkeypatch.setattr(waiting, "HELD_SECONDS", (0.0,) * len(waiting.HELD_SECONDS))
    with CaptureQueriesContext(connection) as asked:
        waits = browser.get(page)
    assert "We are putting the report together" in waits.content.decode()
    assert len(asked) <= 12
    _seconds, _sep, again = waits["Refresh"].partition("; url=")
    assert again.startswith(page)
    assert "by itself" in browser.get(again).content.decode(), "nobody has read it yet"
    as_(deciding.by)  # somebody signs in meanwhile, so the trail has moved on
    read_report(deciding.round.pk, parse_qs(urlsplit(again).query)["as_of"][0])
    shown = browser.get(again)
    assert "Refresh" not in shown
    assert "Getting about" in shown.content.decode()


def test_report_detail_is_held_until_the_worker_has_read_it(deciding, sam, monkeypatch):
    build.decided(deciding)
    rung = []
    monkeypatch.setattr(waiting.read_report, "delay", lambda *asked: rung.append(asked))
    monkeypatch.setattr(waiting.time, "sleep", lambda _seconds: read_report(*rung[0]))
    page = as_(sam).get(reverse("report_detail", args=[deciding.round.slug]))
    assert "Refresh" not in page
    assert "Getting about" in page.content.decode()


def test_report_detail_reads_for_itself_when_nobody_else_does(deciding, sam, monkeypatch):
    build.decided(deciding)

    def out_of_order(*_):
        raise OperationalError

    monkeypatch.setattr(waiting.read_report, "delay", out_of_order)
    browser = as_(sam)
    address = reverse("report_detail", args=[deciding.round.slug])
    for _look in range(waiting.LOOKS):
        answer = browser.get(address)
        address = answer["Refresh"].partition("; url=")[2]
    assert "Refresh" not in browser.get(address)


def test_letters_to_send_asks_no_more_once_the_panel_has_said_no(deciding, sam):
    build.decided(deciding)
    actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    proposal = actions.put_letters(panel=deciding.panel, by=sam, at=timezone.now())
    build.vote(deciding, proposal, "disagree")
    browser, page = as_(sam), reverse("letters_to_send", args=[deciding.panel.pk])
    with CaptureQueriesContext(connection) as asked:
        browser.get(page)
    assert len(asked) <= 12


def test_report_detail_shows_a_long_report_by_lot(deciding, sam, monkeypatch):
    build.decided(deciding)
    monkeypatch.setattr(showing, "BIDS_AT_ONCE", 1)
    page, bid = reverse("report_detail", args=[deciding.round.slug]), deciding.bids[0]
    heading = f"<h4>{bid.reference} <span data-user-text>{bid.title}</span></h4>"
    browser = as_(sam)
    first = browser.get(page).content.decode()
    assert "Choose a lot" in first
    assert heading not in first
    assert heading in browser.get(f"{page}?lot=1").content.decode()
    assert "Choose a lot" in browser.get(f"{page}?lot=99").content.decode()
    page = reverse("report_print", args=[deciding.round.slug])
    printed = browser.get(page).content.decode()
    assert heading not in printed
    assert "?lot=all#bids" in printed
    assert heading in browser.get(f"{page}?lot=1").content.decode()
    assert heading in browser.get(f"{page}?lot=all").content.decode()
    public = browser.get(f"{page}?for=public").content.decode()
    assert "?for=public&amp;lot=all#bids" in public


def test_due_diligence_offers_no_check_once_no_panel_can_decide_anew(deciding, sam):
    build.decided(deciding)
    assert "Note a check" in get(sam, "due_diligence", deciding.round.slug)
    build.move_to(deciding.round, StageKind.REPORT, by=sam)
    assert "Note a check" in get(sam, "due_diligence", deciding.round.slug)
    build.move_to(deciding.round, StageKind.LEARN, by=sam)
    assert "Note a check" not in get(sam, "due_diligence", deciding.round.slug)
