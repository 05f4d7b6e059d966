"""What people of the example do for each other: times together, buddies, costs, looking back."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

import support.actions
from accounts.models import Person
from commissioning.models import Member, Round
from decisions.example.words import read
from panels.taken_part import facts_of
from support.before_after import questions

SAYS_BOTH = 6
"""One of so many says nothing before, or nothing after: answering is a free choice."""

CHANGES = ((1, 0, 1, -1), (1, 1, 0, 1), (0, 1, 0, 1))
"""How much surer people feel afterwards, question by question."""


class Company:
    """The life around the round, told stage by stage. Nothing in it is drawn by chance."""

    def __init__(
        self,
        round: Round,
        members: dict[str, Member],
        people: dict[str, Person],
        at: Callable[..., datetime],
    ) -> None:
        self.round = round
        self.members = members
        self.people = people
        self.at = at
        self.words = read("company")

    def live(self, stage: str, day: date, *, unfinished: bool) -> None:
        """What happens in this stage besides the work itself."""
        if stage == "join":
            self._look("before", self.at(day + timedelta(days=2), 19))
        if stage == "training":
            self._find_buddies(self.at(day, 12))
        self._come_together(stage, day, unfinished=unfinished)
        self._spend(stage, day)
        if stage == "letters":
            self._look("after", self.at(day, 19))
        if stage == "report":
            self._look_back(self.at(day, 20))

    # ---- Together ---------------------------------------------------------------------------

    def _come_together(self, stage: str, day: date, *, unfinished: bool) -> None:
        for row in self.words["together"]:
            if row["stage"] != stage:
                continue
            told = self.at(day, 9, 30)
            starts = timezone.make_aware(
                datetime.combine(day + timedelta(days=row["days"]), told.time().replace(hour=13))
            )
            made = support.actions.arrange_gathering(
                round=self.round,
                kind=row["kind"],
                starts_at=starts,
                place=row["place"],
                notes=row["notes"],
                by=self.people["ruth"],
                at=told,
            )
            here = list(self._here(row["come"]))
            for member, by in here:
                needs = row["needs"].get(self._slug(member), "")
                support.actions.reply_to_gathering(
                    gathering=made, member=member, coming=True, needs=needs, by=by, at=told
                )
            over = starts + timedelta(hours=3)
            if here and over <= self.at(day + timedelta(days=row["days"]), 23):
                support.actions.note_who_came(
                    gathering=made,
                    members=[member for member, _by in here],
                    by=self.people["ruth"],
                    at=over,
                )

    def _find_buddies(self, at: datetime) -> None:
        for row in self.words["buddies"]:
            pair = list(self._here([row["asks"], row["asked"]]))
            if len(pair) < 2:
                continue
            (asker, by), (asked, answers) = pair
            made = support.actions.ask_buddy(asker=asker, asked=asked, by=by, at=at)
            if row["agrees"]:
                support.actions.accept_buddy(
                    buddies=made, by=answers, at=at + timedelta(minutes=50)
                )

    def _spend(self, stage: str, day: date) -> None:
        for row in self.words["spent"]:
            if row["stage"] != stage:
                continue
            for member, by in self._here([row["person"]]):
                at = self.at(day + timedelta(days=1), 18)
                made = support.actions.claim_expense(
                    member=member,
                    kind=row["kind"],
                    what=row["what"],
                    amount=Decimal(row["amount"]),
                    spent_on=timezone.localdate(at),
                    by=by,
                    at=at,
                )
                if row["paid"]:
                    support.actions.pay_expense(
                        expense=made,
                        by=self.people["catrin"],
                        at=self.at(day + timedelta(days=2), 9),
                    )

    # ---- Before and after -------------------------------------------------------------------

    def _look(self, when: str, at: datetime) -> None:
        """Most say how sure they feel. Afterwards most feel surer, some the same, a few less."""
        quotes = {row["person"]: row["words"] for row in self.words["quotes"]}
        slugs = [row["slug"] for row in questions()["questions"]]
        for number, (member, by) in enumerate(self._here(self.members)):
            if number % SAYS_BOTH == (3 if when == "before" else 4):
                continue
            answers = {}
            for place, slug in enumerate(slugs):
                sure = 2 + (number + place) % 3
                change = CHANGES[place % 3][(number + place) % 4]
                answers[slug] = sure if when == "before" else max(1, min(5, sure + change))
            words = quotes.get(self._slug(member), "") if when == "after" else ""
            support.actions.say_look(
                member=member,
                when=when,
                answers=answers,
                words=words,
                may_quote=bool(words),
                by=by,
                at=at,
            )

    def _look_back(self, at: datetime) -> None:
        for row in self.words["learned"]:
            person = self.people.get(row["person"])
            if person:
                support.actions.write_lesson(
                    round=self.round,
                    stage=row["about"],
                    text=row["words"],
                    by=person,
                    at=at,
                )
        letter = self.words["letter"]
        for member, _by in self._here([letter["person"]]):
            support.actions.write_reference(
                member=member,
                text=letter["words"],
                facts=facts_of(member),
                by=self.people[letter["by"]],
                at=at,
            )
        support.actions.count_looks(round=self.round, by=self.people["ruth"], at=at)

    # ---- Who --------------------------------------------------------------------------------

    def _here(self, slugs: Any) -> Iterator[tuple[Member, Person]]:
        """Those of them who take part now, each with who writes it down: they, or Ruth."""
        asked = [self.members[slug].pk for slug in slugs if slug in self.members]
        rows = Member.objects.here().filter(pk__in=asked, confirmed_at__isnull=False)
        found = {row.pk: row for row in rows.select_related("person", "round__chain")}
        for pk in asked:
            if pk in found:
                writes = bool(found[pk].person.sign_in_email)
                yield found[pk], found[pk].person if writes else self.people["ruth"]

    def _slug(self, member: Member) -> str:
        return next(slug for slug, row in self.members.items() if row.pk == member.pk)
