"""How every page here finds its round and the reader's place in it. Not yours is not there."""

from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.permissions import Permission, holds, reader
from commissioning.models import Agreement, Member, MustHave, Objection, Round, Suggestion


def find_round(request: HttpRequest, slug: str) -> Round:
    """The round of this name, if the reader may see it, with its stages."""
    rounds = Round.objects.visible_to(request.user).select_related("programme", "chain")
    return get_object_or_404(rounds.prefetch_related("stages"), slug=slug)


def way_up(request: HttpRequest, round: Round) -> str:
    """The address of the reader's own page about the round; home for those who have none."""
    if holds(request.user, Permission.SET_UP):
        return reverse("round_detail", args=[round.slug])
    if holds(request.user, Permission.TAKE_PART):
        return reverse("round_welcome", args=[round.slug])
    return reverse("home")


def find_place(request: HttpRequest, round: Round) -> Member:
    """The reader's own place in the round, invited or joined; 404 without one."""
    places = Member.objects.filter(ended_at=None).select_related("person")
    member = get_object_or_404(places, round=round, person=reader(request))
    member.round = round
    return member


def place_or_none(request: HttpRequest, round: Round) -> Member | None:
    """The reader's place as somebody taking part, or None for staff and those only invited."""
    return Member.objects.here().filter(round=round, person=reader(request)).first()


def find_agreement(request: HttpRequest, slug: str, pk: int, **filters: Any) -> Agreement:
    """One agreement of a round the reader may see, with the round's stages."""
    agreements = (
        Agreement.objects.filter(round__in=Round.objects.visible_to(request.user))
        .select_related("round__programme", "round__chain")
        .prefetch_related("round__stages")
    )
    return get_object_or_404(agreements, round__slug=slug, pk=pk, **filters)


def with_words(agreement: Agreement) -> Agreement:
    """The agreement with all that is worded, and the suggestions each part grew from."""
    said = Suggestion.objects.select_related("member__person")
    part = "criteria" if agreement.about == Suggestion.About.CRITERIA else "priorities"
    lookups: list[Any] = [
        part,
        Prefetch(f"{part}__suggestions", queryset=said),
        Prefetch("objections", Objection.objects.select_related("funder_rule", "made_by")),
    ]
    if part == "criteria":
        lookups += ["criteria__levels", Prefetch("must_haves", MustHave.objects.order_by("pk"))]
    prefetch_related_objects([agreement], *lookups)
    return agreement
