"""Writing and sending bids, through the actions alone."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from accounts.models import Person, Role
from accounts.permissions import Refused
from accounts.versions import Stale
from applications import actions, content, rules
from applications.content import Line
from applications.models import (
    Answer,
    Application,
    BidVersion,
    BudgetLine,
    Colleague,
    Organisation,
)
from commissioning.models import Round, StageKind
from decisions.views.trail import entries_seen_by
from ledger.checking import first_trouble
from ledger.models import Chain, Entry, Letter
from tests.factories.applications import (
    answer,
    fill,
    look_at_rules,
    make_draft_bid,
    make_open_round,
    make_organisation,
    make_sent_bid,
    send,
)
from tests.factories.commissioning import (
    close,
    join,
    make_facilitator,
    make_lot,
    make_person,
    make_round,
    moment,
)

NOW = timezone.now


def verbs(round) -> list[str]:
    return list(Entry.objects.filter(chain=round.chain).values_list("verb", flat=True))


@pytest.fixture
def round(db):
    return make_open_round()


@pytest.fixture
def bid(round, amina):
    return make_draft_bid(round, amina, title="Tea at four")


# ---- Organisations ---------------------------------------------------------------------------
def test_start_organisation_makes_an_applicant(outsider):
    made = actions.start_organisation(by=outsider, at=NOW(), name="Tea and Talk", kind="group")
    assert outsider.holds(Role.APPLICANT)
    assert list(made.colleagues.values_list("person", flat=True)) == [outsider.pk]
    assert Entry.objects.filter(verb="organisation_started", data__organisation=made.pk).exists()


def test_start_organisation_by_a_facilitator_gives_no_part_in_it(sam):
    made = actions.start_organisation(by=sam, at=NOW(), name="On paper")
    assert not made.colleagues.exists()
    assert not sam.holds(Role.APPLICANT)


def test_start_organisation_is_refused_to_administrators(administrator):
    with pytest.raises(Refused, match=r"People who work for the fund cannot bid to it."):
        actions.start_organisation(by=administrator, at=NOW(), name="Mine")


def test_change_organisation_tells_which_fields_changed(amina):
    made = make_organisation(amina, "Tea and Talk")
    changed = actions.change_organisation(
        organisation=made, by=amina, at=NOW(), name="Tea and Talk", charity_number="1234567"
    )
    assert changed == ["charity_number"]
    made.refresh_from_db()
    assert made.charity_number == "1234567"


def test_change_organisation_is_refused_to_others(amina, rival):
    made = make_organisation(amina)
    with pytest.raises(Refused, match=r"You do not act for this organisation."):
        actions.change_organisation(organisation=made, by=rival, at=NOW(), name="Ours now")


def test_add_colleague_makes_a_person_who_may_apply(amina):
    made = make_organisation(amina, "Tea and Talk")
    row = actions.add_colleague(
        organisation=made, email=" New.One@Example.org ", by=amina, at=NOW()
    )
    assert row.person.sign_in_email == "new.one@example.org"
    assert row.person.holds(Role.APPLICANT)
    letter = Letter.objects.get(kind="colleague_added")
    assert (letter.to, letter.when) == (row.person, Letter.When.ANSWER)
    assert "Tea and Talk" in letter.body_text
    assert letter.subject.startswith("Sign in")


def test_add_colleague_twice_is_one_colleague(amina, rival):
    made = make_organisation(amina)
    for _ in range(2):
        actions.add_colleague(organisation=made, email=rival.sign_in_email, by=amina, at=NOW())
    assert made.colleagues.count() == 2
    assert Letter.objects.filter(kind="colleague_added").count() == 1


def test_add_colleague_is_refused_for_staff_and_to_others(amina, rival, sam):
    made = make_organisation(amina)
    with pytest.raises(Refused, match=r"People who work for the fund cannot bid to it."):
        actions.add_colleague(organisation=made, email=sam.sign_in_email, by=amina, at=NOW())
    with pytest.raises(Refused, match=r"You do not act for this organisation."):
        actions.add_colleague(organisation=made, email="x@example.org", by=rival, at=NOW())
    with pytest.raises(Refused, match=r"You do not act for this organisation."):
        actions.add_colleague(organisation=made, email="x@example.org", by=sam, at=NOW())


@pytest.mark.parametrize("role", [Role.BOARD, Role.COMPLAINTS, Role.SAFEGUARDING])
def test_add_colleague_is_refused_for_who_helps_to_run_the_fund(amina, sam, role):
    """Or a group could take them out of its own round by adding them."""
    made, person = make_organisation(amina), make_person("Hattie", role)
    with pytest.raises(Refused, match="helps to run the fund"):
        actions.add_colleague(organisation=made, email=person.sign_in_email, by=amina, at=NOW())
    typed = actions.start_organisation(by=sam, at=NOW(), name="Paper People")
    with pytest.raises(Refused, match="helps to run the fund"):
        let_sign_in(typed, person.sign_in_email)
    assert not person.acts_for.exists()
    assert not person.holds(Role.APPLICANT)


def let_sign_in(group: Organisation, email: str, *, by: Person | None = None) -> Colleague:
    """The first person who signs in for a group whose bid was typed, added by another facilitator
    than the one who typed it."""
    return actions.add_first_colleague(
        organisation=group,
        email=email,
        name="Pat Paper",
        address="1 Paper Street\nLeeds",
        by=by or make_facilitator(),
        at=NOW(),
    )


def test_add_first_colleague_to_a_typed_organisation(sam):
    made = actions.start_organisation(by=sam, at=NOW(), name="On paper")
    row = let_sign_in(made, "p@example.org")
    assert row.person.holds(Role.APPLICANT)
    made.refresh_from_db()
    assert made.address == "1 Paper Street\nLeeds"
    with pytest.raises(Refused, match="signs in for this group already"):
        let_sign_in(made, "friend@example.org")


def test_nobody_takes_over_a_group_that_bid_on_paper_unseen(round, sam, ruth, joan):
    """The group gets a letter by post, where the paper says it is, and volunteers an entry."""
    bid = typed(round, sam, contact_name="Mo Ali")
    Organisation.objects.filter(pk=bid.organisation_id).update(address="2 Our Road, Leeds")
    row = let_sign_in(bid.organisation, "friend@example.org", by=ruth)
    told = Letter.objects.get(kind="first_colleague")
    assert (told.to, told.channel, told.to_name) == (None, "post", "Mo Ali")
    assert told.to_address == "2 Our Road, Leeds", "not the one that whoever adds them types"
    assert ruth.name in told.body_text and "Pat Paper" in told.body_text
    assert "friend@example.org" not in told.body_text
    assert Letter.objects.get(kind="colleague_added").to == row.person
    entry = Entry.objects.get(verb="first_colleague_added")
    assert (entry.chain, entry.by) == (round.chain, ruth)
    assert entry.data == {"application": bid.pk, "person": row.person_id}
    join(round, joan)
    assert entry in entries_seen_by(joan, round)


def test_add_first_colleague_is_for_another_facilitator_with_no_bid_there(
    round, sam, ruth, joan, amina
):
    bid = typed(round, sam)
    with pytest.raises(Refused, match="You brought this group in"):
        let_sign_in(bid.organisation, "friend@example.org", by=sam)
    for person in (joan, amina):
        with pytest.raises(Refused, match="Your role here does not include this"):
            let_sign_in(bid.organisation, "friend@example.org", by=person)
    own = make_sent_bid(round).organisation
    Colleague.objects.create(organisation=own, person=ruth, added_at=NOW(), added_by=ruth)
    with pytest.raises(Refused, match="You act for a group that bids in this round"):
        let_sign_in(bid.organisation, "friend@example.org", by=ruth)
    assert not Person.objects.filter(sign_in_email="friend@example.org").exists()


def test_add_first_colleague_asks_where_the_group_is(round, sam, ruth):
    bid = typed(round, sam)
    with pytest.raises(Refused, match="Type the address of the group"):
        actions.add_first_colleague(
            organisation=bid.organisation, email="p@example.org", by=ruth, at=NOW()
        )
    assert not bid.organisation.colleagues.exists()


def test_end_first_colleague_is_for_whom_staff_added(round, sam, ruth, amina, rival):
    bid = typed(round, sam, contact_name="Mo Ali")
    Organisation.objects.filter(pk=bid.organisation_id).update(address="2 Our Road, Leeds")
    row = let_sign_in(bid.organisation, "friend@example.org", by=ruth)
    facts = {"colleague": row, "by": sam, "at": NOW()}
    with pytest.raises(Refused, match="Use three words or more"):
        actions.end_first_colleague(reason="No.", **facts)
    actions.end_first_colleague(reason="They do not know Pat Paper.", **facts)
    row.refresh_from_db()
    assert row.ended_by == sam
    letters = Letter.objects.filter(kind="first_colleague_ended")
    assert {(told.to, told.channel) for told in letters} == {(None, "post"), (row.person, "email")}
    assert all("They do not know Pat Paper." in told.body_text for told in letters)
    entry = Entry.objects.get(verb="first_colleague_ended")
    assert (entry.chain, entry.data) == (
        round.chain,
        {"application": bid.pk, "person": row.person_id},
    )
    facts["colleague"] = Colleague.objects.get(pk=row.pk)
    with pytest.raises(Refused, match="Only the group itself"):
        actions.end_first_colleague(reason="Once more, as another pressed too.", **facts)
    let_sign_in(bid.organisation, "mo@example.org", by=ruth)

    # A group that chose its own people is left alone, also when one is left whom another added.
    own = make_organisation(amina)
    actions.add_colleague(organisation=own, email=rival.sign_in_email, by=amina, at=NOW())
    actions.end_colleague(colleague=own.colleagues.get(person=amina), by=rival, at=NOW())
    with pytest.raises(Refused, match="Only the group itself"):
        actions.end_first_colleague(
            colleague=own.colleagues.get(person=rival),
            reason="I do not like them.",
            by=sam,
            at=NOW(),
        )


def test_end_colleague_keeps_the_last_one(amina, rival):
    made = make_organisation(amina)
    actions.add_colleague(organisation=made, email=rival.sign_in_email, by=amina, at=NOW())
    mine = Colleague.objects.get(organisation=made, person=amina)
    actions.end_colleague(colleague=mine, by=rival, at=NOW())
    last = Colleague.objects.get(organisation=made, person=rival)
    with pytest.raises(Refused, match=r"Somebody must act for the organisation."):
        actions.end_colleague(colleague=last, by=rival, at=NOW())


# ---- Writing ---------------------------------------------------------------------------------
def test_start_application_counts_references(round, amina):
    first, second = make_draft_bid(round, amina), make_draft_bid(round, amina)
    assert (first.reference, second.reference) == ("GC-001", "GC-002")
    assert verbs(round).count("bid_started") == 2


def test_start_application_is_refused_before_bids_open(amina):
    closed = make_round()
    lot = make_lot(closed)
    made = make_organisation(amina)
    with pytest.raises(Refused, match="has not opened yet"):
        actions.start_application(round=closed, organisation=made, lot=lot, by=amina, at=NOW())


def test_start_application_is_refused_after_the_deadline(round, amina):
    made = make_organisation(amina)
    late = rules.published_deadline(round) + timedelta(minutes=16)
    with pytest.raises(Refused, match="The time for bids ended on"):
        actions.start_application(
            round=round, organisation=made, lot=round.lots.first(), by=amina, at=late
        )


def test_start_application_is_refused_for_another_lot_or_organisation(round, amina, rival):
    made = make_organisation(amina)
    elsewhere = make_lot(make_round())
    with pytest.raises(Refused, match=r"Choose a part of this round."):
        actions.start_application(round=round, organisation=made, lot=elsewhere, by=amina, at=NOW())
    with pytest.raises(Refused, match=r"You do not act for this organisation."):
        actions.start_application(
            round=round, organisation=made, lot=round.lots.first(), by=rival, at=NOW()
        )


def test_save_details_counts_versions(bid, amina):
    version = actions.save_details(application=bid, version=1, area="Armley", by=amina, at=NOW())
    assert version == 2
    bid.refresh_from_db()
    assert (bid.area, bid.version) == ("Armley", 2)


def test_save_details_is_stale_when_another_save_came_first(bid, amina):
    actions.save_details(application=bid, version=1, area="Armley", by=amina, at=NOW())
    with pytest.raises(Stale) as caught:
        actions.save_details(application=bid, version=1, area="Beeston", by=amina, at=NOW())
    assert (caught.value.theirs, caught.value.version) == ({"area": "Armley"}, 2)


def test_save_details_twice_is_one_save(bid, amina):
    for _ in range(2):
        version = actions.save_details(
            application=bid, version=1, area="Armley", by=amina, at=NOW()
        )
    assert version == 2


def test_save_details_knows_its_fields(bid, amina):
    with pytest.raises(TypeError, match=r"A bid has no reference."):
        actions.save_details(application=bid, version=1, reference="X-1", by=amina, at=NOW())


def test_save_answer_keeps_words_and_versions(bid, amina, round):
    question = round.form_questions.get(key="need")
    first = actions.save_answer(
        application=bid, question=question, text="One\r\nTwo  \n", version=0, by=amina, at=NOW()
    )
    assert (first.text, first.version) == ("One\nTwo", 1)
    second = actions.save_answer(
        application=bid, question=question, text="Three", version=1, by=amina, at=NOW()
    )
    assert (second.text, second.version) == ("Three", 2)
    again = actions.save_answer(
        application=bid, question=question, text="Three", version=1, by=amina, at=NOW()
    )
    assert again.version == 2
    with pytest.raises(Stale) as caught:
        actions.save_answer(
            application=bid, question=question, text="Four", version=1, by=amina, at=NOW()
        )
    assert caught.value.theirs == {"text": "Three"}
    assert "answer" not in " ".join(verbs(round))


def test_save_answer_keeps_what_is_too_long_and_what_is_late(bid, amina, round):
    question = round.form_questions.get(key="summary")
    words = "word " * 200
    late = rules.published_deadline(round) + timedelta(days=1)
    saved = actions.save_answer(
        application=bid, question=question, text=words, version=0, by=amina, at=late
    )
    assert content.count_words(saved.text) == 200


def test_save_answer_is_refused_to_a_rival_and_for_another_round(bid, rival, amina, round):
    question = round.form_questions.get(key="need")
    with pytest.raises(Refused, match=r"You do not act for this organisation."):
        actions.save_answer(
            application=bid, question=question, text="Mine", version=0, by=rival, at=NOW()
        )
    foreign = make_open_round().form_questions.get(key="need")
    with pytest.raises(Refused, match=r"This question is not part of this bid."):
        actions.save_answer(
            application=bid, question=foreign, text="Mine", version=0, by=amina, at=NOW()
        )


def test_save_budget_replaces_the_lines(bid, amina):
    lines = [
        Line("Room", Decimal("500.50"), Decimal("400.25")),
        Line("Tea", Decimal(20), Decimal(0)),
    ]
    version = actions.save_budget(application=bid, lines=lines, version=1, by=amina, at=NOW())
    assert version == 2
    assert [(row.item, row.asked) for row in bid.budget_lines.all()] == [
        ("Room", Decimal("400.25")),
        ("Tea", Decimal(0)),
    ]
    again = actions.save_budget(application=bid, lines=lines, version=1, by=amina, at=NOW())
    assert again == 2
    with pytest.raises(Stale) as caught:
        actions.save_budget(application=bid, lines=[], version=1, by=amina, at=NOW())
    assert "Room: costs £500.50, asked £400.25" in caught.value.theirs["budget"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (Line("Room", Decimal(5), Decimal(6)), "more than something costs"),
        (Line("Room", Decimal(5), Decimal(-1)), "more than something costs"),
        (Line("  ", Decimal(5), Decimal(1)), "Say what each line of the budget is for."),
    ],
)
def test_save_budget_is_refused(bid, amina, line, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.save_budget(application=bid, lines=[line], version=1, by=amina, at=NOW())
    assert not BudgetLine.objects.exists()


# ---- Sending ---------------------------------------------------------------------------------
def test_send_application_freezes_a_copy(bid, amina, round):
    fill(bid, asked="4000.50", skip=["partners"])
    version = actions.send_application(application=bid, declared_true=True, by=amina, at=NOW())
    told = version.content
    assert set(told) == {
        "title", "organisation", "summary", "area", "partners", "answers", "budget", "documents",
        "smallest_useful",
    }  # fmt: skip
    assert told["title"] == "Tea at four"
    assert told["summary"] == "We will do our best about summary."
    assert "summary" not in [row["key"] for row in told["answers"]]
    assert next(row for row in told["answers"] if row["key"] == "partners")["text"] == (
        "Not answered."
    )
    assert told["partners"] == ["Armley Library", "Mr Khan's bakery"]
    assert told["budget"] == [{"item": "Room hire", "cost": "4500.50", "asked": "4000.50"}]
    assert told["smallest_useful"] == "1000.00"
    assert (version.number, version.asked) == (1, Decimal("4000.50"))
    assert version.words == content.words(told)
    assert version.digest == content.digest(told)
    bid.refresh_from_db()
    assert (bid.submitted_by, bid.declared_true, bid.asked) == (amina, True, Decimal("4000.50"))
    entry = Entry.objects.get(chain=round.chain, verb="bid_sent")
    assert entry.data["digest"] == version.digest
    assert "Tea" not in entry.payload
    assert first_trouble(Chain.objects.get(pk=round.chain_id)) is None


def test_send_application_writes_a_receipt_to_all_who_act_for_it(bid, amina, rival):
    actions.add_colleague(
        organisation=bid.organisation, email=rival.sign_in_email, by=amina, at=NOW()
    )
    fill(bid)
    version = send(bid).newest_version
    letters = Letter.objects.filter(kind="bid_sent")
    assert {letter.to for letter in letters} == {amina, rival}
    for letter in letters:
        assert letter.when == Letter.When.ANSWER
        assert bid.reference in letter.body_text
        assert version.digest[:16] in letter.body_text


def test_send_application_again_makes_the_next_copy(bid, amina):
    fill(bid)
    send(bid)
    first_sent = bid.submitted_at
    answer(bid, "need", "More is needed than we thought.")
    assert rules.changed_since_sent(Application.objects.get(pk=bid.pk))
    send(bid)
    bid.refresh_from_db()
    assert [row.number for row in bid.versions.all()] == [1, 2]
    assert bid.submitted_at == first_sent
    texts = [
        next(row["text"] for row in version.content["answers"] if row["key"] == "need")
        for version in bid.versions.all()
    ]
    assert texts == ["We will do our best about need.", "More is needed than we thought."]
    assert not rules.changed_since_sent(Application.objects.get(pk=bid.pk))


def test_send_application_names_every_gap_and_loses_nothing(bid, amina):
    answer(bid, "summary", "word " * 81)
    with pytest.raises(actions.NotReady) as caught:
        actions.send_application(application=bid, declared_true=True, by=amina, at=NOW())
    sentences = [gap.sentence for gap in caught.value.gaps]
    assert "Say where your project happens." in sentences
    assert any("take out 1 word." in sentence for sentence in sentences)
    assert any("Say what the money is for" in sentence for sentence in sentences)
    assert Answer.objects.get(application=bid).text.startswith("word")
    assert not BidVersion.objects.exists()


def test_send_application_needs_the_declaration(bid, amina):
    fill(bid)
    with pytest.raises(Refused, match="Tick the box"):
        actions.send_application(application=bid, declared_true=False, by=amina, at=NOW())


def test_send_application_keeps_within_the_lot(bid, amina):
    fill(bid, asked=50_000)
    with pytest.raises(actions.NotReady) as caught:
        actions.send_application(application=bid, declared_true=True, by=amina, at=NOW())
    assert [gap.sentence for gap in caught.value.gaps] == [
        "You ask for more than this part of the fund has."
    ]


def test_send_application_wants_a_sensible_smallest_sum(bid, amina):
    fill(bid, asked=900)
    with pytest.raises(actions.NotReady) as caught:
        actions.send_application(application=bid, declared_true=True, by=amina, at=NOW())
    assert "smallest sum" in caught.value.gaps[0].sentence


def test_send_application_wants_the_planned_days_in_order(bid, amina):
    answer(bid, "starts", "2027-04-05")
    answer(bid, "ends", "2027-04-04")
    fill(bid)
    with pytest.raises(actions.NotReady) as caught:
        actions.send_application(application=bid, declared_true=True, by=amina, at=NOW())
    (gap,) = caught.value.gaps
    assert (gap.sentence, gap.key) == ("Choose a last day that comes after the first day.", "ends")
    answer(bid, "ends", "2027-04-06")
    send(bid)


def test_send_application_in_the_minutes_of_grace(bid, round, amina):
    fill(bid)
    told = rules.published_deadline(round)
    send(bid, at=told + timedelta(minutes=15))
    with pytest.raises(Refused, match="The time for bids ended on"):
        send(bid, at=told + timedelta(minutes=15, seconds=1))


def test_send_application_is_refused_to_a_rival_and_when_taken_back(bid, amina, rival):
    fill(bid)
    with pytest.raises(Refused, match=r"You do not act for this organisation."):
        actions.send_application(application=bid, declared_true=True, by=rival, at=NOW())
    actions.withdraw_application(application=bid, by=amina, at=NOW())
    with pytest.raises(Refused, match=r"This bid was taken back."):
        actions.send_application(application=bid, declared_true=True, by=amina, at=NOW())


def test_give_extension_moves_one_bids_deadline(bid, round, amina, sam):
    fill(bid)
    told = rules.published_deadline(round)
    until = told + timedelta(days=2)
    actions.give_extension(
        application=bid, until=until, reason="Our post office burned.", by=sam, at=NOW()
    )
    letter = Letter.objects.get(kind="more_time")
    assert letter.to == amina
    entry = Entry.objects.get(verb="extension_given")
    assert "burned" not in entry.payload
    send(Application.objects.get(pk=bid.pk), at=until)
    other = make_draft_bid(round)
    fill(other)
    with pytest.raises(Refused, match="The time for bids ended"):
        send(other, at=until)


@pytest.mark.parametrize(
    ("days", "reason", "sentence"),
    [(-1, "Flood", "after the end this bid has now"), (2, "  ", "Give the reason in words.")],
)
def test_give_extension_is_refused(bid, round, sam, days, reason, sentence):
    until = rules.published_deadline(round) + timedelta(days=days)
    with pytest.raises(Refused, match=sentence):
        actions.give_extension(application=bid, until=until, reason=reason, by=sam, at=NOW())


def test_give_extension_is_for_facilitators_while_the_stage_is_open(bid, round, amina, sam):
    until = rules.published_deadline(round) + timedelta(days=2)
    with pytest.raises(Refused, match=r"Your role here does not include this."):
        actions.give_extension(application=bid, until=until, reason="Please", by=amina, at=NOW())
    close(rules.open_stage_of(round))
    bid = Application.objects.get(pk=bid.pk)
    with pytest.raises(Refused, match="closed on"):
        actions.give_extension(application=bid, until=until, reason="Please", by=sam, at=NOW())


def test_withdraw_application_tells_each_who_did_it(round, amina, rival):
    bid = make_sent_bid(round, amina)
    actions.add_colleague(
        organisation=bid.organisation, email=rival.sign_in_email, by=amina, at=NOW()
    )
    actions.withdraw_application(application=bid, by=amina, at=NOW())
    own, told = (Letter.objects.get(kind="bid_withdrawn", to=person) for person in (amina, rival))
    assert "You took back the bid" in own.body_text
    assert f"{amina.name} took back the bid" in told.body_text
    assert "you took back" not in told.subject


def test_withdraw_application_leaves_the_sent_bids(round, amina):
    bid = make_sent_bid(round, amina)
    actions.withdraw_application(application=bid, by=amina, at=NOW())
    assert not Application.objects.sent().exists()
    assert Letter.objects.filter(kind="bid_withdrawn", to=amina).count() == 1
    assert Entry.objects.get(verb="bid_withdrawn").data["was_sent"] is True
    with pytest.raises(Refused, match=r"This bid was taken back already."):
        actions.withdraw_application(application=bid, by=amina, at=NOW())


def test_withdraw_application_is_refused_once_the_panel_has_decided(round, amina):
    bid = make_sent_bid(round, amina)
    for stage in round.stages.filter(kind="decision"):
        stage.opened_at, stage.opened_by = NOW(), amina
        close(stage)
    with pytest.raises(Refused, match=r"The panel has decided."):
        actions.withdraw_application(
            application=Application.objects.get(pk=bid.pk), by=amina, at=NOW()
        )


# ---- Paper -----------------------------------------------------------------------------------
def typed(round, by: Person, **more) -> Application:
    at = more.pop("at", NOW())
    received = {"received_on": timezone.localdate(at)}
    made = actions.start_organisation(by=by, at=at, name="Paper People")
    question = round.form_questions.get(key="need")
    return actions.type_bid(
        round=round,
        organisation=made,
        lot=round.lots.first(),
        answers={question: "From the paper."},
        lines=[Line("Room", Decimal(50), Decimal(50))],
        title="Paper bid",
        by=by,
        at=at,
        **received | more,
    )


def test_type_bid_sends_it_in_the_typists_name(round, sam):
    bid = typed(round, sam)
    assert (bid.came_by, bid.submitted_by, bid.declared_true) == ("paper", sam, False)
    assert bid.versions.get().asked == Decimal(50)
    assert Entry.objects.get(verb="bid_sent").data["typed"] is True
    assert Application.objects.sent().get() == bid


def test_type_bid_keeps_the_day_the_paper_came(round, sam):
    came = timezone.localdate(rules.published_deadline(round))
    bid = typed(round, sam, received_on=came, at=NOW() + timedelta(days=60))
    assert bid.received_on == came
    assert Entry.objects.get(verb="bid_sent").data["received"] == came.isoformat()
    with pytest.raises(DatabaseError), transaction.atomic():
        Application.objects.filter(pk=bid.pk).update(received_on=came - timedelta(days=1))


def test_type_bid_is_refused_when_the_paper_came_late(round, sam):
    told = rules.published_deadline(round)
    late = timezone.localdate(told) + timedelta(days=1)
    with pytest.raises(Refused, match=r"Bids could come in until .* Please ring the group"):
        typed(round, sam, received_on=late, at=told + timedelta(days=9))
    with pytest.raises(Refused, match="cannot be after today"):
        typed(round, sam, received_on=timezone.localdate() + timedelta(days=1))
    assert not Application.objects.exists()


def test_type_bid_counts_more_time_that_the_group_was_given(round, sam, amina):
    group = make_organisation(amina, "Paper people")
    draft = make_draft_bid(round, amina, organisation=group)
    told = rules.published_deadline(round)
    until = told + timedelta(days=3)
    actions.give_extension(
        application=draft, until=until, reason="Their computer broke.", by=sam, at=NOW()
    )
    came = timezone.localdate(until)
    bid = typed(round, sam, received_on=came, at=told + timedelta(days=4))
    assert bid.received_on == came
    with pytest.raises(Refused, match="could come in until"):
        typed(round, sam, received_on=came + timedelta(days=1), at=told + timedelta(days=5))


def test_compare_typed_bid_by_a_second_person(round, sam, ruth, amina, joan):
    bid = typed(round, sam)
    assert list(rules.to_compare(ruth)) == [bid]
    assert not rules.to_compare(sam).exists()
    with pytest.raises(Refused, match="You typed this bid"):
        actions.compare_typed_bid(application=bid, by=sam, at=NOW())
    with pytest.raises(Refused, match="Your role here"):
        actions.compare_typed_bid(application=bid, by=joan, at=NOW())
    actions.compare_typed_bid(application=bid, by=ruth, at=NOW())
    bid.refresh_from_db()
    assert (bid.compared_by, bid.declared_true) == (ruth, False)
    told = Entry.objects.get(verb="typed_bid_compared").data["digest"]
    assert told == bid.versions.get().digest
    with pytest.raises(Refused, match="already"):
        actions.compare_typed_bid(application=bid, by=ruth, at=NOW())
    assert not rules.to_compare(ruth).exists()
    let_sign_in(bid.organisation, amina.sign_in_email)
    actions.confirm_typed_bid(application=bid, by=amina, at=NOW())  # the group's own yes stays
    with pytest.raises(DatabaseError), transaction.atomic():
        Application.objects.filter(pk=bid.pk).update(compared_at=None, compared_by=None)


def test_compare_typed_bid_is_for_groups_that_cannot_sign_in(round, sam, ruth, amina):
    bid = typed(round, sam)
    let_sign_in(bid.organisation, amina.sign_in_email)
    with pytest.raises(Refused, match="Somebody of this group can sign in"):
        actions.compare_typed_bid(application=bid, by=ruth, at=NOW())
    sent = make_sent_bid(round, amina)
    with pytest.raises(Refused, match="did not come on paper"):
        actions.compare_typed_bid(application=sent, by=ruth, at=NOW())
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=bid.pk).update(compared_at=NOW(), compared_by=sam)


def close_bidding(round, by, *, checking=True):
    """Bids closed a moment ago, and the rules are being checked. The round as it is now."""
    for stage in round.stages.all():
        if stage.kind == StageKind.OPEN:
            stage.closed_at, stage.closed_by = NOW(), by
        if stage.kind == StageKind.ELIGIBILITY and checking:
            stage.opened_at, stage.opened_by = NOW(), by
        stage.save()
    return Round.objects.get(pk=round.pk)


def test_type_bid_after_the_close_for_paper_that_came_in_time(round, sam, ruth, amina):
    """It goes on only once a second person has compared it, whatever else was said of it."""
    told = timezone.localdate(rules.published_deadline(round))
    round = close_bidding(round, sam)
    bid = typed(round, sam)
    late = Entry.objects.get(verb="typed_bid_after_close")
    assert late.data["received"] == timezone.localdate().isoformat()
    with pytest.raises(Refused, match="could come in until"):
        typed(round, sam, received_on=told + timedelta(days=1), at=NOW() + timedelta(days=60))
    look_at_rules(bid, sam)
    let_sign_in(bid.organisation, amina.sign_in_email)
    actions.confirm_typed_bid(application=bid, by=amina, at=NOW())
    with pytest.raises(Refused, match="typed in after the close"):
        actions.settle_eligibility(application=bid, eligible=True, by=ruth, at=NOW())
    assert list(rules.to_compare(ruth)) == [bid]
    with pytest.raises(Refused, match="You typed this bid"):
        actions.compare_typed_bid(application=bid, by=sam, at=NOW())
    actions.compare_typed_bid(application=bid, by=ruth, at=NOW())
    actions.settle_eligibility(
        application=Application.objects.get(pk=bid.pk), eligible=True, by=sam, at=NOW()
    )
    assert Application.objects.eligible().get() == bid


def test_type_bid_before_the_close_is_as_it_was(round, sam):
    typed(round, sam)
    assert not Entry.objects.filter(verb="typed_bid_after_close").exists()


def test_type_bid_ends_when_bids_are_shared_out(round, sam):
    round = close_bidding(round, sam, checking=False)
    with pytest.raises(Refused, match="can be typed while the rules are being checked"):
        typed(round, sam)
    round.stages.filter(kind=StageKind.ELIGIBILITY).update(opened_at=NOW(), opened_by=sam)
    assert not rules.may_bring_bids(Round.objects.get(pk=round.pk), sam, at=NOW())
    round.stages.filter(kind=StageKind.SHARING).update(opened_at=NOW(), opened_by=sam)
    with pytest.raises(Refused, match="Ring the group and tell them"):
        typed(Round.objects.get(pk=round.pk), sam)


def test_type_bid_is_refused_to_applicants(round, amina):
    with pytest.raises(Refused, match=r"Your role here does not include this."):
        typed(round, amina)


def test_confirm_typed_bid_by_its_applicant(round, sam, amina):
    bid = typed(round, sam)
    with pytest.raises(Refused, match=r"You do not act for this organisation."):
        actions.confirm_typed_bid(application=bid, by=amina, at=NOW())
    let_sign_in(bid.organisation, amina.sign_in_email)
    actions.confirm_typed_bid(application=bid, by=amina, at=NOW())
    bid.refresh_from_db()
    assert bid.declared_true
    told = Entry.objects.get(verb="typed_bid_confirmed").data["digest"]
    assert told == bid.versions.get().digest
    with pytest.raises(Refused, match="already"):
        actions.confirm_typed_bid(application=bid, by=amina, at=NOW())


def test_confirm_typed_bid_is_not_for_own_bids(round, amina):
    bid = make_sent_bid(round, amina)
    with pytest.raises(Refused, match="was not typed in"):
        actions.confirm_typed_bid(application=bid, by=amina, at=NOW())


# ---- Help ------------------------------------------------------------------------------------
def test_ask_for_help_and_answer_help(round, amina, sam):
    question = actions.ask_for_help(round=round, text="May we pay rent?", by=amina, at=NOW())
    actions.answer_help(question=question, answer="Yes, you may.", by=sam, at=NOW())
    letter = Letter.objects.get(kind="help_answered")
    assert letter.to == amina
    assert "Yes, you may." in letter.body_text
    assert verbs(round)[-2:] == ["help_asked", "help_answered"]
    with pytest.raises(Refused, match="has its answer already"):
        actions.answer_help(question=question, answer="No.", by=sam, at=NOW())


def test_answer_help_is_for_facilitators(round, amina):
    question = actions.ask_for_help(round=round, text="May we pay rent?", by=amina, at=NOW())
    with pytest.raises(Refused, match=r"Your role here does not include this."):
        actions.answer_help(question=question, answer="Yes", by=amina, at=NOW())


def test_ask_for_help_is_refused_empty_early_and_to_staff(round, amina, sam):
    with pytest.raises(Refused, match=r"Write your question."):
        actions.ask_for_help(round=round, text=" ", by=amina, at=NOW())
    with pytest.raises(Refused, match="not open for bids yet"):
        actions.ask_for_help(round=make_round(), text="When?", by=amina, at=NOW())
    with pytest.raises(Refused, match="People who work for the fund"):
        actions.ask_for_help(round=round, text="When?", by=sam, at=NOW())


# ---- The form --------------------------------------------------------------------------------
def test_start_form_puts_the_usual_questions(sam):
    round = make_round(by=sam)
    made = actions.start_form(round=round, by=sam, at=NOW())
    assert [(row.key, row.word_limit) for row in made] == [
        ("summary", 80),
        ("need", 220),
        ("who", 150),
        ("shaped", 150),
        ("plan", 260),
        ("starts", None),
        ("ends", None),
        ("difference", 160),
        ("partners", 90),
        ("risks", 130),
        ("equality", 110),
        ("learning", 90),
    ]
    assert [row.key for row in made if not row.required] == ["starts", "ends", "partners"]
    with pytest.raises(Refused, match="has its questions already"):
        actions.start_form(round=round, by=sam, at=NOW())


def test_start_form_ties_questions_to_the_agreed_criteria(sam):
    from tests.factories.commissioning import agree_criteria

    round = make_round(by=sam)
    agreement = agree_criteria(round)
    made = actions.start_form(
        round=round,
        questions=[
            {"key": "need", "label": "Need?", "criteria": ["criterion-1", "gone"]},
            {"key": "area", "label": "Where?", "kind": "short"},
        ],
        by=sam,
        at=NOW(),
    )
    assert [row.slug for row in made[0].criteria.all()] == ["criterion-1"]
    assert agreement.criteria.count() == 2
    assert made[1].kind == "short"


def test_change_form_question_until_bids_open(sam, amina):
    round = make_round(by=sam)
    question = actions.start_form(round=round, by=sam, at=NOW())[0]
    actions.change_form_question(question=question, label="Your idea?", by=sam, at=NOW())
    question.refresh_from_db()
    assert question.label == "Your idea?"
    with pytest.raises(Refused, match="Your role here"):
        actions.change_form_question(question=question, label="Mine", by=amina, at=NOW())
    opened = make_open_round(by=sam)
    with pytest.raises(Refused, match=r"Bids have opened. The questions stay as they are."):
        actions.change_form_question(
            question=opened.form_questions.first(), label="Late", by=sam, at=NOW()
        )


def test_the_planned_days_are_asked_once_each(sam):
    round = make_round(by=sam)
    when, *_others = actions.start_form(
        round=round,
        by=sam,
        at=NOW(),
        questions=[
            {"key": "when", "label": "When?", "kind": "starts"},
            {"key": "where", "label": "Where?", "kind": "short"},
        ],
    )
    said = "asks for that day already"
    with pytest.raises(Refused, match=said):
        actions.add_form_question(round=round, label="From?", kind="starts", by=sam, at=NOW())
    where = round.form_questions.get(key="where")
    with pytest.raises(Refused, match=said):
        actions.change_form_question(question=where, kind="starts", by=sam, at=NOW())
    actions.change_form_question(question=when, kind="starts", label="From?", by=sam, at=NOW())
    actions.add_form_question(round=round, label="To?", kind="ends", by=sam, at=NOW())
    with pytest.raises(IntegrityError), transaction.atomic():
        round.form_questions.filter(key="where").update(kind="ends")


def test_add_form_question_and_drop_form_question(sam):
    round = make_round(by=sam)
    actions.start_form(round=round, by=sam, at=NOW())
    made = actions.add_form_question(round=round, label="Need?", by=sam, at=NOW())
    assert (made.key, made.order) == ("need-2", 13)
    actions.drop_form_question(question=made, by=sam, at=NOW())
    assert round.form_questions.count() == 12
    assert verbs(round)[-2:] == ["form_question_added", "form_question_dropped"]


# ---- Sight -----------------------------------------------------------------------------------
def test_visible_to_each_reader(round, amina, rival, sam, joan, margaret, administrator, superuser):
    draft = make_draft_bid(round, amina)
    sent = make_sent_bid(round, amina)
    assert set(Application.objects.visible_to(amina)) == {draft, sent}
    assert set(Application.objects.visible_to(sam)) == {sent}
    for person in (rival, joan, margaret, administrator, superuser):
        assert not Application.objects.visible_to(person).exists()


def test_deadline_is_local_time(round):
    told = rules.published_deadline(round)
    assert timezone.localtime(told).strftime("%H:%M") == "17:00"
    assert isinstance(told, datetime)
    assert moment(timezone.localdate(told), 17, 0) == told
