"""Paper: packs to print, sheets typed for a volunteer, and saying whether they are right."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import pdf
from accounts.forms import posted
from accounts.paper import on_paper, wants_paper
from accounts.permissions import Permission, Refused, permitted, reader
from commissioning.models import Criterion, Lot, Member
from commissioning.views.finding import find_round
from ledger import clock
from panels import actions
from panels.forms import (
    AllScoresForm,
    CheckTypedForm,
    FindForm,
    FindSheetForm,
    ObjectionForm,
    PackGivenForm,
    RefuseTypedForm,
    ReplyForm,
    SureForm,
    TypeDeclarationForm,
    TypeSheetForm,
)
from panels.models import Assignment, Panel, Phase, Score, ScoreSheet, ShareReply
from panels.rules import interests, paper, share
from panels.rules import scoring as rules
from panels.rules.desk import desks
from panels.rules.scans import scans_of, scans_with, with_scans
from panels.rules.scoring import Reading
from panels.views.scans import scans_changed, shows_scans


def _member(pk: int) -> Member:
    members = Member.objects.here().select_related("round__chain", "round__programme", "person")
    return get_object_or_404(members, pk=pk)


# ---- For whoever types ----------------------------------------------------------------------
@permitted(Permission.TYPE_FOR)
@require_safe
def sheet_list(request: HttpRequest, pk: int) -> HttpResponse:
    """One volunteer's bids, to print their pack or type a sheet that came back."""
    member = _member(pk)
    readings = rules.readings_of(member.person, member.round)
    waiting = [row.waiting_sheet for row in readings if row.waiting_sheet and not row.done]
    typists = dict(ScoreSheet.objects.filter(pk__in=waiting).values_list("pk", "typed_by"))
    counting = [row.sent_sheet for row in readings if row.sent_sheet and not row.panel_opened]
    staffs = ScoreSheet.objects.filter(pk__in=counting, typed_by__isnull=False)
    staffs = staffs.select_related("member__person", "application")
    open_to_doubt = {row.pk for row in staffs if rules.last_day_to_object(row)}
    scanned = with_scans(member) if waiting else frozenset()
    rows = [
        {
            "reading": row,
            "bid": row.assignment.application,
            "may_type": rules.may_type_scores(row, reader(request), on=clock.today()),
            "may_hand_back": not row.begun and bool(rules.may_hand_back(row, reader(request))),
            "waiting": row.waiting_sheet in waiting,
            "may_check": row.waiting_sheet in waiting
            and typists[row.waiting_sheet] != reader(request).pk,
            "scanned": row.assignment.pk in scanned,
            "wrong": row.sent_sheet in open_to_doubt,
        }
        for row in readings
        if not row.withdrawn
    ]
    context = {
        "member": member,
        "rows": rows,
        "has_pdf": bool(pdf.available()),
        "may_note_pack": bool(paper.may_note_pack(member, reader(request))),
    }
    return render(request, "panels/sheet_list.html", context)


SHOWN_ON_PAPER = (
    ("", gettext_lazy("Everybody")),
    ("check", gettext_lazy("Those with a sheet you can check")),
    ("give", gettext_lazy("Those with a sheet that has not gone to them")),
    ("type", gettext_lazy("Those with a sheet that is not back")),
)


