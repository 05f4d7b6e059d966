"""How sign-in is ours: no passwords, and a second step only for staff and board."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from accounts.models import Role


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Emails carry the programme's name and never go through the stored letters."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Anybody may make an account, to bid. Volunteers and staff are invited."""
        return True

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """A new account starts with its email's first part as a name, until the person gives one."""
        user = super().save_user(request, user, form, commit=False)
        user.name = user.name or (user.sign_in_email or "").split("@")[0]
        if commit:
            user.save()
        return user


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """A passkey must never lock a volunteer out, so the second step asks the role."""

    SECOND_STEP_ROLES = (Role.FACILITATOR, Role.BOARD, Role.ADMINISTRATOR)

    def is_mfa_enabled(self, user: Any, types: list[str] | None = None) -> bool:
        return user.holds(*self.SECOND_STEP_ROLES) and super().is_mfa_enabled(user, types)
