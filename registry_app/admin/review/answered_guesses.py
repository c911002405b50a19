"""Read a user's answers to guesses from the form, and apply them."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry_app.admin.base import person
from registry_app.admin.review.guess_list import (
    GAP,
    SentGuesses,
    as_text,
    guess_of,
    value_typed,
)
from registry_app.changes.guesses import GuessAnswer, answer
from registry_app.changes.proposals import present_fields
from registry_app.choices import Confidence
from registry_app.exceptions import RegistryError

# Values of the buttons: the chosen guesses, all sure ones, all of one experiment, or a key.
CHOSEN, SURE, ALL_OF = "chosen", "sure", "all-"


def answer_guesses(request: HttpRequest) -> None:
    """Apply the pressed button and all typed values; raises RegistryError."""
    answers = list(_answers(request))
    if not answers:
        raise RegistryError(_("Nothing was done: choose at least one value first."))
    made = answer(answers, by=person(request))
    wrong = "reject" in request.POST
    count = len(answers)
    text = (
        ngettext("%(n)d value was cleared.", "%(n)d values were cleared.", count)
        if wrong
        else ngettext("%(n)d value is confirmed.", "%(n)d values are confirmed.", count)
    )
    address = reverse("admin:registry_app_changeset_change", args=[made.pk])
    link = format_html('<a class="gf-link" href="{}">{}</a>', address, _("View or undo"))
    messages.success(request, format_html("{} {}", text % {"n": count}, link))


def sent_guesses(request: HttpRequest) -> SentGuesses:
    """Return the content of a refused form."""
    values = {
        name.removeprefix("value-"): str(value)
        for name, value in request.POST.items()
        if name.startswith("value-")
    }
    return SentGuesses(chosen=frozenset(request.POST.getlist("chosen")), values=values)


def _answers(request: HttpRequest) -> Iterator[GuessAnswer]:
    """Return an answer for each field that the button covers, and for each typed value."""
    seen = {
        name.removeprefix("seen-"): str(value).partition(".")
        for name, value in request.POST.items()
        if name.startswith("seen-") and guess_of(name.removeprefix("seen-"))
    }
    wrong = "reject" in request.POST
    meant = _meant(request, {key: kind for key, (_digest, _dot, kind) in seen.items()})
    is_single = len(meant) == 1
    keys = {key: guess_of(key) for key in seen}
    present = present_fields(pair[0] for pair in keys.values() if pair)
    for key, (digest, _dot, kind) in seen.items():
        pair = keys[key]
        if pair is None:
            continue
        pk, name = pair
        typed = request.POST.get(f"value-{key}")
        now = as_text(present.get(pk, {}).get(name))
        if key in meant and wrong:
            yield GuessAnswer(experiment=pk, field=name, seen=digest, value="", is_single=is_single)
        elif typed is not None and typed.split() != now.split():
            value = value_typed(name, typed)
            yield GuessAnswer(experiment=pk, field=name, seen=digest, value=value, is_single=True)
        elif key in meant and kind != GAP:
            yield GuessAnswer(experiment=pk, field=name, seen=digest, is_single=is_single)


def _meant(request: HttpRequest, kinds: dict[str, str]) -> set[str]:
    """Return the keys that the pressed button covers."""
    verb = "reject" if "reject" in request.POST else "accept"
    pressed = request.POST.get(verb, "")
    if pressed == CHOSEN:
        return set(request.POST.getlist("chosen"))
    if pressed == SURE:
        return {key for key, kind in kinds.items() if kind == Confidence.SURE}
    if pressed.startswith(ALL_OF):
        prefix = f"{pressed.removeprefix(ALL_OF)}:"
        return {key for key in kinds if key.startswith(prefix)}
    return {pressed}
