"""The form of a run: from what is known of a script to fields, and from fields to a request.

One card per experiment. A field that still holds its script's literal default is not given, so
that the argument template alone decides whether the default is written out. What a script
computes by itself is shown as text, and only given when somebody fills it in.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from registry_app.arguments.parameters import marked_secret
from registry_app.models import Experiment
from runs_app.exceptions import RefusedError
from runs_app.lifecycle.submit import RunRequest
from runs_app.models import Run
from runs_app.preflight.script_choices import ScriptChoice, script_choice, script_choices
from runs_app.runner.command import secret_words
from runs_app.runner.command.build import parse_assignments
from runs_app.runner.command.known import KnownParameters
from runs_app.views.form_fields import ParameterField, field_of, sent_field


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the form holds for one experiment."""

    experiment: Experiment
    type: str
    choices: tuple[ScriptChoice, ...]
    others: tuple[str, ...]
    choice: ScriptChoice | None
    fields: tuple[ParameterField, ...]
    shown: str = ""
    version: str = ""
    further: str = ""
    extra: str = ""
    note: str = ""
    priority: str = "0"
    force: bool = False
    rerun_of: Run | None = None
    always: frozenset[str] = field(default=frozenset())

    @property
    def prefix(self) -> str:
        return str(self.experiment.pk)

    @property
    def script(self) -> str:
        return self.choice.path if self.choice else ""

    @property
    def shown_further(self) -> str:
        """The further parameters as they are shown again, without secret values."""
        return "\n".join(self._masked([line])[0] for line in self.further.split("\n"))

    @property
    def shown_extra(self) -> str:
        """The extra arguments as they are shown again, without secret values."""
        try:
            words = shlex.split(self.extra)
        except ValueError:
            words = self.extra.split()
        masked = self._masked(words)
        return self.extra if masked == tuple(words) else shlex.join(masked)

    def _masked(self, words: Sequence[str]) -> tuple[str, ...]:
        known = KnownParameters(self.choice.parameters if self.choice else ())
        return secret_words.shown(secret_words.marked(words, known))

    @property
    def is_stale(self) -> bool:
        """Whether the parameters that were shown belong to another script."""
        return self.shown != self.script


def blank_card(experiment: Experiment, type: str, *, script: str = "") -> Card:  # noqa: A002
    """Return the form as it is before anybody filled it in."""
    return _card(experiment, type, script=script, values={})


def card_again(run: Run, *, script: str = "") -> Card:
    """Return the form filled with what an earlier run had."""
    script = script or run.script
    values = run.params if script == run.script else {}
    return _card(
        run.experiment,
        run.type,
        script=script,
        values=values,
        rerun_of=run,
        version=run.version,
        extra=shlex.join(run.extra_args),
        note=run.note,
        priority=str(run.priority),
    )


def posted_card(
    experiment: Experiment,
    type: str,  # noqa: A002
    data: Mapping[str, str],
    *,
    rerun_of: Run | None = None,
) -> Card:
    """Return the form as somebody sent it; other parameters appear where the script was changed."""
    prefix = f"{experiment.pk}-"

    def sent(name: str) -> str:
        return str(data.get(prefix + name, "")).replace("\r\n", "\n").replace("\0", "")

    script, shown = sent("script"), sent("shown")
    common: dict[str, Any] = {
        "rerun_of": rerun_of,
        "shown": shown,
        **{name: sent(name) for name in ("version", "extra", "note", "further")},
        "priority": sent("priority") or "0",
        "force": bool(sent("force")),
    }
    start = rerun_of.params if rerun_of is not None and rerun_of.script == script else {}
    card = _card(experiment, type, script=script, values=start, **common)
    if card.is_stale:
        return card
    return replace(card, fields=tuple(sent_field(one, sent) for one in card.fields))


def request_of(card: Card, *, token: UUID | None = None) -> RunRequest:
    """Return what the form asks for; raises RunnerError naming the cure."""
    try:
        extra = tuple(shlex.split(card.extra))
    except ValueError as error:
        raise RefusedError(
            _("The extra arguments have an open quote or a lone backslash. Close the quote.")
        ) from error
    return RunRequest(
        experiment=card.experiment,
        type=card.type,
        version=_short(card.version, 100, _("The version")),
        script=card.script,
        params=_given(card),
        extra_args=extra,
        note=_short(card.note, 1000, _("The note")),
        priority=_priority(card.priority),
        force=card.force,
        rerun_of=card.rerun_of,
        uuid=uuid5(token, str(card.experiment.pk)) if token else None,
    )


def _card(
    experiment: Experiment,
    type: str,  # noqa: A002
    *,
    script: str,
    values: Mapping[str, Any],
    **texts: Any,
) -> Card:
    choices = tuple(script_choices(experiment, type))
    offered = {choice.path for choice in choices}
    if script:
        choice = next((one for one in choices if one.path == script), None)
        choice = choice or script_choice(experiment, type, script)
    else:
        choice = choices[0] if choices else None
    others = sorted({row.path for row in experiment.scripts.all()} - offered)
    if choice is not None and choice.path not in offered and choice.path not in others:
        others.append(choice.path)
    parameters = marked_secret(choice.parameters if choice else (), _secrets(texts))
    known = {parameter.name for parameter in parameters}
    texts.setdefault("further", _lines_of(values, known))
    texts.setdefault("shown", choice.path if choice else "")
    return Card(
        experiment=experiment,
        type=type,
        choices=choices,
        others=tuple(others),
        choice=choice,
        fields=tuple(field_of(experiment.pk, one, values) for one in parameters),
        always=frozenset(values) & known,
        **texts,
    )


def _secrets(texts: Mapping[str, Any]) -> Sequence[str]:
    """Return what was secret in the run that is repeated."""
    earlier: Run | None = texts.get("rerun_of")
    return earlier.secrets if earlier is not None else ()


def _given(card: Card) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for one in card.fields:
        is_given = one.value != one.initial or one.parameter.name in card.always
        if one.kind == "switch":
            if is_given:
                given[one.parameter.name] = one.is_on
        elif one.value.strip() and is_given:
            lines = [line for line in one.value.split("\n") if line.strip()]
            given[one.parameter.name] = lines if one.kind == "many" else one.value
    further = [line.strip() for line in card.further.splitlines() if line.strip()]
    for name, value in parse_assignments(further).items():
        if name in given:
            raise RefusedError(
                _("{name} is given twice; take it out of the further parameters.").format(name=name)
            )
        given[name] = value
    return given


def _lines_of(values: Mapping[str, Any], known: set[str]) -> str:
    """Return parameters that have no field as NAME=VALUE, one a line."""
    pairs: list[str] = []
    for name, value in values.items():
        if name not in known:
            many: Sequence[Any] = value if isinstance(value, list) else [value]
            pairs += [f"{name}={one}" for one in many]
    return "\n".join(pairs)


def _priority(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 1000
    if not -100 <= number <= 100:
        raise RefusedError(_("The priority is a whole number from -100 to 100."))
    return number


def _short(text: str, limit: int, what: str) -> str:
    text = text.strip()
    if len(text) > limit:
        raise RefusedError(
            _("{what} is longer than {limit} characters. Shorten it.").format(
                what=what, limit=limit
            )
        )
    return text
