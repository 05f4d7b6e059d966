"""How a page that saves while people write answers its script."""

from collections.abc import Mapping
from datetime import datetime

from django.forms import BaseForm
from django.http import HttpRequest, JsonResponse

from accounts.templatetags.purse import time_of_day
from accounts.versions import Stale


def is_autosave(request: HttpRequest) -> bool:
    """Whether the page's script saves by itself, and wants a short answer."""
    return request.headers.get("X-Autosave") == "1"


def client_id(request: HttpRequest) -> str:
    """The name of this one edit, the same when the script tries again."""
    return request.POST.get("client_id", "")[:40]


def kept(version: int, at: datetime) -> JsonResponse:
    """It is saved."""
    return JsonResponse({"version": version, "saved_at_words": time_of_day(at)})


def not_kept(form: BaseForm) -> JsonResponse:
    """It cannot be saved as it is; the button will say why."""
    return JsonResponse({"errors": form.errors.get_json_data()}, status=422)


def changed(error: Stale, form: BaseForm) -> JsonResponse:
    """Another save came first: both texts."""
    return JsonResponse({"version": error.version, "texts": both_texts(error, form)}, status=409)


def both_texts(error: Stale, form: BaseForm) -> list[dict[str, str]]:
    """What was typed here and what is stored, for each box where they differ."""
    return [
        {"name": name, "label": str(form.fields[name].label), "yours": yours, "theirs": theirs}
        for name, theirs in error.theirs.items()
        if name in form.fields and (yours := form.data.get(name, "")) != theirs
    ]


def with_version(data: Mapping[str, str], version: int) -> dict[str, str]:
    """What was typed, now based on the stored version, so that saving again keeps the typed."""
    return {**{name: data[name] for name in data}, "version": str(version)}
