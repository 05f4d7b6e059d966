"""Writing a letter to a person: their channel, our templates, the ledger's queue.

A letter called NAME is three files in `templates/letters/NAME/`: subject.txt, body.txt, body.html
(the last may be missing; then only plain words are sent). Each has its scene in `tests/letters/`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.template import Context, engines
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from accounts.models import Person, PersonQuerySet, Role
from accounts.permissions import Permission, holds
from ledger.actions import Address, Draft, Words, write_letter, write_letters
from ledger.models import Chain, Channel, Letter, Sending, SendingQuerySet

# The letters somebody may do without, by email: they find these on their letters page only.
# Everything else tells of something new, or answers what the reader did, and always comes.
CAN_BE_FEWER = frozenset({"bid_changed", "bid_unsent", "encouragement", "tasks_due"})
_SALT = "fewer letters"
ABOUT_COMPLAINTS = frozenset({"complaint_received", "complaint_taken", "complaint_answered"})
"""To whoever complained: staff, whom it may be about, do not see that there is one."""
RESTRICTED = (Role.SAFEGUARDING, Role.COMPLAINTS)


def address_of(person: Person) -> Address:
    """Where this person asked to be written to. Without an email, the post; else the phone."""
    email = person.contact_email or person.sign_in_email or ""
    lines = {
        Channel.EMAIL: email,
        Channel.POST: person.postal_address,
        Channel.PHONE: person.phone,
    }
    wished = Channel(person.channel)
    for channel in (wished, Channel.EMAIL, Channel.POST, Channel.PHONE):
        if lines[channel]:
            return Address(person.name, channel, lines[channel], person)
    return Address(person.name, wished, "", person)


def letter_facts() -> dict[str, Any]:
    """What every letter and email may say: the site's address, and the programme (or None).

    The programme lives in an app above this one, so a setting names the function that finds it.
    """
    find = import_string(settings.PROGRAMME)
    return {"site": settings.BASE_URL, "programme": SimpleLazyObject(find)}


def render_words(name: str, context: Mapping[str, Any]) -> Words:
    """A letter's words from its three files, which also know `letter_facts`."""
    facts = {**letter_facts(), **context}
    folder = f"letters/{name}"
    try:
        html = str(render_to_string(f"{folder}/body.html", facts))
    except TemplateDoesNotExist:
        html = ""
    return Words(
        subject=_plain(f"{folder}/subject.txt", facts),
        text=_plain(f"{folder}/body.txt", facts) + "\n",
        html=html,
    )


def _plain(name: str, facts: dict[str, Any]) -> str:
    """Plain words: an apostrophe in a name stays one."""
    template = engines["django"].engine.get_template(name)  # type: ignore[attr-defined]  # Django's own
    return str(template.render(Context(facts, autoescape=False))).strip()


def write_to(
    person: Person,
    name: str,
    *,
    key: str,
    by: Person,
    at: datetime,
    context: Mapping[str, Any],
    chain: Chain | None = None,
    when: Letter.When = Letter.When.NOTICE,
    on_doubt: Letter.OnDoubt = Letter.OnDoubt.RESEND,
    not_before: datetime | None = None,
) -> Letter:
    """Render the letter NAME for a person and queue it; the same key makes one letter."""
    draft = _draft(person, name, key, context)
    return write_letter(
        key=key,
        kind=name,
        to=draft.to,
        words=draft.words,
        by=by,
        at=at,
        chain=chain,
        when=when,
        on_doubt=on_doubt,
        not_before=not_before,
        inbox_only=draft.inbox_only,
    )


def _draft(person: Person, name: str, key: str, context: Mapping[str, Any]) -> Draft:
    """The letter NAME rendered for a person."""
    to = address_of(person)
    optional = name in CAN_BE_FEWER and to.channel == Channel.EMAIL
    fewer_url = fewer_address(person) if optional else ""
    return Draft(
        key=key,
        to=to,
        words=render_words(
            name,
            {
                "person": person,
                "fewer_url": fewer_url,
                "by_post": to.channel == Channel.POST,
                **context,
            },
        ),
        # Only somebody who signs in has a letters page to find it on.
        inbox_only=optional and person.fewer_letters and bool(person.sign_in_email),
    )


def fewer_address(person: Person) -> str:
    """The page where this person may ask for fewer letters without signing in."""
    token = signing.Signer(salt=_SALT).sign(str(person.pk))
    return f"{settings.BASE_URL}{reverse('ask_for_fewer_letters', args=[token])}"


def whose_token(token: str) -> Person | None:
    """The person such an address was made for; None when it was not made by us."""
    try:
        pk = signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
    return Person.objects.get_queryset().filter(pk=pk).first()


def restricted_readers() -> PersonQuerySet:
    """People who are written to about worries and complaints: those letters are theirs alone."""
    return Person.objects.get_queryset().filter(roles__role__in=RESTRICTED, roles__ended_at=None)


def sendings_seen_by(seer: Person) -> SendingQuerySet:
    """Letters out whose envelope this member of staff may see."""
    sendings = Sending.objects.select_related("letter", "letter__to", "letter__chain")
    if holds(seer, Permission.KEEP_SITE):
        return sendings
    return sendings.exclude(letter__to__in=restricted_readers()).exclude(
        letter__kind__in=ABOUT_COMPLAINTS
    )


def headers_of(letter: Letter) -> dict[str, str]:
    """What mail programs are told: a way to get fewer letters, on those that can be left out."""
    if letter.kind not in CAN_BE_FEWER or letter.to is None:
        return {}
    return {"List-Unsubscribe": f"<{fewer_address(letter.to)}>"}


def write_each(
    letters: Iterable[tuple[str, Person, Mapping[str, Any]]],
    name: str,
    *,
    by: Person,
    at: datetime,
    chain: Chain | None = None,
    when: Letter.When = Letter.When.NOTICE,
    not_before: datetime | None = None,
) -> int:
    """Render the letter NAME for each of many people and queue them all.

    Each comes with its key and what it tells. Gives how many letters are new.
    """
    facts = letter_facts()  # found once for all of them
    drafts = (_draft(person, name, key, {**facts, **more}) for key, person, more in letters)
    return write_letters(
        drafts, kind=name, by=by, at=at, chain=chain, when=when, not_before=not_before
    )


def write_to_all(
    people: Iterable[tuple[str, Person]],
    name: str,
    *,
    by: Person,
    at: datetime,
    context: Mapping[str, Any],
    chain: Chain | None = None,
    when: Letter.When = Letter.When.NOTICE,
    not_before: datetime | None = None,
) -> int:
    """Tell many people, each given with their letter's key, the same: see `write_each`."""
    letters = ((key, person, context) for key, person in people)
    return write_each(letters, name, by=by, at=at, chain=chain, when=when, not_before=not_before)
