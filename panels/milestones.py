"""What a reader has managed so far, in words. Pure; it looks back, and never says what is late."""

from django.utils.translation import gettext as _


def milestone(*, sent: int, of: int) -> str:
    """A sentence for a reader who has sent some of their bids; empty when there is none to say."""
    if not 0 < sent < of:
        return ""
    if sent == of - 1:
        return _("Only one is left. Well done so far.")
    if sent * 2 == of:
        return _("You have read half.")
    if sent * 2 > of:
        return _("You have read more than half.")
    if sent == 1:
        return _("Your first one is sent. That is often the hardest.")
    return _("You are well on your way.")
