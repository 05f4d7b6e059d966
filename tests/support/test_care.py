"""Looking after people: worries, an agreement signed, helpers, expenses, a private log."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Role
from accounts.permissions import Refused
from commissioning.models import Member, Round
from ledger.models import Entry, Letter
from support import actions
from support.conduct_words import mark
from support.models import Conduct, Expense, Helper, SupportNote, Worry
from tests.factories.commissioning import join, make_person, make_round

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SECRET = "He said he has not eaten since Tuesday."


@pytest.fixture
def round(sam: Person, joan: Person, harold: Person) -> Round:
    made: Round = make_round(by=sam)
    join(made, joan, harold, by=sam)
    return made


@pytest.fixture
def member(round: Round, joan: Person) -> Member:
    return Member.objects.get(round=round, person=joan)


@pytest.fixture
def lead(db: None) -> Person:
    found: Person = make_person("Grace Lead", Role.SAFEGUARDING)
    return found


# ---- Worries ------------------------------------------------------------------------------------
def test_report_worry_reaches_the_lead_alone(
    client: Client, lead: Person, joan: Person, sam: Person, administrator: Person
) -> None:
    client.force_login(joan)
    url = reverse("report_worry")
    assert client.post(url, {}).status_code == 422
    entries = Entry.objects.count()
    client.post(url, {"about": "Mr Nowhere", "text": SECRET})
    worry = Worry.objects.get()
    assert Entry.objects.count() == entries, "a worry stands outside the trail"
    letter = Letter.objects.get(kind="worry_told")
    assert letter.to == lead and letter.when == Letter.When.ANSWER
    assert SECRET not in letter.body_text and "Nowhere" not in letter.body_text
    assert "Joan" not in letter.body_text
    for person in (joan, sam, administrator):
        client.force_login(person)
        assert client.get(reverse("worry_list")).status_code == 404
        assert client.get(reverse("hear_worry", args=[worry.pk])).status_code == 404
    client.force_login(lead)
    assert "Told on" in client.get(reverse("worry_list")).content.decode()
    hear = reverse("hear_worry", args=[worry.pk])
    assert SECRET in client.get(hear).content.decode()
    assert client.post(hear, {"done": " "}).status_code == 422
    client.post(hear, {"done": "I rang him, and his daughter came."})
    worry.refresh_from_db()
    assert worry.heard_by == lead
    assert Entry.objects.count() == entries


def test_the_help_line_of_every_page_leads_to_it(client: Client, joan: Person) -> None:
    for person in (None, joan):
        if person:
            client.force_login(person)
        assert reverse("report_worry") in client.get(reverse("home")).content.decode()
    assert "Ring 999" in client.get(reverse("report_worry")).content.decode()


def test_a_worry_that_nobody_would_read_is_not_taken(client: Client, joan: Person) -> None:
    client.force_login(joan)
    url = reverse("report_worry")
    assert "Please ring instead" in client.get(url).content.decode()
    assert client.post(url, {"about": "A", "text": "B"}).status_code == 404
    with pytest.raises(Refused, match="ring us"):
        actions.tell_worry(about="A", text="B", by=joan, at=timezone.now())
    client.logout()
    assert client.post(url, {"about": "A", "text": "B"}).status_code == 404


# ---- The agreement ------------------------------------------------------------------------------
def test_sign_conduct_and_take_back_consent(client: Client, round: Round, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(experience=["carer"], may_be_named=True)
    client.force_login(member.person)
    url = reverse("sign_conduct", args=[round.slug])
    assert (
        "You have not signed it yet"
        in client.get(reverse("my_care", args=[round.slug])).content.decode()
    )
    assert client.post(url, {}).status_code == 422
    client.post(url, {"sure": "on"})
    signed = Conduct.objects.get()
    assert (signed.person, signed.wording, signed.on_paper) == (member.person, mark(), False)
    assert "You signed this on" in client.get(url).content.decode()
    back = reverse("take_back_consent", args=[round.slug])
    assert client.post(back, {}).status_code == 422
    client.post(back, {"sure": "on"})
    signed.refresh_from_db()
    member.refresh_from_db()
    assert signed.taken_back_by == member.person
    assert (member.experience, member.may_be_named, member.ended_at) == ([], False, None)
    client.post(url, {"sure": "on"})
    assert Conduct.objects.filter(taken_back_at=None).count() == 1, "signing again is as easy"


def test_conduct_paper_and_note_signed_paper(
    client: Client, round: Round, member: Member, sam: Person
) -> None:
    client.force_login(sam)
    assert "Signed:" in client.get(reverse("conduct_paper", args=[round.slug])).content.decode()
    client.post(reverse("note_signed_paper", args=[round.slug, member.pk]))
    signed = Conduct.objects.get()
    assert (signed.signed_by, signed.on_paper) == (sam, True)
    with pytest.raises(Refused, match="sign for themselves"):
        actions.sign_conduct(
            round=round,
            person=Member.objects.exclude(pk=member.pk).get().person,
            by=sam,
            at=timezone.now(),
        )


# ---- Helpers ------------------------------------------------------------------------------------
def test_name_helper_then_helping_list_then_end_helper(
    client: Client, round: Round, member: Member, sam: Person, harold: Person
) -> None:
    """A supporter signs and declares, and reaches no page of the panel's work."""
    aled = make_person("Aled Ibbotson", Role.SUPPORTER)
    client.force_login(sam)
    url = reverse("name_helper", args=[round.slug, member.pk])
    assert client.post(url, {}).status_code == 422
    client.post(url, {"supporter": aled.pk})
    helper = Helper.objects.get()
    assert {letter.to for letter in Letter.objects.filter(kind="helper_named")} == {
        aled,
        member.person,
    }
    client.force_login(aled)
    assert "Joan Ibbotson" in client.get(reverse("helping_list")).content.decode()
    client.post(reverse("sign_conduct", args=[round.slug]), {"sure": "on"})
    client.post(reverse("say_whom_i_know", args=[helper.pk]), {"knows": "Armley Choir"})
    assert client.get(reverse("my_bids")).status_code == 404
    client.force_login(sam)
    care = client.get(reverse("member_care", args=[round.slug, member.pk])).content.decode()
    assert "Armley Choir" in care
    end = reverse("end_helper", args=[helper.pk])
    client.force_login(harold)
    assert client.post(end).status_code == 404
    client.force_login(member.person)
    client.post(end)
    helper.refresh_from_db()
    assert helper.ended_by == member.person
    client.force_login(aled)
    assert client.get(reverse("sign_conduct", args=[round.slug])).status_code == 404


