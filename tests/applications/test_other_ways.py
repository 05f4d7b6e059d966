"""Bids in another language or by a link: who may, what is kept, and what stands beside it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role
from accounts.permissions import Refused
from accounts.versions import Stale
from applications import actions, content, redaction, reminders, rules, way_rules, ways
from applications.models import Application, BidVersion, FormQuestion, PlainWords
from applications.next_steps import next_steps
from commissioning.models import StageKind
from ledger import clock
from ledger.models import Entry
from panels.actions import note_pack_given, start_reading
from panels.rules.scoring import readings_of
from tests.factories.applications import (
    answer,
    day_boxes,
    fill,
    look_at_rules,
    make_draft_bid,
    make_open_round,
    make_sent_bid,
    send,
)
from tests.factories.commissioning import make_person
from tests.factories.panels import reading_round
from tests.factories.panels import send as send_scores
from tests.factories.unguarded import unguarded

NOW = timezone.now
VIDEO = "https://www.youtube.com/watch?v=abc123"


@pytest.fixture
def round(db):
    made = make_open_round()
    made.other_languages = made.video_links = True
    made.save()
    return made


@pytest.fixture
def draft(round, amina):
    return make_draft_bid(round, amina, title="Te am bedwar")


@pytest.fixture
def need(round):
    """The question whose answer is one of words, and is no summary."""
    rows = round.form_questions.filter(kind=FormQuestion.Kind.LONG, required=True)
    return rows.exclude(key=content.SUMMARY).first()


def say(bid, part=ways.ALL, *, language="", link="", by=None, before=None):
    actions.save_way(
        application=bid,
        way=ways.Way(part, language, link),
        before=before or ways.from_rows(bid.other_ways).get(part, ways.Way(part)),
        by=by or bid.made_by,
    )


def close_bidding(round, by) -> None:
    for stage in round.stages.all():
        if stage.kind == StageKind.OPEN:
            stage.closed_at, stage.closed_by = NOW(), by
        if stage.kind == StageKind.ELIGIBILITY:
            stage.opened_at, stage.opened_by = NOW(), by
        stage.save()


def sent(draft, by):
    """The bid sent, with bidding closed and the rules being checked."""
    fill(draft)
    send(draft)
    close_bidding(draft.round, by)
    return Application.objects.get(pk=draft.pk)


def put(bid, by, part=ways.ALL, text="Tea at four, every day.", who="Sam Okafor", seen=0):
    return actions.put_plainly(
        application=bid, part=part, text=text, who=who, seen=seen, by=by, at=NOW()
    )


# ---- Links -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "link", [VIDEO, "https://vimeo.com/1234", "https://files.example.org:443/talk.mp3", ""]
)
def test_a_plain_link_will_do(link):
    assert ways.trouble_with_link(link) == ""


@pytest.mark.parametrize(
    "link",
    [
        "http://vimeo.com/1234",
        "vimeo.com/1234",
        "javascript:alert(1)",
        "data:text/html,hello",
        "ftp://example.org/a",
        "https://",
        "https://localhost/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://youtube.com@evil.example/a",
        "https://me:word@example.org/a",
        "https://example.org:8443/a",
        "https://example.org/a b",
        'https://example.org/"><script>',
        "https://exämple.org/a",
        "https://[bad",
        "https://example.org/" + "a" * 500,
    ],
)
def test_any_other_link_is_refused_with_what_to_do(link):
    assert ways.trouble_with_link(link).endswith(".")


@given(st.text(max_size=60))
def test_no_text_breaks_the_check_of_a_link(text):
    assert isinstance(ways.trouble_with_link(text), str)
    assert isinstance(ways.place_of(text), str)


def test_a_link_says_where_it_leads():
    assert ways.Way("bid", link=VIDEO).leads_to == "youtube.com"
    assert ways.Way("bid", link="https://youtube.com.evil.example/").leads_to == (
        "youtube.com.evil.example"
    )


# ---- Saying so -------------------------------------------------------------------------------
def test_a_round_that_does_not_welcome_it_refuses(amina):
    bid = make_draft_bid(make_open_round(), amina)
    with pytest.raises(Refused, match="English and in writing"):
        say(bid, language="Welsh")
    bid.round.video_links = True
    bid.round.save()
    with pytest.raises(Refused, match="English only"):
        say(bid, language="Welsh")
    say(bid, link=VIDEO)
    assert Application.objects.get(pk=bid.pk).other_ways == [
        {"part": "bid", "language": "", "link": VIDEO}
    ]


def test_only_those_who_write_the_bid_may_say_so(draft, sam):
    with pytest.raises(Refused):
        say(draft, language="Welsh", by=sam)
    assert not Application.objects.get(pk=draft.pk).other_ways


def test_a_part_that_is_no_answer_in_words_is_refused(draft):
    days = draft.round.form_questions.filter(kind__in=FormQuestion.PLANNED).first()
    with pytest.raises(Refused):
        say(draft, ways.part_of(days.key), language="Welsh")


def test_taken_away_again_it_is_as_all_others(draft):
    say(draft, language="Welsh", link=VIDEO)
    say(draft)
    assert Application.objects.get(pk=draft.pk).other_ways == []


def test_two_colleagues_lose_nothing(draft):
    nothing = ways.Way(ways.ALL)
    say(draft, language="Welsh")
    with pytest.raises(Stale) as caught:
        say(draft, language="Urdu", before=nothing)
    assert caught.value.theirs["language"] == "Welsh"
    say(draft, language="Welsh", before=nothing)  # the same words twice are one save


def test_what_was_said_is_no_save_of_another_page(draft):
    before = Application.objects.get(pk=draft.pk).version
    say(draft, language="Welsh")
    assert Application.objects.get(pk=draft.pk).version == before


# ---- Sending ---------------------------------------------------------------------------------
def test_a_video_stands_for_an_answer(draft, need):
    fill(draft, skip=[need.key])
    bid = Application.objects.whole().get(pk=draft.pk)
    assert need.key in {gap.key for gap in rules.gaps(bid)}
    say(draft, ways.part_of(need.key), link=VIDEO)
    bid = Application.objects.whole().get(pk=draft.pk)
    assert not rules.gaps(bid)
    told = send(bid).newest_version.content
    row = next(row for row in told["answers"] if row["key"] == need.key)
    assert row["text"] == ways.said_in_link()
    assert told["other_ways"] == [{"part": ways.part_of(need.key), "language": "", "link": VIDEO}]


def test_a_video_of_the_whole_bid_does_not_stand_for_days_and_sums(draft):
    say(draft, link=VIDEO)
    bid = Application.objects.whole().get(pk=draft.pk)
    asked = {gap.key for gap in rules.gaps(bid) if gap.place == rules.Place.QUESTION}
    in_words = {row.key for row in bid.round.form_questions.all() if row.kind in row.IN_WORDS}
    assert not asked & in_words
    assert {gap.place for gap in rules.gaps(bid)} >= {rules.Place.BUDGET, rules.Place.DETAILS}


def test_a_language_alone_still_needs_an_answer(draft, need):
    say(draft, language="Welsh")
    fill(draft, skip=[need.key])
    bid = Application.objects.whole().get(pk=draft.pk)
    assert need.key in {gap.key for gap in rules.gaps(bid)}


def test_a_copy_of_a_bid_in_english_is_as_it_always_was(draft):
    fill(draft)
    told = send(draft).versions.get().content
    assert "other_ways" not in told
    assert ways.laid_out(told, ()) is told


def test_the_language_of_the_whole_bid_stands_at_each_answer(draft, need, sam):
    say(draft, language="Welsh")
    bid = sent(draft, sam)
    told = bid.newest_version.content
    parts = [row["part"] for row in told["other_ways"]]
    assert parts[0] == ways.ALL
    assert ways.part_of(need.key) in parts
    kinds = {row.key: row.kind for row in bid.round.form_questions.all()}
    keys = {part.removeprefix("answer:") for part in parts[1:]}
    assert {kinds[key] for key in keys} <= set(FormQuestion.IN_WORDS)
    assert not rules.changed_since_sent(Application.objects.whole().get(pk=bid.pk))


# ---- The plain-English words ---------------------------------------------------------------------
def test_a_bid_goes_on_only_with_its_words(draft, need, sam, priya):
    part = ways.part_of(need.key)
    say(draft, part, language="Welsh")
    bid = sent(draft, sam)

    def may(eligible):
        row = Application.objects.get(pk=bid.pk)
        return rules.may_settle(
            row,
            sam,
            eligible=eligible,
            rule=row.round.funder_rules.first(),
            reason="It is in York.",
            on=timezone.localdate(),
        )

    assert "plain English" in may(True).sentence
    assert may(False)
    put(bid, sam, part)
    look_at_rules(bid, sam)
    assert may(True)


def test_who_may_put_it_plainly(draft, sam, amina, joan):
    say(draft, link=VIDEO)
    fill(draft)
    send(draft)
    with pytest.raises(Refused, match="can still change"):
        put(draft, sam)
    close_bidding(draft.round, sam)
    for somebody in (amina, joan, make_person("A trustee", Role.BOARD)):
        with pytest.raises(Refused):
            put(draft, somebody)
    with pytest.raises(Refused, match="needs no other words"):
        put(draft, sam, "area")
    for missing in ({"text": "  "}, {"who": " "}):
        with pytest.raises(Refused):
            put(draft, sam, **missing)
    assert not PlainWords.objects.exists()


def test_the_words_are_entered_and_never_changed(draft, sam):
    say(draft, link=VIDEO)
    bid = sent(draft, sam)
    before = BidVersion.objects.get(application=bid).content
    made = put(bid, sam)
    entry = Entry.objects.get(verb="put_plainly")
    assert entry.data["words"] == made.pk
    assert made.text not in str(entry.data)
    assert BidVersion.objects.get(application=bid).content == before
    with pytest.raises(DatabaseError), transaction.atomic():
        PlainWords.objects.update(text="Better words")


def test_better_words_are_a_new_row_and_the_first_stay(draft, sam, priya):
    say(draft, link=VIDEO)
    bid = sent(draft, sam)
    first = put(bid, sam)
    assert put(bid, sam).pk == first.pk
    with pytest.raises(Stale) as caught:
        put(bid, sam, text="Tea at five.")
    assert caught.value.theirs == {"text": first.text, "who": first.who}
    second = put(bid, sam, text="Tea at five.", seen=first.pk)
    assert way_rules.newest_words(bid, ways.ALL) == second
    assert PlainWords.objects.count() == 2


def test_words_belong_to_what_they_were_made_from(draft, need, sam, amina):
    part = ways.part_of(need.key)
    say(draft, part, language="Welsh")
    bid = sent(draft, sam)
    put(bid, sam, part)
    told = bid.newest_version.content
    assert not ways.missing(told, bid.plain_words.all())
    other = {
        **told,
        "answers": [
            {**row, "text": "Rhywbeth arall."} if row["key"] == need.key else row
            for row in told["answers"]
        ],
    }
    assert [way.part for way in ways.missing(other, bid.plain_words.all())] == [part]
    row = next(r for r in ways.laid_out(other, bid.plain_words.all())["answers"] if r["told"])
    assert row["told"]["plain"] is None


# ---- What readers see ------------------------------------------------------------------------
def in_welsh(bid, key, link=VIDEO) -> str:
    """One answer of a bid that is being read, as if it had come in Welsh."""
    part = ways.part_of(key)
    version = bid.versions.get()
    given = {"part": part, "language": "Welsh", "link": link}
    with unguarded():
        BidVersion.objects.filter(pk=version.pk).update(
            content={**version.content, "other_ways": [given]}
        )
        Application.objects.filter(pk=bid.pk).update(other_ways=[given])
    return part


@pytest.fixture
def reading(joan, harold, priya, sam):
    return reading_round(joan, harold, priya, by=sam)


def first_of(reading, person):
    given = reading.assignments(person)[0]
    key = given.version.content["answers"][0]["key"]
    part = in_welsh(given.application, key)
    return given, part


def test_readers_see_both_and_who_wrote_which(reading, joan, sam, client):
    given, part = first_of(reading, joan)
    words = "Tea at four. Ring 07700 900123."
    put(given.application, sam, part, text=words, who="Sam Okafor, with an interpreter")
    reading_now = next(
        row for row in readings_of(joan, reading.round) if row.assignment.pk == given.pk
    )
    row = next(row for row in reading_now.content["answers"] if row["told"])
    assert row["text"] == given.version.content["answers"][0]["text"]
    assert "07700" not in row["told"]["plain"]["text"]
    assert row["told"]["link"] == VIDEO
    client.force_login(joan)
    actions_url = reverse("start_reading", args=[given.pk])
    client.post(actions_url)
    page = client.get(reverse("read_bid", args=[given.pk])).content.decode()
    assert "Tea at four." in page
    assert "07700" not in page
    assert "Sam Okafor, with an interpreter" in page
    assert "Watch or listen at youtube.com" in page
    assert 'rel="noreferrer external"' in page
    assert 'lang="cy"' in page
    assert "<iframe" not in page
    assert "<video" not in page


def test_the_pack_on_paper_has_the_words_and_the_whole_link(reading, joan, sam, client):
    given, part = first_of(reading, joan)
    put(given.application, sam, part)
    client.force_login(sam)
    member = reading.member(joan)
    page = client.get(reverse("reading_pack", args=[member.pk])).content.decode()
    assert "Tea at four, every day." in page
    assert VIDEO.replace("&", "&amp;") in page
    assert "Written by" in page


def test_packs_ask_no_more_for_many_bids_in_other_languages(reading, joan, sam, client):
    client.force_login(sam)
    url = reverse("reading_pack", args=[reading.member(joan).pk])
    client.get(url)
    with CaptureQueriesContext(connection) as plain:
        client.get(url)
    for row in reading.assignments(joan):
        in_welsh(row.application, row.version.content["answers"][0]["key"])
    with CaptureQueriesContext(connection) as welsh:
        client.get(url)
    assert len(welsh) <= len(plain) + 1


def test_words_stay_once_a_volunteer_has_opened_the_bid(reading, joan, sam, client):
    given, part = first_of(reading, joan)
    first = put(given.application, sam, part, text="Tea at four.")
    start_reading(assignment=given, by=joan, at=NOW())

    def told():
        rows = readings_of(joan, reading.round)
        content = next(row for row in rows if row.assignment.pk == given.pk).content
        return [row["told"]["plain"]["text"] for row in content["answers"] if row["told"]]

    bid = Application.objects.get(pk=given.application_id)
    with pytest.raises(Refused, match="They stay as they are"):
        put(bid, sam, part, text="A splendid tea.", seen=first.pk)
    assert told() == ["Tea at four."]
    client.force_login(sam)
    url = reverse("plain_words", args=[reading.round.slug, bid.pk, part])
    assert client.get(url).status_code == 403
    said = {"text": "A splendid tea.", "who": "Sam", "seen": first.pk}
    answered = client.post(url, said)
    assert answered.status_code == 403
    page = answered.content.decode()
    assert "A splendid tea." in page, "nothing typed is lost"
    assert "Tell the whole panel when it meets" in page


def test_words_stay_once_a_volunteer_has_the_bid_on_paper(reading, joan, sam):
    given, part = first_of(reading, joan)
    first = put(given.application, sam, part)
    bid = Application.objects.get(pk=given.application_id)
    assert way_rules.may_put_plainly(bid, sam, part)
    note_pack_given(member=reading.member(joan), posted=True, by=sam, at=NOW())
    with pytest.raises(Refused, match="They stay as they are"):
        put(bid, sam, part, text="Tea at five.", seen=first.pk)


def test_words_stay_once_readers_have_scored_with_them(reading, joan, sam):
    given, part = first_of(reading, joan)
    first = put(given.application, sam, part)
    send_scores(reading, given)
    bid = Application.objects.get(pk=given.application_id)
    with pytest.raises(Refused, match="They stay"):
        put(bid, sam, part, text="Tea at five.", seen=first.pk)


def test_missing_words_can_come_late(reading, joan, sam):
    given, part = first_of(reading, joan)
    send_scores(reading, given)
    assert put(Application.objects.get(pk=given.application_id), sam, part)


def test_redaction_hides_in_the_words_and_leaves_the_link():
    told = {"language": "Welsh", "code": "cy", "link": VIDEO, "leads_to": "youtube.com"}
    plain = {"text": "Write to tea@example.org.", "who": "Sam"}
    bid = {"answers": [{"text": "Te", "told": {**told, "plain": plain}}], "summary_told": None}
    seen = redaction.for_readers(bid)["answers"][0]["told"]
    assert "example.org" not in seen["plain"]["text"]
    assert seen["link"] == VIDEO
    assert plain["text"] == "Write to tea@example.org."


# ---- Pages -----------------------------------------------------------------------------------
def test_an_applicant_says_so_on_the_pages(draft, need, amina, client):
    client.force_login(amina)
    page = client.get(reverse("application_detail", args=[draft.pk])).content.decode()
    assert reverse("other_ways", args=[draft.pk]) in page
    question = client.get(reverse("answer_question", args=[draft.pk, need.key])).content.decode()
    part = ways.part_of(need.key)
    assert reverse("other_way", args=[draft.pk, part]) in question
    url = reverse("other_way", args=[draft.pk, part])
    hidden = {"was_language": "", "was_link": ""}
    nothing = client.post(url, {"language": "", "link": "", **hidden}, follow=True)
    assert "You typed nothing, so nothing is saved." in nothing.content.decode()
    assert "Done." not in nothing.content.decode()
    assert "Nothing here yet" in nothing.content.decode()
    bad = client.post(url, {"language": "Welsh", "link": "http://a.example/", **hidden})
    assert bad.status_code == 422
    assert "begins with https://" in bad.content.decode()
    assert 'value="Welsh"' in bad.content.decode()
    assert client.post(url, {"language": "Welsh", "link": VIDEO, **hidden}).status_code == 302
    assert (
        "In Welsh, at youtube.com."
        in client.get(reverse("other_ways", args=[draft.pk])).content.decode()
    )
    stale = client.post(url, {"language": "Urdu", "link": VIDEO, **hidden})
    assert stale.status_code == 409
    text = stale.content.decode()
    assert 'value="Urdu"' in text
    assert "<blockquote data-user-text>Welsh</blockquote>" in text
    kept = {"was_language": "Welsh", "was_link": VIDEO}
    assert client.post(url, {"language": "Urdu", "link": VIDEO, **kept}).status_code == 302
    fill(draft)
    check = client.get(reverse("check_application", args=[draft.pk])).content.decode()
    assert "In Urdu, at youtube.com." in check
    preview = client.get(reverse("preview_application", args=[draft.pk])).content.decode()
    assert "In Urdu." in preview
    assert "not here yet" in preview
    client.post(reverse("check_application", args=[draft.pk]), {"declared": "on"})
    receipt = client.get(reverse("application_sent", args=[draft.pk])).content.decode()
    assert "In Urdu, at youtube.com." in receipt


def test_change_on_the_check_page_leads_back_there(draft, need, amina, client):
    client.force_login(amina)
    part = ways.part_of(need.key)
    url = reverse("other_way", args=[draft.pk, part]) + "?check=1"
    all_ways = reverse("other_ways", args=[draft.pk]) + "?check=1"
    check = reverse("check_application", args=[draft.pk])
    given = {"language": "Welsh", "link": "", "was_language": "", "was_link": ""}
    saved = client.post(url, given)
    assert saved.headers["Location"] == check
    assert f'href="{all_ways}"' in client.get(check).content.decode()
    page = client.get(all_ways).content.decode()
    assert f'href="{check}"' in page
    assert f'href="{url}"' in page
    assert f'href="{all_ways}"' in client.get(url).content.decode()
    question = reverse("answer_question", args=[draft.pk, need.key]) + "?check=1"
    assert f'href="{url}"' in client.get(question).content.decode()


def test_no_page_where_it_is_not_welcome(amina, client):
    bid = make_draft_bid(make_open_round(), amina)
    client.force_login(amina)
    assert client.get(reverse("other_ways", args=[bid.pk])).status_code == 403
    page = client.get(reverse("application_detail", args=[bid.pk])).content.decode()
    assert reverse("other_ways", args=[bid.pk]) not in page


def test_staff_put_it_plainly_on_the_pages(draft, need, sam, amina, client):
    part = ways.part_of(need.key)
    say(draft, part, language="Welsh")
    answer(draft, need.key, "Mae angen lle cynnes.")
    bid = sent(draft, sam)
    slug = bid.round.slug
    client.force_login(sam)
    listed = client.get(reverse("plain_words_list", args=[slug])).content.decode()
    assert "1 part still needs words." in listed
    assert (
        "This bid can go on once these words are here."
        in client.get(reverse("bid_detail", args=[slug, bid.pk])).content.decode()
    )
    settle = reverse("settle_eligibility", args=[slug, bid.pk])
    refused = client.post(settle, {"eligible": "yes", "reason": "It fits."})
    assert refused.status_code == 422
    assert "It fits." in refused.content.decode()
    url = reverse("plain_words", args=[slug, bid.pk, part])
    assert "Mae angen lle cynnes." in client.get(url).content.decode()
    said = {"text": "A warm place is needed.", "who": "Sam Okafor", "seen": "0"}
    assert client.post(url, {**said, "who": ""}).status_code == 422
    assert client.post(url, said).status_code == 302
    stale = client.post(url, {**said, "text": "We need warmth."})
    assert stale.status_code == 409
    assert "We need warmth." in stale.content.decode()
    assert "A warm place is needed." in stale.content.decode()
    assert (
        "All the words are here."
        in client.get(reverse("plain_words_list", args=[slug])).content.decode()
    )
    look_at_rules(bid, sam)
    assert client.post(settle, {"eligible": "yes", "reason": ""}).status_code == 302
    client.force_login(amina)
    mine = client.get(reverse("application_sent", args=[bid.pk])).content.decode()
    assert "A warm place is needed." in mine
    assert "Not by the group." in mine


def test_words_wait_on_the_start_page_and_the_group_is_told_once_they_are_there(
    draft, need, sam, amina
):
    part = ways.part_of(need.key)
    say(draft, part, language="Welsh")
    answer(draft, need.key, "Mae angen lle cynnes.")
    bid = sent(draft, sam)

    def asked():
        return [step.sentence for step in next_steps(sam, on=clock.today())]

    waits = "Put 1 bid into plain English, or ask somebody who can."
    assert waits in asked()
    words = put(bid, sam, part)
    assert waits not in asked()
    put_on = timezone.localdate(words.put_at)
    told = [list(reminders.owed(on=put_on + timedelta(days=days))) for days in (0, 1, 2)]
    assert [[row.name for row in rows] for rows in told] == [
        [],
        ["plain_words_put"],
        ["plain_words_put"],
    ]
    assert told[1][0].person == amina
    assert told[1][0].key == told[2][0].key, "so it goes once"


def test_a_paper_bid_says_its_language(round, sam, client):
    client.force_login(sam)
    lot = round.lots.first()
    said = {"organisation": "Y Te", "title": "Te", "lot": lot.pk, "language": "Welsh"}
    said |= day_boxes("received_on", timezone.localdate())
    lines = {"lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"}
    key = round.form_questions.filter(kind=FormQuestion.Kind.LONG).first().key
    made = client.post(
        reverse("type_bid", args=[round.slug]), {**said, **lines, f"answer_{key}": "Lle cynnes."}
    )
    assert made.status_code == 302
    bid = Application.objects.get(title="Te")
    assert bid.other_ways == [{"part": "bid", "language": "Welsh", "link": ""}]
    assert [way.part for way in ways.to_put_plainly(bid.newest_version.content)] == [
        ways.part_of(key)
    ]


def test_the_public_page_says_what_is_welcome(round, client):
    page = client.get(reverse("round_public", args=[round.slug])).content.decode()
    assert "You can write in your own language." in page
    assert "link to a video" in page


def test_the_list_grows_by_rows_and_not_by_questions_to_the_database(round, sam, client):
    client.force_login(sam)
    url = reverse("plain_words_list", args=[round.slug])

    def one_more():
        bid = make_draft_bid(round)
        say(bid, language="Welsh")
        fill(bid)
        send(bid)

    one_more()
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(3):
        one_more()
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)


def test_words_of_a_bid_in_english_are_asked_for_by_nobody(round, sam):
    bid = make_sent_bid(round)
    assert way_rules.to_put_plainly(Application.objects.get(pk=bid.pk)) == []
