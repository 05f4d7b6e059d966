"""Two people, or two tabs, saving the same words: the second is told, and nothing is lost."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.templatetags.purse import moment, time_of_day


class Stale(Exception):
    """Another save came first. `theirs` is what is stored now, `version` its number, and `by` and
    `at` say who saved it and when, where that is known."""

    def __init__(
        self,
        *,
        theirs: dict[str, str],
        version: int,
        by: Person | None = None,
        at: datetime | None = None,
    ) -> None:
        super().__init__(_("This was changed in another place. Look at both and choose."))
        self.theirs = theirs
        self.version = version
        self.by = by
        self.at = at

    def said_to(self, reader: Person, *, now: datetime) -> str:
        """Who saved it and when, in words for this reader; the time alone on the same day."""
        if not (self.by and self.at):
            return _("This was changed somewhere else.")
        when = _("at %(time)s") % {"time": time_of_day(self.at)}
        if timezone.localdate(self.at) != timezone.localdate(now):
            when = _("on %(moment)s") % {"moment": moment(self.at)}
        if self.by.pk == reader.pk:
            return _("You saved this in another place %(when)s.") % {"when": when}
        return _("%(name)s saved this %(when)s.") % {"name": self.by.name, "when": when}
