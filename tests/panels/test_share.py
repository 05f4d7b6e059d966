"""Sharing out: a proposal that anybody can work out again, changes on the record, fair limits."""

import random
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Break
from accounts.permissions import Refused
from commissioning.models import StageKind
from ledger.models import Letter
from panels import actions
from panels.actions import Knows
from panels.models import Assignment, Interest, Proposal, ShareChange, ShareReply
from panels.rules import share as rules
from panels.tasks import share_out_asked
from support.models import TrainingDone, TrainingTopic
from tests.factories.commissioning import close, make_volunteers
from tests.factories.panels import (
    agreed,
    close_scoring,
    declare_all,
    make_bid,
    open_scoring,
    reading_round,
    send,
    send_copy,
    share_out,
    sharing_round,
)

pytestmark = pytest.mark.django_db


def now():
    return timezone.now()


def propose(reading):
    return actions.propose_sharing(round=reading.round, by=reading.by, at=now())


def ready(*people, **fields):
    reading = sharing_round(*people, **fields)
    declare_all(reading)
    return reading


# ---- propose_sharing ------------------------------------------------------------------------
def test_propose_sharing_gives_every_bid_its_readers(joan):
    reading = ready(joan, bids=3, readers_per_bid=3)
    run = propose(reading)
    pairs = rules.pairs_of(run)
    assert len(pairs) == 9
    assert run.answer["shortfalls"] == []
    assert not Assignment.objects.exists()
    entry = reading.round.chain.entries.get(verb="sharing_proposed")
    assert entry.data["seed"] == run.seed
    assert entry.data["pairs"] == 9


def test_propose_sharing_again_gives_the_same_answer(joan):
    reading = ready(joan, bids=4)
    first, second = propose(reading), propose(reading)
    assert (first.seed, first.answer) == (second.seed, second.answer)
    assert first.pk != second.pk


def test_propose_sharing_takes_its_seed_from_the_last_declaration(joan):
    reading = ready(joan)
    entry = reading.round.chain.entries.filter(verb="interests_declared").last()
    assert propose(reading).seed == int(entry.hash[:15], 16)


def test_propose_sharing_leaves_out_those_who_have_not_declared(joan):
    reading = sharing_round(joan, readers_per_bid=3)
    declare_all(reading, joan)
    readers = {member for _bid, member in rules.pairs_of(propose(reading))}
    assert reading.member(joan).pk not in readers
    assert len(readers) == 3


def test_propose_sharing_keeps_to_each_limit_and_newest_answer(joan, harold):
    reading = ready(joan, harold, bids=5, readers_per_bid=3, wanted=5)
    actions.reply_to_share(
        member=reading.member(joan),
        answer=ShareReply.Answer.FEWER,
        bids_wanted=2,
        by=joan,
        at=now(),
    )
    actions.reply_to_share(
        member=reading.member(harold),
        answer=ShareReply.Answer.FEWER,
        bids_wanted=0,
        by=harold,
        at=now(),
    )
    run = propose(reading)
    counts = [member for _bid, member in rules.pairs_of(run)]
    assert counts.count(reading.member(joan).pk) <= 2
    assert counts.count(reading.member(harold).pk) == 0
    assert run.answer["shortfalls"]


def test_propose_sharing_never_crosses_an_interest(joan, harold):
    # Five readers for each bid, so that everybody who may read a bid is asked to.
    reading = sharing_round(joan, harold, *make_volunteers(4), bids=2, readers_per_bid=5)
    declare_all(reading, joan, harold)
    actions.declare(
        member=reading.member(joan),
        lot=reading.lot,
        knows=[Knows(reading.bids[0], Interest.Kind.DIRECT)],
        by=joan,
        at=now(),
    )
    actions.declare(
        member=reading.member(harold),
        lot=reading.lot,
        knows=[Knows(reading.bids[0], Interest.Kind.INDIRECT)],
        by=harold,
        at=now(),
    )
    pairs = rules.pairs_of(propose(reading))
    assert not [bid for bid, member in pairs if member == reading.member(joan).pk]
    assert [bid for bid, member in pairs if member == reading.member(harold).pk] == [
        reading.bids[1].pk
    ]
    agreed(
        reading.panel,
        Proposal.Kind.INTEREST,
        application=reading.bids[0],
        interest=Interest.objects.get(kind="indirect").pk,
        member=reading.member(harold).pk,
    )
    pairs = rules.pairs_of(propose(reading))
    assert (reading.bids[0].pk, reading.member(harold).pk) in pairs


