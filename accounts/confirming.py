"""Showing once more that it is you, before something that matters: a code by email, typed here.

allauth takes somebody with no password and no app for "just signed in", however long ago that was.
So signing a decision, changing the email and adding a passkey ask this of everybody.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.adapters import CONFIRMED_AT
from accounts.kept import keep

LASTS_SECONDS = 20 * 60

View = Callable[..., HttpResponse]


def confirmed_now(request: HttpRequest) -> None:
    """Note that the reader has just shown who they are."""
    request.session[CONFIRMED_AT] = time.time()


def is_confirmed(request: HttpRequest) -> bool:
    """Whether the reader signed in, or typed a code, in the last 20 minutes."""
    at = request.session.get(CONFIRMED_AT, 0)
    return isinstance(at, int | float) and time.time() - at < LASTS_SECONDS


def confirmed_lately(view: View) -> View:
    """A page for somebody who lately showed who they are; others are asked for a code first.

    What they had typed into a form is kept, and comes back after the code.
    """

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_confirmed(request):
            return view(request, *args, **kwargs)
        back = request.get_full_path()
        if request.method == "POST" and request.user.is_authenticated:
            back = reverse("kept_work", args=[keep(request, request.user).pk])
        return redirect(f"{reverse('confirm_it_is_you')}?{urlencode({'next': back})}")

    return login_required(inner)
