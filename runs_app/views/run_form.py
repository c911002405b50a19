"""The form of a run: from what is known of a script to fields, and from fields to a request.

One card per experiment. A script's own default is the hint of an empty field, and no value is
passed for a field that stays empty. A field starts with the value fixed in the registry; emptying
it requests a run without that value.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid5

from registry_app.arguments.parameters import COMMAND, marked_secret
from registry_app.arguments.secret_names import MASKED
from registry_app.arguments.variables import looks_secret, to_lines
from registry_app.messages import Message
from registry_app.models import Experiment
from runs_app.exceptions import RefusedError
from runs_app.lifecycle.prepare import RunRequest
from runs_app.models import Run
from runs_app.preflight.script_choices import ScriptChoice, script_choice, script_choices
from runs_app.preflight.sub_commands import with_its_parameters, word_of
from runs_app.preflight.variables import parse_variables
from runs_app.queue.not_before import parse_not_before
from runs_app.runner.command import secret_words
from runs_app.runner.command.build import cleared, parse_assignments
from runs_app.runner.command.known import KnownParameters
from runs_app.texts import refusals, requests
from runs_app.texts.command import VERSION
from runs_app.views.form_fields import ParameterField, field_of, sent_field, with_earlier


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
    command: str = ""
    shown_command: str = ""
    version: str = ""
    further: str = ""
    extra: str = ""
    environment: str = ""
    note: str = ""
    priority: str = "0"
    not_before: str = ""
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
        """The further parameters as redisplayed, without secret values."""
        return "\n".join(self._masked([line])[0] for line in self.further.split("\n"))

    @property
    def shown_extra(self) -> str:
        """The extra arguments as redisplayed, without secret values."""
        try:
            words = shlex.split(self.extra)
        except ValueError:
            words = self.extra.split()
        masked = self._masked(words)
        return self.extra if masked == tuple(words) else shlex.join(masked)

    @property
    def shown_environment(self) -> str:
        """The variables as redisplayed, without secret values, which are refused."""
        return "\n".join(_shown_variable(line) for line in self.environment.split("\n"))

    def _masked(self, words: Sequence[str]) -> tuple[str, ...]:
        known = KnownParameters(self.choice.parameters if self.choice else ())
        return secret_words.shown(secret_words.marked(words, known))

    @property
    def is_stale(self) -> bool:
        """Whether the displayed parameters belong to another script, or to another sub-command."""
        return self.shown != self.script or self.shown_command != self.command


def blank_card(experiment: Experiment, type: str, *, script: str = "") -> Card:  # noqa: A002
    """Return the form before it is filled in."""
    return _card(experiment, type, script=script, values={})


def card_again(run: Run, *, script: str = "") -> Card:
    """Return the form filled with the values of an earlier run."""
    script = script or run.script
    is_same = script == run.script
    card = _card(
        run.experiment,
        run.type,
        script=script,
        values=run.repeatable if is_same else {},
        rerun_of=run,
        version=run.version,
        extra=shlex.join(run.extra_args),
        environment=to_lines(run.given_environment),
        note=run.note,
        priority=str(run.priority),
    )
    return _with_earlier(card, run) if is_same else card


def posted_card(
    experiment: Experiment,
    type: str,  # noqa: A002
    data: Mapping[str, str],
    *,
    rerun_of: Run | None = None,
) -> Card:
    """Return the form as submitted; a changed script changes the parameters."""
    prefix = f"{experiment.pk}-"

    def sent(name: str) -> str:
        return str(data.get(prefix + name, "")).replace("\r\n", "\n").replace("\0", "")

    script, shown = sent("script"), sent("shown")
    common: dict[str, Any] = {
        "rerun_of": rerun_of,
        "shown": shown,
        **{name: sent(name) for name in ("version", "extra", "environment", "note", "further")},
        "priority": sent("priority") or "0",
        # One time for all cards of the form.
        "not_before": str(data.get("not_before", "")).replace("\0", ""),
        "force": bool(sent("force")),
    }
    is_same = rerun_of is not None and rerun_of.script == script
    start = rerun_of.repeatable if rerun_of is not None and is_same else {}
    if shown == script:
        common |= {"command": sent(f"p.{COMMAND}"), "shown_command": sent("chosen")}
    card = _card(experiment, type, script=script, values=start, **common)
    if rerun_of is not None and is_same:
        card = _with_earlier(card, rerun_of)
    if card.shown != card.script:
        return card
    hidden = _not_displayed(card)
    fields = (
        field if field.parameter.name in hidden else sent_field(field, sent)
        for field in card.fields
    )
    return replace(card, fields=tuple(fields))


def _not_displayed(card: Card) -> set[str]:
    """Return the parameters of a sub-command that was chosen after the form was displayed."""
    if card.choice is None or card.command == card.shown_command:
        return set()
    return {parameter.name for parameter in card.choice.of_commands.get(card.command, ())}


def request_of(card: Card, *, token: UUID | None = None) -> RunRequest:
    """Return the request of the form; raise RunnerError, naming the fix, if it is invalid."""
    try:
        extra = tuple(shlex.split(card.extra))
    except ValueError as error:
        raise RefusedError(requests.OPEN_QUOTE_IN_EXTRA()) from error
    return RunRequest(
        experiment=card.experiment,
        type=card.type,
        version=_short(card.version, 100, VERSION()),
        script=card.script,
        params=_given(card),
        extra_args=extra,
        environment=parse_variables(_lines(card.environment)),
        note=_short(card.note, 1000, requests.NOTE()),
        priority=_priority(card.priority),
        not_before=parse_not_before(card.not_before),
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
        choice = next((choice for choice in choices if choice.path == script), None)
        choice = choice or script_choice(experiment, type, script)
    else:
        choice = choices[0] if choices else None
    if choice is not None:
        chosen = {COMMAND: texts["command"]} if "command" in texts else {}
        texts["command"] = word_of(choice, {**values, **chosen})
        choice = with_its_parameters(choice, texts["command"])
        texts.setdefault("shown_command", texts["command"])
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
        fields=tuple(
            field_of(experiment.pk, parameter, values, choice.fixed if choice else {})
            for parameter in parameters
        ),
        always=frozenset(values) & known,
        **texts,
    )


def _with_earlier(card: Card, run: Run) -> Card:
    """Return the card marked with the script's own defaults that changed since an earlier run.

    Values given to that run are shown as given, unless an older version stored all values alike.
    """
    given = run.given or {}
    had = {name: value for name, value in run.params.items() if name not in given}
    return replace(card, fields=tuple(with_earlier(field, had) for field in card.fields))


def _secrets(texts: Mapping[str, Any]) -> Sequence[str]:
    """Return what was secret in the run that is repeated."""
    earlier: Run | None = texts.get("rerun_of")
    return earlier.secrets if earlier is not None else ()


def _given(card: Card) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for shown in card.fields:
        is_given = shown.value != shown.initial or shown.parameter.name in card.always
        if shown.kind == "switch":
            if is_given:
                given[shown.parameter.name] = shown.is_on
        elif shown.value.strip() and is_given:
            lines = [line for line in shown.value.split("\n") if line.strip()]
            given[shown.parameter.name] = lines if shown.kind == "many" else shown.value
        elif shown.initial and not shown.value.strip():
            given[shown.parameter.name] = None
    for name, value in cleared(parse_assignments(_lines(card.further))).items():
        if name in given:
            raise RefusedError(requests.GIVEN_AS_FURTHER_TOO(name=name))
        given[name] = value
    return given


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _shown_variable(line: str) -> str:
    name, sign, value = line.partition("=")
    return f"{name}={MASKED}" if sign and looks_secret(name.strip(), value) else line


def _lines_of(values: Mapping[str, Any], known: set[str]) -> str:
    """Return parameters that have no field as NAME=VALUE, one per line."""
    pairs: list[str] = []
    for name, value in values.items():
        if name not in known and value is not None:
            many: Sequence[Any] = value if isinstance(value, list) else [value]
            pairs += [f"{name}={item}" for item in many]
    return "\n".join(pairs)


def _priority(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 1000
    if not -100 <= number <= 100:
        raise RefusedError(refusals.BAD_PRIORITY())
    return number


def _short(text: str, limit: int, what: Message) -> str:
    text = text.strip()
    if len(text) > limit:
        raise RefusedError(refusals.LABEL_TOO_LONG(what=what, limit=limit))
    return text
