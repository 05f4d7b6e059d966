"""Questions about all of us with no names: a volunteer's way to them, and anybody's with a code."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import posted
from accounts.permissions import Permission, Refused, permitted
from commissioning.models import Round
from support import actions, rules
from support.forms import AboutUsForm
from support.views.volunteer import own_place


@never_cache
@permitted(Permission.TAKE_PART)
@require_http_methods(["GET", "HEAD", "POST"])
def take_about_us_code(request: HttpRequest, round: str) -> HttpResponse:
    """Why we ask, and a code that lets the reader answer once. The code is shown this once."""
    member = own_place(request, round)
    questions = actions.asked_now(member.round.programme)
    page = {"member": member, "round": member.round, "questions": questions}
    if request.method == "POST":
        code = actions.give_code(member=member, by=member.person)
        form = AboutUsForm(questions=questions, initial={"code": code})
        return render(
            request, "support/take_about_us_code.html", {**page, "code": code, "form": form}
        )
    page["may"] = rules.may_have_code(member)
    return render(request, "support/take_about_us_code.html", page)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_about_us(request: HttpRequest, round: str) -> HttpResponse:
    """The questions, for whoever has a code. It does not ask who is reading, and keeps no time."""
    found = get_object_or_404(Round.objects.select_related("programme"), slug=round)
    questions = actions.asked_now(found.programme)
    if not questions:
        raise Http404
    form = AboutUsForm(posted(request), questions=questions)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_about_us(
                round=found, code=form.cleaned_data["code"], chosen=form.chosen()
            )
        except Refused as refused:
            form.add_error("code", str(refused))
        else:
            return redirect("about_us_sent", round=round)
    page = {"round": found, "form": form}
    return render(request, "support/answer_about_us.html", page, status=422 if form.errors else 200)


@require_safe
def about_us_sent(request: HttpRequest, round: str) -> HttpResponse:
    """Thanks, and what happens with the answers."""
    found = get_object_or_404(Round, slug=round)
    return render(request, "support/about_us_sent.html", {"round": found})