def test_propose_sharing_waits_for_training(joan):
    reading = ready(joan, readers_per_bid=3)
    topic = TrainingTopic.objects.create(round=reading.round, slug="fair", title="Fair minds")
    for member in reading.members:
        if member.person != joan:
            TrainingDone.objects.create(
                member=member, topic=topic, how="read", done_at=now(), done_by=member.person
            )
    readers = {member for _bid, member in rules.pairs_of(propose(reading))}
    assert reading.member(joan).pk not in readers


def test_propose_sharing_leaves_out_a_long_break_and_not_a_short_one(joan, harold):
    reading = ready(joan, harold, readers_per_bid=4)
    today = timezone.localdate()
    for person, ends_on in ((joan, None), (harold, today + timedelta(days=2))):
        Break.objects.create(
            person=person, starts_on=today, ends_on=ends_on, asked_at=now(), asked_by=person
        )
    readers = {member for _bid, member in rules.pairs_of(propose(reading))}
    assert reading.member(joan).pk not in readers
    assert reading.member(harold).pk in readers


def test_propose_sharing_lets_those_without_a_seat_read_any_lot(joan):
    reading = ready(joan, seat=False, readers_per_bid=4)
    assert len(rules.pairs_of(propose(reading))) == 12


def test_propose_sharing_refuses_before_anybody_declared(joan):
    reading = sharing_round(joan)
    with pytest.raises(Refused, match="Nobody has said yet who they know"):
        propose(reading)


def test_propose_sharing_refuses_without_bids(joan):
    reading = sharing_round(joan, bids=0)
    with pytest.raises(Refused, match="There are no bids to share out yet"):
        propose(reading)


@pytest.mark.parametrize("who", ["joan", "amina", "margaret", "superuser"])
def test_propose_sharing_refuses_all_but_facilitators(who, joan, request):
    reading = ready(joan)
    with pytest.raises(Refused, match="Your role here"):
        actions.propose_sharing(round=reading.round, by=request.getfixturevalue(who), at=now())


def test_propose_sharing_refuses_when_reading_is_closed(joan):
    reading = reading_round(joan)
    close_scoring(reading)
    with pytest.raises(Refused, match="closed on"):
        propose(reading)


# ---- confirm_sharing ------------------------------------------------------------------------
def test_confirm_sharing_makes_it_real_with_one_letter_each(joan):
    reading = ready(joan, bids=3, readers_per_bid=4, wanted=5)
    run = propose(reading)
    send_copy(reading.bids[0], reading.criteria)
    given = actions.confirm_sharing(run=run, by=reading.by, at=now())
    assert {(row.application_id, row.member_id) for row in given} == rules.pairs_of(run)
    letters = Letter.objects.filter(kind="share_given")
    assert letters.count() == 4
    assert all(letter.when == Letter.When.NOTICE for letter in letters)
    assert letters.get(to=joan).subject == "Look at the bids you have been given to read"
    assert "3 bids" in letters.get(to=joan).body_text
    newest = Assignment.objects.filter(application=reading.bids[0]).first()
    assert newest.version.number == 2
    data = reading.round.chain.entries.get(verb="sharing_confirmed").data
    assert (data["given"], data["changes"]) == (12, 0)


def test_confirm_sharing_orders_each_pile_by_chance_made_once(joan):
    reading = ready(joan, bids=3, readers_per_bid=4, wanted=19)
    run = share_out(reading)
    rows = Assignment.objects.order_by("application", "member")
    draw = random.Random(f"{run.seed}/0")
    assert [row.order_key for row in rows] == [draw.random() for _row in rows]


def test_confirm_sharing_refuses_twice_and_an_old_proposal(joan):
    reading = ready(joan, readers_per_bid=3)
    old, new = propose(reading), propose(reading)
    with pytest.raises(Refused, match="There is a newer proposal"):
        actions.confirm_sharing(run=old, by=reading.by, at=now())
    actions.confirm_sharing(run=new, by=reading.by, at=now())
    with pytest.raises(Refused, match="confirmed already"):
        actions.confirm_sharing(run=new, by=reading.by, at=now())


