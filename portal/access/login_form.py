"""The log-in: whoever gives the right password hears why they may not come in all the same."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm


class LoginForm(AuthenticationForm):
    """Django says "wrong password" of an account without the staff tick as well."""

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Raise ValidationError for an account that may not use the portal.

        Asked only after the password was found to be right, so nothing is told to others.
        """
        if user.is_active and not getattr(user, "is_staff", False):
            raise ValidationError(
                _(
                    "This account has no access to the portal yet. Ask an administrator to give "
                    "it a role and to tick “Staff status”."
                ),
                code="no_access",
            )
        super().confirm_login_allowed(user)