def test_a_volunteer_of_the_round_is_no_helper_in_it(member: Member, sam: Person) -> None:
    harold = Member.objects.exclude(pk=member.pk).get().person
    with pytest.raises(Refused, match="as a supporter first"):
        actions.name_helper(member=member, supporter=harold, by=sam, at=timezone.now())


# ---- Expenses -----------------------------------------------------------------------------------
def spent(**more: Any) -> dict[str, Any]:
    day = timezone.localdate() - timedelta(days=1)
    return {
        "kind": "travel",
        "what": "Bus to the meeting",
        "amount": "4.60",
        "spent_on_0": day.day,
        "spent_on_1": day.month,
        "spent_on_2": day.year,
        **more,
    }


def test_claim_expense_with_a_receipt_file_then_settle_expense(
    client: Client, round: Round, member: Member, sam: Person, harold: Person
) -> None:
    client.force_login(member.person)
    url = reverse("claim_expense", args=[round.slug])
    assert client.post(url, {}).status_code == 422
    bad = SimpleUploadedFile("ticket.pdf", b"MZ this is a program")
    assert client.post(url, spent(receipt=bad)).status_code == 422
    assert client.post(url, spent(amount="5000")).status_code == 422
    assert client.post(url, spent(spent_on_2=2099)).status_code == 422
    assert not Expense.objects.exists()
    client.post(url, spent())
    claim = Expense.objects.get()
    assert (claim.amount, claim.claimed_by) == (Decimal("4.60"), member.person)
    assert client.get(reverse("receipt_file", args=[claim.pk])).status_code == 404, "there is none"
    settle = reverse("settle_expense", args=[claim.pk])
    assert client.get(settle).status_code == 404, "she does not answer her own"
    client.force_login(sam)
    assert (
        "Bus to the meeting"
        in client.get(reverse("expense_list", args=[round.slug])).content.decode()
    )
    assert client.post(settle, {"answer": "no"}).status_code == 422
    client.post(settle, {"answer": "paid"})
    assert Letter.objects.get(kind="expense_paid").to == member.person
    assert client.post(settle, {"answer": "paid"}).status_code == 403
    client.force_login(harold)
    assert "Bus" not in client.get(reverse("my_care", args=[round.slug])).content.decode()


def test_a_receipt_is_for_its_claimer_and_who_pays(
    client: Client, member: Member, sam: Person, harold: Person
) -> None:
    claim = actions.claim_expense(
        member=member,
        kind="food",
        what="Soup",
        amount=Decimal(3),
        spent_on=timezone.localdate(),
        by=member.person,
        at=timezone.now(),
        receipt=SimpleUploadedFile("soup.pdf", PDF),
    )
    try:
        url = reverse("receipt_file", args=[claim.pk])
        for person, status in ((member.person, 200), (sam, 200), (harold, 404)):
            client.force_login(person)
            answer = client.get(url)
            assert answer.status_code == status
            if status == 200:
                assert answer.getvalue() == PDF  # type: ignore[attr-defined]
                assert "attachment" in answer.headers["Content-Disposition"]
    finally:
        claim.receipt.delete(save=False)


def test_type_expense_names_who_typed_and_refusing_says_why(
    client: Client, round: Round, member: Member, sam: Person
) -> None:
    client.force_login(sam)
    url = reverse("type_expense", args=[round.slug])
    assert client.post(url, spent()).status_code == 422
    client.post(url, spent(member=member.pk))
    claim = Expense.objects.get()
    assert (claim.member, claim.claimed_by) == (member, sam)
    why = "This was paid by the hall already."
    client.post(reverse("settle_expense", args=[claim.pk]), {"answer": "no", "why": why})
    assert why in Letter.objects.get(kind="expense_refused").body_text


def test_no_column_holds_a_bank_account() -> None:
    names = {field.name for field in Expense._meta.get_fields()}
    assert not [name for name in names if "bank" in name or "account" in name or "iban" in name]


# ---- The private log ----------------------------------------------------------------------------
def test_member_care_is_private_and_outside_the_trail(
    client: Client, round: Round, member: Member, sam: Person
) -> None:
    client.force_login(sam)
    url = reverse("member_care", args=[round.slug, member.pk])
    before = (Entry.objects.count(), Letter.objects.count())
    assert client.post(url, {"text": " "}).status_code == 422
    client.post(url, {"text": "Her knee hurts. A chair with arms helps."})
    assert (Entry.objects.count(), Letter.objects.count()) == before
    assert "chair with arms" in client.get(url).content.decode()
    assert SupportNote.objects.get().noted_by == sam
    client.force_login(member.person)
    assert client.get(url).status_code == 404
