"""The parameters of a run, those first that differ from the previous run of the entry point."""

from __future__ import annotations

from dataclasses import dataclass

from registry_app.files.visible import visible
from runs_app.comparing.parameters import changes
from runs_app.models import Run
from runs_app.views.wording import value_text

# What the summary of the parameters that are the same names.
NAMED = 4


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter with its value, and that of the run before; each is None if it was not given."""

    name: str
    now: str | None
    before: str | None = None
    is_left: bool = False


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The parameters that differ and those that are the same; `few` names some of the latter."""

    changed: tuple[Parameter, ...]
    same: tuple[Parameter, ...]
    few: str = ""


def parameters_of(run: Run, previous: Run | None) -> Parameters:
    """Return the parameters of a run beside those of the previous one; all are the same of none."""
    changed = (
        changes(previous.params, run.params, secrets={*run.secrets, *previous.secrets})
        if previous
        else {}
    )
    same = tuple(
        Parameter(name=name, now=value_text(value), is_left=name in run.left_to_script)
        for name, value in run.params.items()
        if name not in changed
    )
    few = ", ".join(f"{parameter.name} {parameter.now}" for parameter in same[:NAMED])
    return Parameters(
        changed=tuple(
            Parameter(
                name=name,
                now=change["now"],
                before=change["before"],
                is_left=name in run.left_to_script,
            )
            for name, change in changed.items()
        ),
        same=same,
        few=visible(few + (" …" if len(same) > NAMED else "")),
    )