def test_confirm_sharing_refuses_what_no_longer_holds(joan):
    reading = ready(joan, readers_per_bid=4)
    run = propose(reading)
    actions.declare_late(
        member=reading.member(joan),
        application=reading.bids[0],
        kind=Interest.Kind.DIRECT,
        by=joan,
        at=now(),
    )
    with pytest.raises(Refused, match="Something has changed since"):
        actions.confirm_sharing(run=run, by=reading.by, at=now())
    assert not Assignment.objects.exists()


def test_confirm_sharing_a_second_time_keeps_what_is_there(joan):
    reading = reading_round(joan, bids=2)
    before = set(Assignment.objects.values_list("pk", flat=True))
    late = make_bid(reading.lot)
    declare_all(reading)
    run = propose(reading)
    given = actions.confirm_sharing(run=run, by=reading.by, at=now())
    assert {row.application_id for row in given} == {late.pk}
    assert before < set(Assignment.objects.current().values_list("pk", flat=True))


# ---- change_share ---------------------------------------------------------------------------
def one_over(reading):
    """A bid, somebody who reads it and somebody who does not, by the newest run."""
    run = rules.newest_run(reading.round)
    pairs = rules.pairs_of(run)
    bid = reading.bids[0]
    readers = [row for row in reading.members if (bid.pk, row.pk) in pairs]
    others = [row for row in reading.members if (bid.pk, row.pk) not in pairs]
    return run, bid, readers[0], others[0]


def test_change_share_changes_a_proposal_and_is_counted(joan):
    reading = ready(joan, readers_per_bid=3)
    propose(reading)
    run, bid, giver, taker = one_over(reading)
    actions.change_share(
        run=run,
        application=bid,
        taken_from=giver,
        given_to=taker,
        reason="He asked for it by name",
        by=reading.by,
        at=now(),
    )
    pairs = rules.pairs_of(rules.newest_run(reading.round))
    assert (bid.pk, taker.pk) in pairs
    assert (bid.pk, giver.pk) not in pairs
    data = reading.round.chain.entries.get(verb="share_changed").data
    assert "name" not in str(data)
    actions.confirm_sharing(run=run, by=reading.by, at=now())
    assert reading.round.chain.entries.get(verb="sharing_confirmed").data["changes"] == 1
    by_hand = Assignment.objects.get(application=bid, member=taker)
    assert rules.reason_words(by_hand.reasons) == [
        "A facilitator gave you this one, with a reason on the record."
    ]


def test_change_share_of_a_real_share_moves_the_bid_at_once(joan):
    reading = ready(joan, readers_per_bid=3)
    share_out(reading)
    run, bid, giver, taker = one_over(reading)
    actions.change_share(
        run=run,
        application=bid,
        taken_from=giver,
        given_to=taker,
        reason="She is away",
        by=reading.by,
        at=now(),
    )
    assert Assignment.objects.current().filter(application=bid, member=taker).exists()
    assert not Assignment.objects.current().filter(application=bid, member=giver).exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": "  "}, "Give a reason"),
        ({"taken_from": None, "given_to": None}, "Choose who gives up the bid"),
        ({"taken_from": "other"}, "does not have this bid"),
        ({"taken_from": None, "given_to": "reader"}, "They read it already"),
    ],
)
def test_change_share_refuses(fields, sentence, joan):
    reading = ready(joan, readers_per_bid=3)
    propose(reading)
    run, bid, giver, taker = one_over(reading)
    who = {"other": taker, "reader": giver, None: None}
    facts = {"taken_from": "reader", "given_to": "other", "reason": "A reason", **fields}
    with pytest.raises(Refused, match=sentence):
        actions.change_share(
            run=run,
            application=bid,
            taken_from=who[facts["taken_from"]],
            given_to=who[facts["given_to"]],
            reason=facts["reason"],
            by=reading.by,
            at=now(),
        )
    assert not ShareChange.objects.exists()


