"""Plays the example round up to a stage, through the same actions as the pages, guards on.

Dates are relative to today: the round is laid out so that the wanted stage opened a few days ago.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.utils import timezone

import applications.actions
import applications.reminders
import applications.rules
import commissioning.actions
import decisions.actions
import decisions.rules
import panels.actions
import support.actions
from accounts.letters import write_to
from accounts.models import Person, Role, RoleHolding
from applications.content import Line
from applications.models import Application, Eligibility, FormQuestion
from commissioning import pace, timetable
from commissioning.models import (
    Agreement,
    Choice,
    Criterion,
    Lot,
    Member,
    Programme,
    Round,
    Stage,
    Suggestion,
)
from decisions.example import story
from decisions.example.company import Company
from decisions.example.crowd import SIZES, Crowd, Size
from decisions.example.words import Voices, bids, people, read
from decisions.models import CheckKind, Decision, MoneyBoard, Outcome, OutcomeKind, OutcomeLetter
from ledger.actions import record
from ledger.models import Channel
from panels.actions.meeting import NewScore
from panels.actions.scoring import Answer
from panels.models import (
    Assignment,
    Interest,
    InterviewQuestion,
    Meeting,
    Panel,
    Proposal,
    Score,
    Seat,
    ShareRun,
    Shortlisting,
)

WALK = (
    "setup",
    "join",
    "training",
    "criteria",
    "open",
    "eligibility",
    "sharing",
    "scoring",
    "shortlist",
    "interviews",
    "decision",
    "letters",
    "report",
)
STAGES = (*WALK[:8], "rest", *WALK[8:])
"""What `load_example --stage` takes; "rest" is the recovery after scoring."""

ROLES = {
    "facilitator": Role.FACILITATOR,
    "board": Role.BOARD,
    "administrator": Role.ADMINISTRATOR,
    "safeguarding_lead": Role.SAFEGUARDING,
    "complaint_handler": Role.COMPLAINTS,
}
OPENED_DAYS_AGO = 3
MET_IN_A_DAY = 6
"""A panel meets so many groups in a day, an hour each."""


class Play:
    """One telling of the story. Everything random comes from one seed, so it is always the same."""

    def __init__(self, *, now: datetime, size: Size = SIZES["small"], seed: int = 7) -> None:
        self.now = now
        self.size = size
        self.random = Random(seed)  # noqa: S311 - a story, not a secret
        self.voices = Voices(self.random)
        self.people: dict[str, Person] = {}
        self.members: dict[str, Member] = {}
        self.lots: dict[str, Lot] = {}
        self.panels: dict[str, Panel] = {}
        self.bids: dict[str, Application] = {}
        self.slugs: dict[int, str] = {}
        self.criteria: dict[str, Criterion] = {}
        self.rules: dict[str, Any] = {}

    # ---- What another telling may change ------------------------------------------------------

    def _words(self) -> dict[str, Any]:
        """What the round is called, its money, lots, rules and texts."""
        return read("round")

    def _first_people(self) -> list[dict[str, Any]]:
        """Those who are here before the round begins."""
        found: list[dict[str, Any]] = read("cast")["people"]
        return found

    def _volunteers(self) -> list[dict[str, Any]]:
        """The round's volunteers, whom `people` knows by their slug."""
        return people("volunteer")

    def _sitting(self) -> dict[str, list[str]]:
        """Who has a seat on the panel of each lot."""
        return story.PANELS

    def _readers(self) -> dict[str, list[str]]:
        """Who looks through the bids of each lot, and so may be given some of them."""
        return self._sitting()

    def _checkers(self, number: int) -> tuple[Person, Person]:
        """Who checks a bid against the funder's rules, and who looks again at a "no"."""
        return self.people["imran"], self.people["catrin"]

    def _ruled_out(self, bid: str) -> story.NotEligible | None:
        """The funder's rule that a bid does not meet."""
        return story.NOT_ELIGIBLE.get(bid)

    def _worth(self, bid: str) -> Sequence[int]:
        """How a fair-minded reader would find a bid, 0 to 5 on each criterion."""
        return story.QUALITY[bid]

    def _meet(self, lot: str) -> list[str]:
        """The bids that the panel of a lot chooses to meet."""
        return story.MEET[lot]

    def _given(self, bid: str) -> story.Given:
        """What the panel decides for a bid it met."""
        return story.GIVEN[bid]

    def _speaks_for(self, bid: Application) -> Person | None:
        """Whoever acts for the group on the site, if anybody does."""
        return bid.made_by

    # ---- When -------------------------------------------------------------------------------

    def at(self, day: date, hour: int = 10, minute: int = 0) -> datetime:
        """An instant on a day of the story, never later than an hour ago."""
        local = datetime.combine(day, time(hour, minute), timezone.get_current_timezone())
        return min(local, self.now - timedelta(hours=1))

    def to(self, stage: str) -> Round:
        """Play up to a stage and stop a little way into it."""
        wanted = "scoring" if stage == "rest" else stage
        self._cast()
        self._set_up(wanted, closed_days_ago=2 if stage == "rest" else None)
        for kind in WALK:
            last = kind == wanted and stage != "rest"
            self._begin(kind)
            day = self._stage(kind).opens_on
            getattr(self, f"_{kind}")(day, unfinished=last)
            self._with_the_crowd(kind, day, unfinished=last)
            self._in_company(kind, day, unfinished=last)
            if last:
                break
            self._end(kind)
            if kind == wanted:
                break
        return self.round

    def _crowd(self) -> Crowd | None:
        """The generated people and bids of a bigger example; none in the small one."""
        if self.size == SIZES["small"]:
            return None
        return Crowd(self.round, self.size, self.random)

    def _with_the_crowd(self, kind: str, day: date, *, unfinished: bool) -> None:
        """What the generated people and bids of a bigger example do in this stage."""
        crowd = self._crowd()
        if crowd is None:
            return
        by, at = self.people["sam"], self.at(day, 16)
        if kind == "join":
            crowd.join(by=by, at=at)
        elif kind == "training":
            crowd.learn(by=by, at=at)
        elif kind == "open":
            crowd.bid(list(self.lots.values()), by=by, at=at)
        elif kind == "eligibility":
            crowd.check(by=by, at=at)
        elif kind == "scoring":
            crowd.score(by=by, at=at, part=0.4 if unfinished else 1.0)

    def _in_company(self, kind: str, day: date, *, unfinished: bool) -> None:
        """Times together, buddies, costs, and looking back, by the people of the story."""
        if "joan" in self.members:
            company = Company(self.round, self.members, self.people, self.at)
            company.live(kind, day, unfinished=unfinished)

    def _stage(self, kind: str) -> Stage:
        return Stage.objects.select_related("round__chain").get(round=self.round, kind=kind)

    def _begin(self, kind: str) -> None:
        stage = self._stage(kind)
        if not stage.opened_at:
            commissioning.actions.open_stage(
                stage=stage, by=self.people["sam"], at=self.at(stage.opens_on, 9)
            )

    def _end(self, kind: str) -> None:
        stage = self._stage(kind)
        # Bids may come in until the last evening, so that stage closes on the morning after.
        day = stage.closes_on + timedelta(days=1 if kind == "open" else 0)
        commissioning.actions.close_stage(
            stage=stage, by=self.people["sam"], at=self.at(day, 9 if kind == "open" else 17)
        )

    # ---- Who --------------------------------------------------------------------------------

    def _cast(self) -> None:
        """The people. The first staff come from the server operator, as on a new installation."""
        operator = Person.objects.operator()
        began = self.now - timedelta(days=500)
        for row in self._first_people():
            person = Person.objects.create_user(
                row["sign_in_email"],
                name=row["name"],
                channel=row.get("channel", Channel.EMAIL),
                phone=row.get("phone", ""),
                postal_address=row.get("address", ""),
                text_size=row.get("text_size", Person.TextSize.NORMAL),
            )
            self.people[row["slug"]] = person
            role = Role.VOLUNTEER if row["role"] == "volunteer" else ROLES.get(row["role"])
            if role:
                RoleHolding.objects.create(
                    person=person, role=role, began_at=began, began_by=operator
                )

    def _set_up(self, wanted: str, *, closed_days_ago: int | None) -> None:
        words = self._words()
        about = words["programme"]
        programme = Programme.objects.create(
            name=about["name"],
            slug=about["slug"],
            about=about["description"].strip(),
            funder=about["funder"],
            funder_org_id="360G-example-goodcompany",
            prefix_360giving="360G-example",
            help_name=about["help_name"],
            help_phone=about["help_phone"],
            agreement=words["texts"]["confidentiality"]["body"].strip(),
            privacy_notice=words["texts"]["privacy"]["body"].strip(),
            is_example=True,
        )
        first_day = timezone.localdate(self.now) - timedelta(days=400)
        involved = words["texts"]["involved"]
        week = "\n".join(f"- {day['day']}: {day['words']}" for day in involved["example_week"])
        self.round = commissioning.actions.set_up_round(
            programme=programme,
            name=words["round"]["name"],
            slug=words["round"]["slug"],
            envelope=Decimal(about["envelope"]),
            first_day=first_day,
            by=self.people["sam"],
            at=self.now - timedelta(days=420),
            about=words["round"]["description"].strip(),
            involved=f"{involved['body'].strip()}\n\n{involved['example_week_title']}\n\n{week}",
            if_not=words["texts"]["answer_no"]["body"].strip(),
            delegation=words["delegation"]["text"].strip(),
            trustees_ratify=words["delegation"]["trustees_ratify"],
        )
        self._lay_out(wanted, closed_days_ago)
        for order, rule in enumerate(words["funder_rules"], start=1):
            by, at = self.people["sam"], self.at(self._stage("setup").opens_on, 8)
            added = commissioning.actions.add_funder_rule(
                round=self.round,
                text=rule["words"],
                order=order,
                only_tells=rule.get("only_tells", False),
                by=by,
                at=at,
            )
            self.rules[rule["slug"]] = commissioning.actions.set_rule_limits(
                rule=added,
                looks_for=rule.get("looks_for", ""),
                limits=rule.get("limits", {}),
                by=by,
                at=at,
            )

    def _lay_out(self, wanted: str, closed_days_ago: int | None) -> None:
        """Shift the planned days so that the wanted stage opened, or closed, just then."""
        plans = timetable.moved(pace.plans(self.round))
        by_kind = {plan.kind: plan for plan in plans}
        # The day that "open" takes to close moves every later stage on by one.
        late = 1 if WALK.index(wanted) > WALK.index("open") else 0
        today = timezone.localdate(self.now)
        if closed_days_ago is None:
            shift = today - timedelta(days=OPENED_DAYS_AGO + late) - by_kind[wanted].opens_on
        else:
            shift = today - timedelta(days=closed_days_ago + late) - by_kind[wanted].closes_on
        for row in self.round.stages.all():
            row.opens_on += shift
            row.closes_on += shift
            row.save(update_fields=["opens_on", "closes_on"])
        self.round.refresh_from_db()

    # ---- Stages -----------------------------------------------------------------------------

    def _setup(self, day: date, *, unfinished: bool) -> None:
        sam = self.people["sam"]
        for row in self._volunteers():
            member = commissioning.actions.invite_volunteer(
                round=self.round, person=self.people[row["slug"]], by=sam, at=self.at(day, 11)
            )
            self.members[row["slug"]] = member

    def _join(self, day: date, *, unfinished: bool) -> None:
        rows = self._volunteers()
        for number, row in enumerate(rows[:18] if unfinished else rows):
            member = self.members[row["slug"]]
            by = member.person if row["sign_in_email"] else self.people["ruth"]
            at = self.at(day + timedelta(days=number % 3), 10 + number % 8)
            commissioning.actions.join_round(
                member=member,
                bids_wanted=row["bids_wanted"],
                keeps_confidence=True,
                days_away="\n".join(
                    f"{d['weekday'].title()}: {d['note']}" for d in row["days_away"]
                ),
                hopes=row["hopes"],
                experience=row["lived"],
                has_scored_before=row["experienced"],
                may_be_named=number % 3 != 2,
                by=by,
                at=at,
            )
            if row["needs"]:
                self._adjust(member, row["needs"], by, at)

    def _adjust(self, member: Member, needs: str, by: Person, at: datetime) -> None:
        adjustment = support.actions.ask_for_adjustment(member=member, asked=needs, by=by, at=at)
        if self.random.random() < 0.8:
            support.actions.agree_adjustment(
                adjustment=adjustment,
                agreed="Yes. We will see to this from the start, and ask you how it goes.",
                by=self.people["ruth"],
                at=at + timedelta(minutes=40),
            )

    def _training(self, day: date, *, unfinished: bool) -> None:
        ruth = self.people["ruth"]
        topics = support.actions.start_training(round=self.round, by=ruth, at=self.at(day, 9))
        here = [member for member in self.members.values() if not unfinished or member.pk % 2]
        for number, topic in enumerate(topics):
            at = self.at(day + timedelta(days=number % 3), 14, number)
            if number % 4 == 0:
                support.actions.note_attendance_at_training(
                    topic=topic, members=self._joined(here), by=ruth, at=at
                )
                continue
            for member in self._joined(here):
                reads = bool(member.person.sign_in_email)
                support.actions.finish_topic(
                    topic=topic,
                    member=member,
                    by=member.person if reads else ruth,
                    how="read" if reads else "paper",
                    at=at,
                )
        for slug in ("joan", "harold", "noreen"):
            support.actions.encourage(
                member=self.members[slug],
                text=self.voices.draw("encouragement", read("reasons")["encouragement"]),
                by=ruth,
                at=self.at(day + timedelta(days=2), 16),
            )
        self._priorities(day)

    def _joined(self, members: Iterable[Member]) -> list[Member]:
        return list(
            Member.objects.here()
            .filter(pk__in=[member.pk for member in members])
            .select_related("person", "round__chain")
        )

    def _priorities(self, day: date) -> None:
        """What kinds of services to fund: suggested, worded as five lots, and voted on."""
        said: dict[str, list[Suggestion]] = {}
        for row in self._words()["priorities"]:
            suggestion = self._suggest("priorities", row["person"], row["words"], day)
            said.setdefault(row["lot"], []).append(suggestion)
        joan = self.members["joan"]
        agreement = commissioning.actions.start_agreement(
            round=self.round, about="priorities", by=joan.person, at=self.at(day, 15)
        )
        for lot in self._words()["lots"]:
            commissioning.actions.add_priority(
                agreement=agreement,
                title=lot["name"],
                about=lot["description"],
                limit=Decimal(lot["limit"]),
                suggestions=said.get(lot["slug"], []),
                by=joan.person,
                at=self.at(day, 15, 10),
            )
        self._vote(agreement, self.at(day + timedelta(days=1), 11))

    def _suggest(self, about: str, slug: str, words: str, day: date) -> Suggestion:
        member = self.members[slug]
        writes = bool(member.person.sign_in_email)
        suggestion: Suggestion = commissioning.actions.suggest(
            round=self.round,
            about=about,
            text=words,
            member=member,
            by=member.person if writes else self.people["ruth"],
            at=self.at(day, 13),
        )
        return suggestion

    def _vote(self, agreement: Agreement, at: datetime) -> None:
        commissioning.actions.put_agreement(
            agreement=agreement, by=self.members["joan"].person, at=at
        )
        crowd = self._crowd()
        if crowd:
            crowd.vote(agreement, by=self.people["sam"], at=at)
        for number, member in enumerate(self._joined(self.members.values())):
            agreement.refresh_from_db()
            if agreement.agreed_at:
                break
            if member.person.sign_in_email:
                choice = Choice.LIVE_WITH if number % 7 == 3 else Choice.AGREE
                commissioning.actions.vote_on_agreement(
                    agreement=agreement, choice=choice, by=member.person, at=at
                )

    def _criteria(self, day: date, *, unfinished: bool) -> None:
        self.lots = {lot.slug: lot for lot in self.round.lots.all()}
        words = read("criteria")
        said = {
            row["number"]: self._suggest("criteria", row["person"], row["words"], day)
            for row in words["suggestions"]
        }
        harold, joan = self.members["harold"].person, self.members["joan"].person
        agreement = commissioning.actions.start_agreement(
            round=self.round, about="criteria", by=joan, at=self.at(day, 14)
        )
        for row in words["criteria"]:
            criterion = commissioning.actions.word_criterion(
                agreement=agreement,
                slug=row["slug"],
                title=row["title"],
                question=row["question"],
                about=row["description"],
                weight=row["weight"],
                suggestions=[said[number] for number in row["suggestions"]],
                by=harold,
                at=self.at(day + timedelta(days=1), 10),
            )
            levels = {row["score"]: (row["word"], row["sentence"]) for row in row["levels"]}
            commissioning.actions.write_level_words(
                criterion=criterion, words=levels, by=joan, at=self.at(day + timedelta(days=1), 11)
            )
        for row in words["must_haves"]:
            commissioning.actions.add_must_have(
                agreement=agreement,
                text=row["words"],
                by=joan,
                at=self.at(day + timedelta(days=1), 12),
            )
        for row in words["objections"]:
            commissioning.actions.object_to_agreement(
                agreement=agreement,
                funder_rule=self.rules[row["funder_rule"]],
                text=row["words"],
                by=self.people[row["by"]],
                at=self.at(day + timedelta(days=1), 13),
            )
        if not unfinished:
            self._vote(agreement, self.at(day + timedelta(days=2), 11))
            self._form(day + timedelta(days=2))

    def _form(self, day: date) -> None:
        questions = [
            {
                "key": row["key"],
                "label": row["label"],
                "hint": row["hint"],
                "kind": FormQuestion.Kind.LONG,
                "word_limit": row["word_limit"],
                "required": row["required"],
                "criteria": row["criteria"],
            }
            for row in read("application_form")["questions"]
            if row["kind"] == "text"
        ]
        applications.actions.start_form(
            round=self.round, questions=questions, by=self.people["ruth"], at=self.at(day, 15)
        )

    def _know_the_round(self) -> None:
        self.lots = {lot.slug: lot for lot in self.round.lots.all()}
        self.criteria = {row.slug: row for row in Criterion.objects.agreed_for(self.round)}

    # ---- Bids -------------------------------------------------------------------------------

    def _open(self, day: date, *, unfinished: bool) -> None:
        self._know_the_round()
        for number, (lot, slug, row) in enumerate(bids()):
            sends = not unfinished or number % 3 == 0
            hour = 10 + number % 7
            self._bid(self.lots[lot], slug, row, self.at(day, hour, number), sends=sends)
        amina = self.people["amina"]
        for row in read("reasons")["applicant_questions"]:
            question = applications.actions.ask_for_help(
                round=self.round, text=row["asked"], by=amina, at=self.at(day, 12)
            )
            applications.actions.answer_help(
                question=question,
                answer=row["answer"],
                by=self.people["imran"],
                at=self.at(day, 16),
            )

    def _bid(self, lot: Lot, slug: str, row: dict[str, Any], at: datetime, *, sends: bool) -> None:
        by = self._applicant(slug, row)
        organisation = applications.actions.start_organisation(
            name=row["organisation"],
            kind=row["kind"],
            charity_number=row.get("charity_number", ""),
            company_number=row.get("company_number", ""),
            address=row["address"],
            postcode=row["postcode"],
            income_band=row["income_band"],
            by=by,
            at=at,
        )
        bid = applications.actions.start_application(
            round=self.round, organisation=organisation, lot=lot, title=row["title"], by=by, at=at
        )
        version = applications.actions.save_details(
            application=bid,
            version=bid.version,
            title=row["title"],
            area=row["area"],
            communities=row["communities"],
            partners_named="\n".join(row["partners_names"]),
            smallest_useful=Decimal(row["smallest_useful"]),
            contact_name=row["contact"],
            by=by,
            at=at,
        )
        answers = {"summary": row["summary"], **row["answers"]}
        for question in self.round.form_questions.all():
            applications.actions.save_answer(
                application=bid,
                question=question,
                text=answers.get(question.key, "").strip(),
                version=0,
                by=by,
                at=at,
            )
        lines = [
            Line(line["item"], Decimal(line["cost"]), Decimal(line["asked"]))
            for line in row["budget"]
        ]
        applications.actions.save_budget(
            application=bid, lines=lines, version=version, by=by, at=at
        )
        if sends:
            bid.refresh_from_db()
            applications.actions.send_application(
                application=bid, declared_true=True, by=by, at=at + timedelta(minutes=30)
            )
        self.bids[slug] = bid
        self.slugs[bid.pk] = slug

    def _applicant(self, slug: str, row: dict[str, Any]) -> Person:
        """Amina writes for one of the groups; each of the others has a person of its own."""
        if slug == "dosti-doorstep":
            return self.people["amina"]
        return Person.objects.create_user(f"{slug}@example.org", name=row["contact"])

    def _eligibility(self, day: date, *, unfinished: bool) -> None:
        for number, (slug, bid) in enumerate(self.bids.items()):
            first, second = self._checkers(number)
            at = self.at(day, 10 + number % 6, number % 60)
            no = self._ruled_out(slug)
            if unfinished and not no and number % 2:
                continue
            for rule in self.round.funder_rules.breakable():
                fails = no is not None and rule == self.rules[no.rule]
                applications.actions.check_rule(
                    application=bid, rule=rule, answer="no" if fails else "yes", by=first, at=at
                )
            if no is None:
                applications.actions.settle_eligibility(
                    application=bid, eligible=True, by=first, at=at
                )
                continue
            found: Eligibility = applications.actions.settle_eligibility(
                application=bid,
                eligible=False,
                rule=self.rules[no.rule],
                reason=no.reason,
                by=first,
                at=at,
            )
            applications.actions.second_eligibility(
                eligibility=found, by=second, at=at + timedelta(hours=2)
            )
        if not unfinished:
            self._make_panels(day)

    def _make_panels(self, day: date) -> None:
        sam = self.people["sam"]
        for slug, sitting in self._sitting().items():
            panel = panels.actions.make_panel(
                lot=self.lots[slug], name=self.lots[slug].name, by=sam, at=self.at(day, 15)
            )
            for person in sitting:
                panels.actions.seat_member(
                    panel=panel, member=self.members[person], by=sam, at=self.at(day, 15, 30)
                )
            self.panels[slug] = panel

    # ---- Sharing out and scoring ------------------------------------------------------------

    def _sharing(self, day: date, *, unfinished: bool) -> None:
        self._tell_who_cannot_go_on(day)
        for slug, sitting in self._readers().items():
            for number, person in enumerate(sitting):
                if unfinished and person in story.STILL_TO_DECLARE:
                    continue
                member = self.members[person]
                writes = bool(member.person.sign_in_email)
                panels.actions.declare(
                    member=member,
                    lot=self.lots[slug],
                    knows=self._ties(person),
                    by=member.person if writes else self.people["ruth"],
                    at=self.at(day, 11, number),
                )
        if not unfinished:
            self._allow_indirect(day)
            self._share_out(self.at(day + timedelta(days=1), 14))

    def _tell_who_cannot_go_on(self, day: date) -> None:
        """The day's own letters, each on the morning after the last day to ask for the bid."""
        for owed in applications.reminders.owed(on=day):
            if owed.name == "not_eligible":
                until = applications.rules.ask_back_until(owed.context["eligibility"])
                write_to(
                    owed.person,
                    owed.name,
                    key=owed.key,
                    by=Person.objects.machine(),
                    at=self.at((until or day) + timedelta(days=1), 9),
                    context=owed.context,
                    chain=owed.chain,
                )

    def _share_out(self, at: datetime) -> None:
        crowd = self._crowd()
        if crowd:
            crowd.declare_and_share(by=self.people["sam"], at=at)
        else:
            run: ShareRun = panels.actions.propose_sharing(
                round=self.round, by=self.people["sam"], at=at
            )
            panels.actions.confirm_sharing(
                run=run, by=self.people["sam"], at=at + timedelta(minutes=20)
            )

    def _ties(self, person: str) -> list[panels.actions.Knows]:
        if person not in story.INTERESTS:
            return []
        bid, kind, words = story.INTERESTS[person]
        return [panels.actions.Knows(self.bids[bid], Interest.Kind(kind), words)]

    def _allow_indirect(self, day: date) -> None:
        for proposal in Proposal.objects.filter(
            panel__round=self.round, kind=Proposal.Kind.INTEREST, settled_at=None
        ):
            self._panel_votes(proposal, self.at(day, 16))

    def _panel_votes(self, proposal: Proposal, at: datetime) -> None:
        """The panel answers one by one until it is settled. One may only live with it."""
        asked = proposal.data.get("member")
        seats = list(self._seats(proposal.panel))
        for number, seat in enumerate(seats):
            proposal.refresh_from_db()
            if proposal.settled_at:
                return
            if seat.member_id != asked:
                choice = Choice.LIVE_WITH if number == 1 else Choice.AGREE
                panels.actions.vote_on_proposal(
                    proposal=proposal, seat=seat, choice=choice, by=seat.member.person, at=at
                )

    def _seats(self, panel: Panel) -> Iterable[Seat]:
        """Seats that take part, of members who write for themselves first."""
        held = Seat.objects.held().filter(panel=panel).select_related("member__person")
        aside = panel.lot.standing_aside.filter(application=None).values("member")
        return held.exclude(member__in=aside).select_related("panel__round__chain").order_by("pk")

    def _scoring(self, day: date, *, unfinished: bool) -> None:
        assignments = Assignment.objects.current().filter(application__in=self.bids.values())
        rows = assignments.select_related("member__person", "application").order_by("order_key")
        piles: dict[int, int] = {}
        for number, assignment in enumerate(rows):
            at = self.at(day + timedelta(days=number % 3), 10 + number % 9, number % 60)
            place = piles[assignment.member_id] = piles.get(assignment.member_id, -1) + 1
            # Some are quick, some slow: two bids sent or so, one written, one begun, the rest new.
            part = place + assignment.member_id % 3 - 1 if unfinished else 0
            if part >= 4:
                continue
            self._read(assignment, at, sends=part < 2, partly=part == 3)
        self._ask_staff(day)

    def _ask_staff(self, day: date) -> None:
        """Harold asks a few things; his whole panel sees the answers."""
        panel = next(
            self.panels[lot] for lot, sitting in self._sitting().items() if "harold" in sitting
        )
        for row in read("reasons")["questions"][:4]:
            question = panels.actions.ask_question(
                panel=panel, text=row["asked"], by=self.people["harold"], at=self.at(day, 12)
            )
            panels.actions.answer_question(
                question=question, answer=row["answer"], by=self.people["sam"], at=self.at(day, 15)
            )

    def _read(self, assignment: Assignment, at: datetime, *, sends: bool, partly: bool) -> None:
        person = assignment.member.person
        writes = bool(person.sign_in_email)
        slug = self.slugs[assignment.application_id]
        answers = {
            criterion: self._answer(criterion, slug, assignment.member_id)
            for criterion in self.criteria.values()
        }
        why = self._why(answers)
        if not writes:
            if sends:
                self._typed(assignment, answers, why, at)
            return
        panels.actions.start_reading(assignment=assignment, by=person, at=at)
        if partly:
            answers = dict(list(answers.items())[:2])
        panels.actions.save_score_drafts(
            assignment=assignment,
            answers=answers,
            why=why if sends else None,
            by=person,
            at=at + timedelta(minutes=40),
        )
        if sends:
            panels.actions.send_scores(
                assignment=assignment, by=person, at=at + timedelta(minutes=50)
            )

    def _typed(
        self, assignment: Assignment, answers: dict[Criterion, Answer], why: str, at: datetime
    ) -> None:
        """A paper sheet: one facilitator types it, a second one checks it against the paper."""
        sheet = panels.actions.type_scores(
            assignment=assignment, answers=answers, why=why, by=self.people["ruth"], at=at
        )
        panels.actions.confirm_typed_scores(
            sheet=sheet, by=self.people["catrin"], at=at + timedelta(hours=1)
        )

    def _answer(self, criterion: Criterion, slug: str, member: int) -> Answer:
        """A score near what the bid is worth, by somebody who is a little strict or kind."""
        reasons = read("reasons")
        if self.random.random() < 0.03:
            words = self.voices.draw(
                f"cannot {criterion.slug}", reasons["cannot_judge"][criterion.slug]
            )
            return Answer(cannot_judge=True, reason=words)
        worth = self._worth(slug)[story.CRITERIA.index(criterion.slug)]
        leaning = (member % 5 - 2) * 0.2
        value = max(0, min(5, round(self.random.gauss(worth + leaning, 0.75))))
        said = reasons["reasons"][criterion.slug][str(value)]
        return Answer(value=value, reason=self.voices.draw(f"{criterion.slug} {value}", said))

    def _why(self, answers: dict[Criterion, Answer]) -> str:
        values = [answer.value for answer in answers.values() if answer.value is not None]
        middle = sum(values) / len(values) if values else 2.5
        mood = "high" if middle >= 3.6 else "middle" if middle >= 2.4 else "low"
        words: str = self.voices.draw(f"why {mood}", read("reasons")["overall"][mood])
        return words

    # ---- Meeting and deciding ---------------------------------------------------------------

    def _shortlist(self, day: date, *, unfinished: bool) -> None:
        for number, (slug, panel) in enumerate(self.panels.items()):
            if unfinished and number > 2:
                break
            self._open_scores(panel, self.at(day, 10))
            if not unfinished or number < 2:
                self._choose_who_to_meet(slug, panel, day)
                crowd = self._crowd()
                if crowd:
                    crowd.turn_down(panel, self.criteria["need"], at=self.at(day, 14))

    def _open_scores(self, panel: Panel, at: datetime) -> None:
        panels.actions.arrange_meeting(
            panel=panel,
            kind=Meeting.Kind.SHORTLIST,
            starts_at=at + timedelta(hours=1),
            place="The long room, Mill Hill Hall, Leeds",
            notes="Tea from 10. Taxis are paid for. The hall has a ramp and a hearing loop.",
            by=self.people["sam"],
            at=at - timedelta(hours=1),
        )
        seat = self._writers(panel)[0]
        proposal = panels.actions.put_to_panel(
            panel=panel, kind=Proposal.Kind.OPEN_SCORES, by=seat.member.person, at=at
        )
        self._votes_of_writers(proposal, at)
        panel.refresh_from_db()

    def _writers(self, panel: Panel) -> list[Seat]:
        return [seat for seat in self._seats(panel) if seat.member.person.sign_in_email]

    def _votes_of_writers(self, proposal: Proposal, at: datetime) -> None:
        """Each answers for themselves; for those on paper a facilitator types, a second checks."""
        for number, seat in enumerate(self._seats(proposal.panel)):
            proposal.refresh_from_db()
            if proposal.settled_at:
                return
            choice = Choice.LIVE_WITH if number == 2 else Choice.AGREE
            own = bool(seat.member.person.sign_in_email)
            vote = panels.actions.vote_on_proposal(
                proposal=proposal,
                seat=seat,
                choice=choice,
                by=seat.member.person if own else self.people["ruth"],
                at=at,
            )
            if not own:
                panels.actions.confirm_vote(vote=vote, by=self.people["catrin"], at=at)

    def _choose_who_to_meet(self, slug: str, panel: Panel, day: date) -> None:
        reasons = read("reasons")
        meet = self._meet(slug)
        for bid_slug, bid in self.bids.items():
            if bid.lot_id != panel.lot_id or self._ruled_out(bid_slug):
                continue
            writer = self._writers(panel)[0]
            if bid_slug in meet:
                outcome, criterion = Shortlisting.Outcome.MEET, None
                reason = self.voices.draw("yes", reasons["shortlist_yes"])
                self._change_a_score(panel, bid, day)
            else:
                outcome = Shortlisting.Outcome.NO
                row = self.voices.draw("no", reasons["shortlist_no"])
                criterion, reason = self.criteria[row["criterion"]], row["words"]
            proposal = panels.actions.propose_shortlisting(
                panel=panel,
                application=bid,
                outcome=outcome,
                reason=reason,
                criterion=criterion,
                by_criterion={} if bid_slug in meet else self._told(bid_slug),
                by=writer.member.person,
                at=self.at(day, 12),
            )
            self._votes_of_writers(proposal, self.at(day, 13))

    def _told(self, bid_slug: str) -> dict[str, str]:
        """What the panel tells the group of a bid about each criterion, beside its reason."""
        words = read("reasons")["by_criterion"].get(bid_slug, {})
        return {str(self.criteria[slug].pk): said for slug, said in words.items()}

    def _change_a_score(self, panel: Panel, bid: Application, day: date) -> None:
        """Now and then somebody sees a bid with other eyes after talking."""
        if self.random.random() < 0.5:
            return
        score = (
            Score.objects.filter(
                sheet__application=bid,
                sheet__phase="reading",
                sheet__typed_by=None,
                value__isnull=False,
                value__lte=4,
                sheet__member__in=[seat.member_id for seat in self._writers(panel)],
            )
            .select_related("criterion", "sheet__member__person")
            .order_by("pk")
            .first()
        )
        if score is None or score.criterion is None or score.value is None:
            return
        words = self.voices.draw("up", read("reasons")["after_talking"]["up"])
        seat = panel.seats.get(member=score.sheet.member_id)
        panels.actions.change_score_after_talk(
            seat=seat,
            application=bid,
            changes={score.criterion: NewScore(score.value + 1, words)},
            by=score.sheet.member.person,
            at=self.at(day, 12),
        )

    def _interviews(self, day: date, *, unfinished: bool) -> None:
        for number, (slug, panel) in enumerate(self.panels.items()):
            questions = self._ask(panel, day)
            still_to_come = unfinished and number > 1
            self._offer_times(panel, self._meet(slug), day, days=5 if still_to_come else 0)
            if still_to_come:
                continue
            for number_met, bid_slug in enumerate(self._meet(slug)):
                met_on = day + timedelta(days=number_met // MET_IN_A_DAY)
                for seat in self._writers(panel):
                    self._score_interview(seat, bid_slug, questions, self.at(met_on, 15))

    def _ask(self, panel: Panel, day: date) -> list[InterviewQuestion]:
        seats = self._writers(panel)
        return [
            panels.actions.write_interview_question(
                panel=panel,
                text=row["question"],
                criterion=self.criteria[row["criterion"]],
                asked_by=seats[number % len(seats)],
                by=seats[0].member.person,
                at=self.at(day, 10),
            )
            for number, row in enumerate(read("reasons")["interview_questions"][:5])
        ]

    def _offer_times(self, panel: Panel, meet: list[str], day: date, *, days: int) -> None:
        """Times so many days on, one more than are needed, and each organisation chooses one."""
        first = self.at(day, 11) + timedelta(days=days, hours=1)
        slots = [
            panels.actions.offer_slot(
                panel=panel,
                starts_at=first
                + timedelta(days=number // MET_IN_A_DAY, hours=number % MET_IN_A_DAY),
                place="The small room, Mill Hill Hall, Leeds",
                by=self.people["sam"],
                at=self.at(day, 10),
            )
            for number in range(len(meet) + 1)
        ]
        panels.actions.invite_to_interview(
            panel=panel, by=self.people["sam"], at=self.at(day, 10, 30)
        )
        for number, bid_slug in enumerate(meet):
            bid = self.bids[bid_slug]
            panels.actions.choose_slot(
                slot=slots[number],
                application=bid,
                by=self._speaks_for(bid) or self.people["sam"],
                access_needs="One of us uses a wheelchair." if number == 1 else "",
                at=self.at(day, 11),
            )

    def _score_interview(
        self, seat: Seat, slug: str, questions: list[InterviewQuestion], at: datetime
    ) -> None:
        notes = read("reasons")["interview_notes"]
        bid = self.bids[slug]
        for question, worth in zip(questions, self._worth(slug), strict=False):
            value = max(0, min(5, round(self.random.gauss(worth, 0.6))))
            mood = "high" if value >= 4 else "mixed" if value >= 2 else "low"
            panels.actions.save_interview_draft(
                seat=seat,
                application=bid,
                question=question,
                value=value,
                cannot_judge=False,
                reason=self.voices.draw(f"interview {mood}", notes[mood]),
                version=0,
                client_id="",
                by=seat.member.person,
                at=at,
            )
        panels.actions.send_interview_scores(
            seat=seat, application=bid, by=seat.member.person, at=at
        )

    def _decision(self, day: date, *, unfinished: bool) -> None:
        for number, (slug, panel) in enumerate(self.panels.items()):
            if unfinished and number > 2:
                break
            self._open_interviews(panel, self.at(day, 10))
            board = self._money(slug, panel, day, part=unfinished and number == 2)
            if unfinished and number > 0:
                continue
            writers = self._writers(panel)
            decision = decisions.actions.put_decision(
                board=board, by=writers[0].member.person, at=self.at(day, 14)
            )
            self._sign(decision, number, self.at(day, 15))

    def _open_interviews(self, panel: Panel, at: datetime) -> None:
        proposal = panels.actions.put_to_panel(
            panel=panel,
            kind=Proposal.Kind.OPEN_INTERVIEWS,
            by=self._writers(panel)[0].member.person,
            at=at,
        )
        self._votes_of_writers(proposal, at)

    def _money(self, slug: str, panel: Panel, day: date, *, part: bool) -> MoneyBoard:
        reasons = read("reasons")
        person = self._writers(panel)[0].member.person
        board: MoneyBoard = decisions.actions.start_board(
            panel=panel, name="Our list", by=person, at=self.at(day, 11)
        )
        for bid_slug in self._meet(slug)[: 2 if part else None]:
            given = self._given(bid_slug)
            key, words = {
                "award": ("award", reasons["award_reasons"]),
                "less": ("less", reasons["award_less"]),
                "reserve": ("reserve", reasons["reserve_reasons"]),
                "no": ("no", [row["words"] for row in reasons["shortlist_no"]]),
            }[given.kind]
            gives = given.kind in (OutcomeKind.AWARD, OutcomeKind.LESS)
            conditions = "conditions_less" if given.kind == OutcomeKind.LESS else "conditions"
            board = decisions.actions.set_line(
                board=board,
                application=self.bids[bid_slug],
                outcome=given.kind,
                amount=given.amount or None,
                reason=self.voices.draw(f"outcome {key}", words),
                criterion=self.criteria["need" if gives else "people"],
                by_criterion=self._told(bid_slug),
                less_what=given.less_what,
                conditions=self.voices.draw(conditions, reasons[conditions]) if gives else "",
                reserve_order=given.reserve_order,
                by=person,
                at=self.at(day, 12),
            )
        return board

    def _sign(self, decision: Decision, number: int, at: datetime) -> None:
        """Those who write sign for themselves; paper is typed by one and checked by another."""
        for place, seat in enumerate(self._seats(decision.panel)):
            decision.refresh_from_db()
            if decision.stands_at:
                return
            against = number == 4 and place == 1
            own = bool(seat.member.person.sign_in_email)
            signature = decisions.actions.sign_decision(
                decision=decision,
                seat=seat,
                choice=Choice.DISAGREE if against else Choice.AGREE,
                words=read("reasons")["dissent"][0] if against else "",
                by=seat.member.person if own else self.people["ruth"],
                at=at,
            )
            if not own:
                decisions.actions.confirm_signature(
                    signature=signature, by=self.people["catrin"], at=at
                )

    def _letters(self, day: date, *, unfinished: bool) -> None:
        imran = self.people["imran"]
        awards = Outcome.objects.standing().awards().filter(decision__panel__round=self.round)
        for number, outcome in enumerate(awards.select_related("application")):
            for kind in decisions.rules.CHECKS_TO_MAKE:
                if unfinished and number % 2 and kind == CheckKind.BANK:
                    continue
                decisions.actions.check_organisation(
                    outcome=outcome, kind=kind, passed=True, by=imran, at=self.at(day, 11)
                )
        for number, panel in enumerate(self.panels.values()):
            at = self.at(day + timedelta(days=1), 12)
            decisions.actions.write_letters(panel=panel, by=imran, at=at)
            if unfinished and number > 1:
                continue
            proposal = decisions.actions.put_letters(panel=panel, by=imran, at=at)
            if unfinished:
                continue
            self._votes_of_writers(proposal, at + timedelta(hours=2))
            decisions.actions.send_letters(panel=panel, by=imran, at=at + timedelta(hours=4))
        if not unfinished:
            self._accept(self.at(day + timedelta(days=2), 12))

    def _accept(self, at: datetime) -> None:
        """All but one have said yes by the time of the report."""
        sent = OutcomeLetter.objects.filter(
            outcome__decision__panel__round=self.round,
            outcome__kind__in=["award", "less"],
            letter__isnull=False,
        ).select_related("outcome__application__made_by")
        for letter in list(sent.order_by("pk"))[:-1]:
            by = self._speaks_for(letter.outcome.application) if letter.outcome else None
            if letter.outcome and by:
                decisions.actions.accept_award(outcome=letter.outcome, accepted=True, by=by, at=at)

    def _report(self, day: date, *, unfinished: bool) -> None:
        at = self.at(day + timedelta(days=1), 11)
        for proposal in decisions.actions.put_report(
            round=self.round, by=self.people["sam"], at=at
        ):
            self._votes_of_writers(proposal, at + timedelta(hours=1))


def mark_as_example(round: Round, *, at: datetime) -> None:
    """Say in the trail that this round is an example and how it came to be."""
    record(chain=round.chain, verb="loaded_example", by=Person.objects.operator(), at=at)
