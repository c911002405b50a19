"""The log-in form: with the right password, explain why an account still may not log in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm


class LoginForm(AuthenticationForm):
    """Django reports "wrong password" for an account without `is_staff` too; this form does not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Django limits what a browser sends and no more; PostgreSQL refuses to record a failure
        # with a longer name.
        longest = self.username_field.max_length or 150
        self.fields["username"].validators.append(MaxLengthValidator(longest))

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Raise ValidationError for an account that may not use the portal.

        Called only after the password was verified, so nothing is disclosed to anyone else.
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