def test_change_share_refuses_to_go_over_a_limit(joan):
    reading = ready(joan, bids=3, readers_per_bid=3, wanted=3)
    propose(reading)
    run, bid, _giver, taker = one_over(reading)
    actions.reply_to_share(
        member=taker,
        answer=ShareReply.Answer.FEWER,
        bids_wanted=1,
        by=taker.person,
        at=now(),
    )
    with pytest.raises(Refused, match="as many bids as they asked for"):
        actions.change_share(
            run=run, application=bid, given_to=taker, reason="Spare", by=reading.by, at=now()
        )


def test_change_share_never_takes_a_bid_that_is_being_read(joan):
    reading = reading_round(joan)
    assignment = reading.assignments(joan)[0]
    actions.start_reading(assignment=assignment, by=joan, at=now())
    with pytest.raises(Refused, match="Only they can hand it back"):
        actions.change_share(
            run=reading.run,
            application=assignment.application,
            taken_from=assignment.member,
            reason="I would rather",
            by=reading.by,
            at=now(),
        )


# ---- reply_to_share and hand_back -----------------------------------------------------------
def test_reply_to_share_is_recorded(joan, sam):
    reading = reading_round(joan)
    member = reading.member(joan)
    actions.reply_to_share(
        member=member, answer=ShareReply.Answer.MORE, bids_wanted=7, by=joan, at=now()
    )
    typed = actions.reply_to_share(
        member=member, answer=ShareReply.Answer.FINE, bids_wanted=7, by=sam, at=now()
    )
    assert typed.typed_by == sam
    assert reading.round.chain.entries.filter(verb="share_replied").count() == 2


def test_reply_to_share_also_in_the_rest_before_reading_and_not_after_it(joan, client):
    reading = ready(joan, bids=2, readers_per_bid=2, wanted=5)
    share_out(reading)
    member = reading.member(joan)
    page = reverse("reply_to_share", args=[member.pk])
    client.force_login(joan)
    close(reading.round.stages.get(kind=StageKind.SHARING), by=reading.by)
    said = {"answer": "fine", "bids_wanted": ""}
    assert "Send my answer" in client.get(page).content.decode()
    assert "say if it is right for you" in client.get(reverse("my_bids")).content.decode()
    assert client.post(page, said).status_code == 302
    open_scoring(reading)
    assert client.post(page, said).status_code == 302
    close_scoring(reading)
    assert "Send my answer" not in client.get(page).content.decode()
    assert client.post(page, said).status_code == 403
    assert member.share_replies.count() == 2


@pytest.mark.parametrize(
    ("answer", "bids", "sentence"),
    [("more", 20, "from 0 to 19"), ("fewer", -1, "from 0 to 19"), ("none", 3, "three answers")],
)
def test_reply_to_share_refuses_what_cannot_be(answer, bids, sentence, joan):
    reading = reading_round(joan)
    with pytest.raises(Refused, match=sentence):
        actions.reply_to_share(
            member=reading.member(joan), answer=answer, bids_wanted=bids, by=joan, at=now()
        )


def test_reply_to_share_refuses_another_volunteer(joan, harold):
    reading = reading_round(joan, harold)
    with pytest.raises(Refused, match="Your role here"):
        actions.reply_to_share(
            member=reading.member(joan), answer="fine", bids_wanted=5, by=harold, at=now()
        )


def test_hand_back_asks_no_reason_and_keeps_what_was_written(joan):
    reading = reading_round(joan)
    assignment = reading.assignments(joan)[0]
    actions.hand_back(assignment=assignment, by=joan, at=now())
    assert len(reading.assignments(joan)) == 2
    assert reading.round.chain.entries.filter(verb="bid_handed_back").count() == 1
    with pytest.raises(Refused, match="no longer in this person’s share"):
        actions.hand_back(assignment=assignment, by=joan, at=now())


def test_hand_back_refuses_once_scores_are_sent(joan):
    reading = reading_round(joan)
    assignment = reading.assignments(joan)[0]
    send(reading, assignment)
    with pytest.raises(Refused, match="nothing to hand back"):
        actions.hand_back(assignment=assignment, by=joan, at=now())


def test_hand_back_refuses_another_volunteer(joan, harold):
    reading = reading_round(joan, harold)
    with pytest.raises(Refused, match="Your role here"):
        actions.hand_back(assignment=reading.assignments(joan)[0], by=harold, at=now())


