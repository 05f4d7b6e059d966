"""Two people, or two tabs, saving the same words: the second is told, and nothing is lost."""

from django.utils.translation import gettext as _


class Stale(Exception):
    """Another save came first. `theirs` is what is stored now, `version` its number."""

    def __init__(self, *, theirs: dict[str, str], version: int) -> None:
        super().__init__(_("This was changed in another place. Look at both and choose."))
        self.theirs = theirs
        self.version = version
