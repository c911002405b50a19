"""Makes a colleague who can work at once: the account, its password and its roles in one form."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import Group, User
from django.utils.translation import gettext_lazy as _
from unfold.forms import UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget


class ColleagueForm(UserCreationForm):
    """Whoever has a role may log in: the tick for that is set here, where it was forgotten."""

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
        """Return the account, which may log in if it has a role."""
        self.instance.is_staff = bool(self.cleaned_data["groups"])
        return super().save(commit=commit)