def test_replacement_for_is_whoever_has_most_room(joan, harold):
    reading = ready(joan, harold, bids=2, readers_per_bid=2, wanted=5)
    share_out(reading)
    bid = reading.bids[0]
    counts = {row.pk: row.assignments.count() for row in reading.members}
    found = rules.replacement_for(reading.round, bid.pk, on=timezone.localdate())
    assert not found.assignments.filter(application=bid).exists()
    assert counts[found.pk] == min(
        count
        for row, count in counts.items()
        if not Assignment.objects.filter(member=row, application=bid).exists()
    )
    assert rules.replacement_for(reading.round, 0, on=timezone.localdate()) is None


def test_reason_words_are_plain_and_name_nobody():
    assert rules.reason_words(["lived:carer", "experienced", "with:7", "load:3/5"]) == [
        "You offered your experience of caring. This bid is about that.",
        "You have scored bids before, and each bid needs someone who has.",
        "Others who read it share more bids with you, so you can talk later.",
        "You said up to 5 bids. You have 3.",
    ]


# ---- Pages ----------------------------------------------------------------------------------
def test_sharing_detail_goes_from_nothing_to_a_real_share(
    client, sam, joan, django_assert_max_num_queries
):
    reading = sharing_round(joan, by=sam, readers_per_bid=3)
    here = f"/rounds/{reading.round.slug}/sharing/"
    client.force_login(sam)
    assert "4 people have not said yet who they know" in client.get(here).content.decode()
    assert client.post(f"{here}propose/").status_code == 403
    declare_all(reading)
    assert client.get(f"{here}confirm/").status_code == 404
    assert client.post(f"{here}propose/").url == f"{here}progress/"
    share_out_asked()
    assert client.get(f"{here}progress/").url == here
    with django_assert_max_num_queries(12):
        page = client.get(here).content.decode()
    assert "Nobody has been given anything new yet" in page
    assert client.get(f"{here}propose/").status_code == 405
    with django_assert_max_num_queries(12):
        assert client.get(f"{here}confirm/").status_code == 200
    assert client.post(f"{here}confirm/", {}).status_code == 422
    assert client.post(f"{here}confirm/", {"sure": "on"}).url == here
    assert Assignment.objects.count() == 9
    with django_assert_max_num_queries(12):
        assert "The bids were shared out on" in client.get(here).content.decode()


def test_sharing_detail_shows_shortfalls(client, sam, joan):
    reading = ready(joan, by=sam, bids=2, readers_per_bid=6)
    propose(reading)
    client.force_login(sam)
    page = client.get(f"/rounds/{reading.round.slug}/sharing/").content.decode()
    assert "4 places without a reader" in page
    page = client.get(f"/rounds/{reading.round.slug}/sharing/bids/").content.decode()
    assert "2 more are needed" in page


def test_sharing_detail_asks_as_much_for_one_bid_as_for_three(
    client, sam, joan, django_assert_max_num_queries
):
    reading = ready(joan, by=sam, bids=1)
    propose(reading)
    client.force_login(sam)
    counts = []
    for _more in range(2):
        with django_assert_max_num_queries(12) as asked:
            client.get(f"/rounds/{reading.round.slug}/sharing/")
        counts.append(len(asked))
        make_bid(reading.lot)
        make_bid(reading.lot)
        declare_all(reading)
        propose(reading)
    assert counts[0] == counts[1]


@pytest.mark.parametrize("who", ["outsider", "joan", "amina", "margaret", "administrator"])
@pytest.mark.parametrize("page", ["", "confirm/", "bids/1/"])
def test_sharing_detail_is_not_there_for_others(page, who, client, sam, joan, request):
    reading = ready(joan, by=sam)
    propose(reading)
    client.force_login(request.getfixturevalue(who))
    here = f"/rounds/{reading.round.slug}/sharing/"
    assert client.get(f"{here}{page}").status_code == 404
    assert client.post(f"{here}propose/").status_code == 404


