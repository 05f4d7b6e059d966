"""A form that is typed for people, printed for a pen: the same questions, so they cannot differ."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def wants_paper(request: HttpRequest) -> bool:
    """Whether the printed form was asked for, not the one to type into."""
    return request.method in ("GET", "HEAD") and "paper" in request.GET


def on_paper(
    request: HttpRequest,
    form: forms.BaseForm,
    *,
    title: str,
    leave_out: Collection[str] = (),
    about: str = "",
    facts: dict[str, Any] | None = None,
    mine: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The form to print, with a line for the name and one to sign on.

    `leave_out`: questions for whoever types, like whose paper it is. `about`: a template with what
    is answered, such as the words that are voted on; `facts` are what it needs, and `whose` it is,
    for the window's title alone. `mine`: what a question, or one of its answers ("coming.yes"),
    says to whoever holds the pen, where the page for typing says "they".
    """
    for name, words in (mine or {}).items():
        _say(form, name, words)
    fields = [field for field in form.visible_fields() if field.name not in leave_out]
    page = {"title": title, "fields": fields, "about": about}
    return render(request, "paper_form.html", {**(facts or {}), **page})


def _say(form: forms.BaseForm, name: str, words: str) -> None:
    name, _dot, value = name.partition(".")
    field: Any = form.fields[name]
    if value == "hint":
        field.help_text = words
    elif value:
        field.choices = [(key, words if key == value else said) for key, said in field.choices]
    else:
        field.label = words
