"""Reading and scoring: a volunteer's start page, one bid, one question at a time, and sending."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, Refused, permitted
from accounts.versions import Stale
from applications.documents import as_download
from applications.models import Document
from commissioning.models import Criterion, LevelWord, Member
from ledger import clock
from panels import actions
from panels.actions.scoring import bid_draft
from panels.forms import (
    AbstainForm,
    AllScoresForm,
    NotesForm,
    ReplyForm,
    ScoreForm,
    SureForm,
    WhyForm,
)
from panels.models import Abstention, Score, ScoreSheet, ShareReply
from panels.rules import scoring as rules
from panels.rules.desk import Desk, desks, minutes_to_read
from panels.rules.scoring import Marked, Reading
from panels.rules.share import reason_words
from panels.views import saving


def own_reading(request: HttpRequest, pk: int) -> Reading:
    """A bid in this reader's hands; for anybody else it is not there."""
    reading = rules.find_reading(request.user, pk)  # type: ignore[arg-type]  # signed in
    if reading is None:
        raise Http404
    return reading