def test_change_share_page_keeps_what_was_typed(client, sam, joan, django_assert_max_num_queries):
    reading = ready(joan, by=sam, readers_per_bid=3)
    propose(reading)
    _run, bid, giver, taker = one_over(reading)
    here = f"/rounds/{reading.round.slug}/sharing/bids/{bid.pk}/"
    client.force_login(sam)
    with django_assert_max_num_queries(12):
        page = client.get(here).content.decode()
    assert taker.person.name in page
    answer = client.post(here, {"reason": "Typed and kept"})
    assert answer.status_code == 422
    assert "Typed and kept" in answer.content.decode()
    nothing = {"taken_from": "nobody", "given_to": "nobody", "reason": "Why not"}
    assert client.post(here, nothing).status_code == 422
    data = {"taken_from": str(giver.pk), "given_to": str(taker.pk), "reason": "He asked"}
    first_look = client.post(here, data).content.decode()
    assert "What this change does" in first_look
    assert not ShareChange.objects.exists()
    data["seen"] = f"{giver.pk}>{taker.pk}"
    assert f'name="seen" value="{giver.pk}&gt;{taker.pk}"' in first_look
    assert client.post(here, data).url == f"/rounds/{reading.round.slug}/sharing/"
    page = client.get(f"/rounds/{reading.round.slug}/sharing/").content.decode()
    assert "1 change was made by hand" in page
    assert "He asked" in page


def test_reply_to_share_page_says_why_in_plain_words(client, joan, django_assert_max_num_queries):
    reading = reading_round(joan)
    member = reading.member(joan)
    here = f"/my/reading/share/{member.pk}/"
    client.force_login(joan)
    with django_assert_max_num_queries(12):
        page = client.get(here).content.decode()
    assert "You said up to 19 bids. You have 3." in page
    assert client.post(here, {}).status_code == 422
    answer = client.post(here, {"answer": "fewer"})
    assert answer.status_code == 422
    assert "Type how many bids you would like" in answer.content.decode()
    assert client.post(here, {"answer": "fewer", "bids_wanted": "40"}).status_code == 422
    assert client.post(here, {"answer": "fewer", "bids_wanted": "2"}).url == "/my/reading/"
    assert ShareReply.objects.get().bids_wanted == 2
    assert client.post(here, {"answer": "fine"}).url == "/my/reading/"
    assert ShareReply.objects.first().bids_wanted == 2


@pytest.mark.parametrize("who", ["outsider", "harold", "sam"])
def test_reply_to_share_page_is_not_there_for_others(who, client, joan, request):
    reading = reading_round(joan)
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"/my/reading/share/{reading.member(joan).pk}/").status_code == 404


def test_hand_back_bid_page_asks_and_gives_it_back(client, joan):
    reading = reading_round(joan)
    pk = reading.assignments(joan)[0].pk
    client.force_login(joan)
    assert client.get(f"/my/reading/{pk}/hand-back/").status_code == 200
    assert client.post(f"/my/reading/{pk}/hand-back/").url == "/my/reading/"
    assert client.get(f"/my/reading/{pk}/hand-back/").status_code == 404


@pytest.mark.parametrize("who", ["outsider", "harold", "sam"])
def test_hand_back_bid_page_is_not_there_for_others(who, client, joan, request):
    reading = reading_round(joan)
    client.force_login(request.getfixturevalue(who))
    pk = reading.assignments(joan)[0].pk
    assert client.get(f"/my/reading/{pk}/hand-back/").status_code == 404


def test_reading_progress_says_done_and_not_yet_and_no_number(
    client, sam, joan, harold, django_assert_max_num_queries
):
    reading = reading_round(joan, harold, by=sam, bids=2)
    for assignment in reading.assignments(joan):
        send(reading, assignment, value=4)
    send(reading, reading.assignments(harold)[0])
    client.force_login(sam)
    with django_assert_max_num_queries(12):
        page = client.get(f"/rounds/{reading.round.slug}/reading/").content.decode()
    done, not_yet = page.index("<h2>Done"), page.index("<h2>Not yet")
    assert page.index("Joan Ibbotson") > done
    assert not_yet < page.index("Harold Whitaker") < done
    assert "4 out of 5" not in page
    assert "1 of 2" not in page


@pytest.mark.parametrize("who", ["outsider", "joan", "margaret"])
def test_reading_progress_is_not_there_for_others(who, client, sam, joan, request):
    reading = reading_round(joan, by=sam, bids=1)
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"/rounds/{reading.round.slug}/reading/").status_code == 404
