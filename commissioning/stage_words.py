"""What each stage means for a volunteer, in a sentence or two: for letters and the timeline."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commissioning.models import StageKind

MEANS: Mapping[str, str | Promise] = {
    StageKind.SETUP: _("The round is being set up. You can say what the money should be for."),
    StageKind.JOIN: _("You can see what is involved, and then say yes or no."),
    StageKind.TRAINING: _("Short topics help you get ready. You do them at your own pace."),
    StageKind.CRITERIA: _("You say what makes a good bid. Then you all agree it by a vote."),
    StageKind.OPEN: _("Groups are writing their bids. There is nothing for you to do."),
    StageKind.ELIGIBILITY: _(
        "Facilitators check each bid against the funder’s rules. You can see the reasons."
    ),
    StageKind.SHARING: _("You say who you know in the bids. Then the bids are shared out."),
    StageKind.SCORING: _("You read your bids and score them, at your own pace."),
    StageKind.SHORTLIST: _("Your panel sees all the scores, talks, and chooses who to meet."),
    StageKind.INTERVIEWS: _("Your panel meets the organisations and asks its questions."),
    StageKind.DECISION: _("Your panel meets and decides who gets money."),
    StageKind.LETTERS: _("Facilitators do the last checks. Your panel reads the letters first."),
    StageKind.REPORT: _("The report says what was decided and why. Your panel reads it first."),
    StageKind.LEARN: _("We look back together, and say thank you."),
}
