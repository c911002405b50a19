"""Create a usable account in one form: the user, the password and the roles."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import Group, User
from django.utils.translation import gettext_lazy as _
from unfold.forms import UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget


class ColleagueForm(UserCreationForm):
    """Set `is_staff` for a user who has a role: without it the user cannot log in."""

    groups = forms.ModelMultipleChoiceField(
        queryset=Group.objects.order_by("name"),
        required=False,
        label=_("Roles"),
        help_text=_("Without a role this person cannot log in yet; one can be given later."),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = User
        fields: ClassVar = ("username", "first_name", "last_name", "email", "groups")

    def save(self, commit: bool = True) -> Any:
        """Return the account; it may log in if it has a role."""
        self.instance.is_staff = bool(self.cleaned_data["groups"])
        return super().save(commit=commit)
