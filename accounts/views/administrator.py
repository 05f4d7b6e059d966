"""Administrators invite staff and board, and end roles. They see no bids and no scores."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import actions, rules
from accounts.forms import EndRoleForm, StaffInvitationForm, posted
from accounts.models import Person, Role, RoleHolding
from accounts.permissions import NEVER, Permission, Refused, permitted, reader
from ledger import clock


@permitted(Permission.INVITE_STAFF)
@require_safe
def staff_list(request: HttpRequest) -> HttpResponse:
    """Who works here, who is on the board, and since when."""
    current = RoleHolding.objects.filter(ended_at=None, role__in=rules.STAFF_ROLES)
    people = (
        Person.objects.visible_to(request.user)
        .filter(roles__in=current)
        .prefetch_related(Prefetch("roles", current.order_by("began_at"), to_attr="roles_now"))
        .distinct()
        .order_by("name", "pk")
    )
    return render(request, "accounts/staff_list.html", {"people": people})


@permitted(Permission.INVITE_STAFF)
def invite_staff(request: HttpRequest) -> HttpResponse:
    """Invite somebody to work here, or to the board."""
    hints = {role.value: _("Never: %(what)s") % {"what": NEVER[role]} for role in rules.STAFF_ROLES}
    form = StaffInvitationForm(posted(request), roles=rules.STAFF_ROLES, hints=hints)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            person = actions.invite_person(
                name=asked["name"],
                email=asked["email"],
                role=Role(asked["role"]),
                by=reader(request),
                at=clock.now(),
            )
        except Refused as refused:
            form.add_error("role", str(refused))
        else:
            messages.success(
                request, _("%(name)s is invited. A letter is on its way.") % {"name": person.name}
            )
            return redirect("staff_list")
    return render(
        request,
        "accounts/invite_staff.html",
        {"form": form, "back_url": reverse("staff_list")},
        status=422 if form.errors else 200,
    )


@permitted(Permission.INVITE_STAFF, Permission.INVITE_VOLUNTEERS)
def end_role(request: HttpRequest, pk: int) -> HttpResponse:
    """End a role somebody holds, after one unticked box."""
    holding = get_object_or_404(
        RoleHolding.objects.filter(ended_at=None).select_related("person"), pk=pk
    )
    role = Role(holding.role)
    if not rules.may_hand_out(reader(request), role):
        raise Http404
    rules.may_end_role(reader(request), holding.person, role).require()
    volunteers = role in rules.CARE_ROLES
    back = (
        reverse("person_detail", args=[holding.person_id]) if volunteers else reverse("staff_list")
    )
    form = EndRoleForm(posted(request))
    if form.is_valid():
        actions.end_role(person=holding.person, role=role, by=reader(request), at=clock.now())
        messages.success(request, _("The role has ended."))
        return redirect(back)
    return render(
        request,
        "accounts/end_role.html",
        {"form": form, "holding": holding, "back_url": back},
        status=422 if form.errors else 200,
    )