@permitted(Permission.TYPE_FOR)
@require_safe
def paper_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody of a round who reads on paper or by phone: where their sheets are, what is next."""
    round = find_round(request, slug)
    find = FindForm(request.GET or None, label=_("Look for a name"), shows=SHOWN_ON_PAPER)
    words, show = find.wants()
    meant = {"check": "for_second", "give": "to_go", "type": "out"}
    rows = [
        row
        for row in paper.paper_work(round, reader(request))
        if words.casefold() in row.member.person.name.casefold()
        and (not show or getattr(row, meant[show]))
    ]
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "round": round,
        "programme": round.programme,
        "find": find,
        "looking": bool(words or show),
        "page": Paginator(rows, 25).get_page(request.GET.get("page")),
        "query": f"{query.urlencode()}&" if query else "",
    }
    return render(request, "panels/paper_list.html", context)


@permitted(Permission.TYPE_FOR)
def note_pack_given(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down that a volunteer's pack was posted or handed over."""
    member, by = _member(pk), reader(request)
    paper.may_note_pack(member, by).require()
    form = PackGivenForm(posted(request))
    if form.is_valid():
        by_post = form.cleaned_data["how"] == PackGivenForm.POST
        actions.note_pack_given(member=member, posted=by_post, by=by, at=clock.now())
        messages.success(request, _("Noted. The pack went to %(name)s.") % {"name": member})
        return redirect("paper_list", member.round.slug)
    bids = [row.assignment.application for row in paper.to_give(member, by)]
    context = {"member": member, "bids": bids, "form": form}
    return render(
        request, "panels/note_pack_given.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.TYPE_FOR)
def find_sheet(request: HttpRequest) -> HttpResponse:
    """The code on a paper sheet, typed or scanned, leads straight to the page for that sheet."""
    form = FindSheetForm(posted(request))
    if form.is_valid():
        try:
            found = paper.find_sheet(form.cleaned_data["code"], reader(request), on=clock.today())
        except Refused as refused:
            form.add_error("code", str(refused))
        else:
            if found.to_check:
                return redirect("check_typed_scores", found.to_check)
            return redirect("type_scores", found.assignment)
    context = {"form": form}
    return render(request, "panels/find_sheet.html", context, status=422 if form.errors else 200)


@permitted(Permission.TYPE_FOR)
def type_declaration(request: HttpRequest, pk: int, lot: int) -> HttpResponse:
    """Type whom a volunteer knows in a lot, as they said it on paper or by phone."""
    member = _member(pk)
    chosen = get_object_or_404(Lot, pk=lot, round=member.round_id)
    interests.may_declare(member, chosen, reader(request), on=clock.today()).require()
    mark = interests.digests([chosen.pk])[chosen.pk]
    form = TypeDeclarationForm(posted(request), bids=interests.names_only(chosen))
    if wants_paper(request):
        title = _("Whom I know: %(lot)s") % {"lot": chosen}
        mine = {}
        for bid in form.bids:
            words = _("Anything to say about %(bid)s (optional)")
            mine[f"kind_{bid.pk}.{form.NOBODY}"] = _("I know nobody in it")
            mine[f"words_{bid.pk}"] = words % {"bid": bid.reference}
        return on_paper(request, form, title=title, facts={"round": member.round}, mine=mine)
    if form.is_valid():
        actions.declare(
            member=member,
            lot=chosen,
            knows=form.knows(),
            seen=mark,
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("Typed for %(name)s.") % {"name": member})
        return redirect("sharing_detail", member.round.slug)
    context = {"member": member, "lot": chosen, "form": form}
    return render(
        request, "panels/type_declaration.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.TYPE_FOR)
def type_share_reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Type what a volunteer said of their share, on paper or by phone. They get a letter of it."""
    member, by = _member(pk), reader(request)
    share.may_reply_to_share(member, by).require()
    desk = next(row for row in desks(member.person) if row.member.pk == member.pk)
    form = ReplyForm(posted(request), about=member.person.name)
    if wants_paper(request):
        facts = {"round": member.round, "desk": desk}
        about = "panels/_paper_share.html"
        title, form = _("My share of bids"), ReplyForm()  # as the volunteer is asked
        return on_paper(request, form, title=title, about=about, facts=facts)
    if form.is_valid():
        fine = form.cleaned_data["answer"] == ShareReply.Answer.FINE
        actions.reply_to_share(
            member=member,
            answer=form.cleaned_data["answer"],
            bids_wanted=desk.limit if fine else form.cleaned_data["bids_wanted"],
            by=by,
            at=clock.now(),
        )
        messages.success(request, _("Typed for %(name)s. A letter tells them.") % {"name": member})
        return redirect("sheet_list", pk)
    context = {"member": member, "desk": desk, "form": form}
    return render(
        request, "panels/type_share_reply.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.TYPE_FOR)
def type_hand_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand one bid back for a volunteer who said so on paper or by phone."""
    reading = _reading_to_type(pk)
    rules.may_hand_back(reading, reader(request)).require()
    member, bid = reading.assignment.member, reading.assignment.application
    form = SureForm(
        posted(request),
        label=_("%(name)s asked to hand this bid back") % {"name": member},
        mistake=_("Tick the box if they asked for it."),
    )
    if wants_paper(request):
        title = _("Handing back %(reference)s") % {"reference": bid.reference}
        mine = {"sure": _("I hand this bid back")}
        return on_paper(request, form, title=title, facts={"round": member.round}, mine=mine)
    if form.is_valid():
        actions.hand_back(assignment=reading.assignment, by=reader(request), at=clock.now())
        messages.success(request, _("Handed back. A letter tells %(name)s.") % {"name": member})
        return redirect("sheet_list", member.pk)
    context = {"member": member, "bid": bid, "form": form}
    return render(
        request, "panels/type_hand_back.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.TYPE_FOR)
@shows_scans
def type_scores(request: HttpRequest, pk: int) -> HttpResponse:
    """Type one paper sheet for a volunteer, who must then say that it is right."""
    reading = _reading_to_type(pk)
    rules.may_type_scores(reading, reader(request), on=clock.today()).require()
    nothing_yet = [rules.Marked(row) for row in Criterion.objects.agreed_for(reading.round)]
    form = TypeSheetForm(
        posted(request),
        request.FILES or None,
        written=rules.Written(nothing_yet),
        levels=rules.level_words(reading.round),
    )
    only_scans = scans_changed(request, reading.assignment, form)
    if not only_scans and form.is_valid() and _complete(form, reading):
        actions.type_scores(
            assignment=reading.assignment,
            answers=form.answers(),
            why=form.cleaned_data["why"],
            by=reader(request),
            at=clock.now(),
        )
        name = reading.assignment.member.person.name
        messages.success(request, _("Typed. It counts once %s has said that it is right.") % name)
        return redirect("sheet_list", reading.assignment.member_id)
    context = {
        "reading": reading,
        "bid": reading.assignment.application,
        "member": reading.assignment.member,
        "form": form,
        "scans": scans_of(reading.assignment.pk),
    }
    return render(request, "panels/type_scores.html", context, status=422 if form.errors else 200)


def _reading_to_type(pk: int) -> Reading:
    """The bid whose sheet is typed, as its reader holds it."""
    assignment = get_object_or_404(Assignment.objects.select_related("member__person"), pk=pk)
    reading = rules.find_reading(assignment.member.person, pk)
    if reading is None:
        raise Http404
    return reading


def _complete(form: AllScoresForm, reading: Reading) -> bool:
    """Whether the sheet leaves nothing open; each gap is put beside its box."""
    marks = [
        rules.Marked(criterion, answer.value, answer.cannot_judge, answer.reason)
        for criterion, answer in form.answers().items()
    ]
    missing = rules.gaps(
        marks,
        form.cleaned_data["why"],
        reason_for=reading.round.reason_for,
        bid=str(reading.assignment.application),
        reasons_needed=False,
    )
    for gap in missing:
        form.add_error(f"score_{gap.slug}" if gap.slug else "why", gap.sentence)
    return not missing


@permitted(Permission.TYPE_FOR)
@shows_scans
def check_typed_scores(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person of the staff, with the signed paper, says whether it was typed right."""
    return _judge(request, pk, "panels/check_typed_scores.html", own=False)


@permitted(Permission.SCORE)
@shows_scans
def confirm_typed_scores(request: HttpRequest, pk: int) -> HttpResponse:
    """A volunteer says whether the scores typed for them are right."""
    return _judge(request, pk, "panels/confirm_typed_scores.html", own=True)


def _judge(request: HttpRequest, pk: int, template: str, *, own: bool) -> HttpResponse:
    """One typed sheet and the question whether it is right."""
    sheets = ScoreSheet.objects.filter(typed_by__isnull=False).select_related(
        "member__person",
        "application__round__chain",
        "application__lot",
        "typed_by",
        "assignment__member__person",
    )
    if own:
        sheets = sheets.filter(member__person=reader(request), member__ended_at=None)
    scores = Prefetch("scores", Score.objects.select_related("criterion", "question"))
    sheet = get_object_or_404(sheets.prefetch_related(scores), pk=pk)
    rules.may_confirm_typed(sheet, reader(request), on=clock.today()).require()
    answers = posted(request)
    form = (
        RefuseTypedForm(answers)
        if own
        else CheckTypedForm(answers, request.FILES or None, sheet=sheet, today=clock.today())
    )
    scanned = sheet.assignment if sheet.phase == Phase.READING else None
    if not scans_changed(request, scanned, form) and form.is_valid():
        if form.cleaned_data["right"] != RefuseTypedForm.NO:
            rang_on = form.cleaned_data.get("rang_on")
            by, at = reader(request), clock.now()
            actions.confirm_typed_scores(sheet=sheet, by=by, at=at, rang_on=rang_on)
            messages.success(request, _("Thank you. These scores now count."))
        else:
            actions.refuse_typed_scores(
                sheet=sheet, words=form.cleaned_data["words"], by=reader(request), at=clock.now()
            )
            messages.success(request, _("Thank you. These scores do not count."))
        return redirect(_place(sheet, own=own))
    context = {
        "sheet": sheet,
        "scores": sheet.scores.all(),
        "bid": sheet.application,
        "form": form,
        "place": _place(sheet, own=own),
        "scans": scans_with(sheet),
    }
    return render(request, template, context, status=422 if form.errors else 200)


@permitted(Permission.TYPE_FOR)
def note_objection(request: HttpRequest, pk: int) -> HttpResponse:
    """Staff write down what a volunteer told them: what was typed and checked is wrong."""
    return _object(request, pk, "panels/note_objection.html", own=False)


@permitted(Permission.SCORE)
def object_to_typed_scores(request: HttpRequest, pk: int) -> HttpResponse:
    """A volunteer says that what staff typed and checked for them is wrong."""
    return _object(request, pk, "panels/object_to_typed_scores.html", own=True)


def _object(request: HttpRequest, pk: int, template: str, *, own: bool) -> HttpResponse:
    """One typed sheet that counts, and what is wrong with it. Staff see no score here."""
    by = reader(request)
    sheets = ScoreSheet.objects.filter(typed_by__isnull=False, member__ended_at=None)
    sheets = sheets.filter(member__person=by) if own else sheets
    rows = sheets.select_related("member__person", "application__lot", "typed_by", "confirmed_by")
    sheet = get_object_or_404(rows, pk=pk)
    rules.may_object(sheet, by, on=clock.today()).require()
    form = ObjectionForm(posted(request))
    if form.is_valid():
        actions.object_to_typed_scores(sheet=sheet, **form.cleaned_data, by=by, at=clock.now())
        messages.success(request, _("These scores do not count any more."))
        return redirect(_place(sheet, own=own))
    place = _place(sheet, own=own)
    context = {"sheet": sheet, "bid": sheet.application, "form": form, "place": place}
    return render(request, template, context, status=422 if form.errors else 200)


def _place(sheet: ScoreSheet, *, own: bool) -> str:
    """Where the sheets of this kind are listed, for their volunteer or for staff."""
    bid = sheet.application
    if sheet.phase == Phase.READING:
        return reverse("my_bids") if own else reverse("sheet_list", args=[sheet.member_id])
    panel = Panel.objects.get(lot=bid.lot_id)
    if sheet.phase == Phase.TALK:
        return reverse("talk_about_bid", args=[panel.pk, bid.pk])
    return reverse("interview_list" if own else "interview_sheet_list", args=[panel.pk])


# ---- Paper ----------------------------------------------------------------------------------
FEW_BIDS = 1
"""How many bids are made into a PDF at once: one takes a second or two, seven take ten."""


@permitted(Permission.TYPE_FOR, Permission.READ_BIDS)
@require_safe
def reading_pack(request: HttpRequest, pk: int) -> HttpResponse:
    """A volunteer's bids and score sheets in large print, to print from here."""
    return render(request, "panels/reading_pack.html", _pack(request, pk))


@permitted(Permission.TYPE_FOR, Permission.READ_BIDS)
@require_safe
def reading_pack_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as a tagged PDF. A worker makes that of several bids, asked for on its own page."""
    context = _pack(request, pk)
    if len(context["bids"]) > FEW_BIDS and pdf.available():
        return redirect("make_pack", pk)
    return _pack_as_pdf(context, f"{context['member']} bids")


@permitted(Permission.TYPE_FOR, Permission.READ_BIDS)
@require_safe
def bid_pack(request: HttpRequest, pk: int) -> HttpResponse:
    """One bid of a volunteer with its score sheet, in large print."""
    return render(request, "panels/reading_pack.html", _one_bid(request, pk))


@permitted(Permission.TYPE_FOR, Permission.READ_BIDS)
@require_safe
def bid_pack_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as a tagged PDF."""
    context = _one_bid(request, pk)
    return _pack_as_pdf(context, f"{context['member']} {context['bids'][0]['bid'].reference}")


def _pack_as_pdf(context: dict[str, Any], name: str) -> HttpResponse:
    return HttpResponse(
        pdf.made("panels/reading_pack.html", context),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{slugify(name)}.pdf"'},
    )


def _pack(request: HttpRequest, pk: int) -> dict[str, Any]:
    """What is printed: the bids the volunteer may read and is not done with, and the questions."""
    member = _member(pk)
    _theirs_or_typed_for(request, member)
    return paper.printed(member, paper.in_pack(member, reader(request)))


def _one_bid(request: HttpRequest, pk: int) -> dict[str, Any]:
    """The same for one bid. It can be printed again once its reader is done, without the sheet."""
    reading = _reading_to_type(pk)
    member = _member(reading.assignment.member_id)
    _theirs_or_typed_for(request, member)
    rules.may_print(reading, reader(request)).require()
    return paper.printed(member, [reading])


def _theirs_or_typed_for(request: HttpRequest, member: Member) -> None:
    if not paper.may_have_pack(member, reader(request)):
        raise Http404
