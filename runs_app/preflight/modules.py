"""Whether a script's interpreter has the modules that the script imports; imports none of them.

The imports of the script and of the modules in its directory are read from their text, and the
interpreter is asked for those that are not in the directory. Both answers are stored: the first as
long as the script is unchanged, the second as long as nothing was installed for the interpreter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from registry_app.arguments.starts import Start
from registry_app.inference.environment.imports import NeededModule, needed_modules
from registry_app.messages import Message, message_of
from runs_app.exceptions import MissingModulesError
from runs_app.executors import fencing
from runs_app.preflight import kept_answers
from runs_app.preflight.sources import project_of
from runs_app.runner.exceptions import InterpreterError
from runs_app.runner.interpreter.module_specs import ask
from runs_app.runner.interpreter.packages import installed, remembered
from runs_app.texts import refusals as texts

# A script that installs its own requirements may lack them now.
_INSTALLS = re.compile(r"\bpip3?\b.{0,60}\binstall\b", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class _Needs:
    """The modules that a script imports from outside of its directory."""

    certain: tuple[str, ...]
    possible: tuple[str, ...]


# The module behind a way to start scripts.
_LAUNCHED_BY: dict[str, str] = {Start.TORCHRUN: "torch", Start.ACCELERATE: "accelerate"}


def check(
    directory: Path,
    script: str,
    interpreter: Path,
    *,
    launched_by: str = "",
    forced: bool,
    may_query: bool = True,
) -> list[Message]:
    """Return warnings about modules that may be missing, those of its launcher included.

    Without `may_query` nothing is started, and only stored answers of the interpreter count. Raises
    MissingModulesError if the script cannot start without a missing module, unless `forced`. If
    the interpreter gives no answer, that is a warning: the script may work.
    """
    if not script.endswith(".py"):
        return []
    needs = _needs(directory, script)
    launcher = _LAUNCHED_BY.get(launched_by)
    if launcher is not None and launcher not in needs.certain:
        needs = replace(needs, certain=(*needs.certain, launcher))
    try:
        missing = _missing(interpreter, {*needs.certain, *needs.possible}, may_query=may_query)
    except InterpreterError as error:
        return [texts.MODULES_UNKNOWN(error=message_of(error))]
    if missing is None:
        return [texts.MODULES_UNCHECKED()]
    certain = [name for name in needs.certain if name in missing]
    possible = [name for name in needs.possible if name in missing]
    if certain and not forced:
        raise MissingModulesError(_refusal(script, certain, interpreter))
    return [
        text(script=script, modules=names, interpreter=interpreter)
        for text, names in (
            (texts.MODULES_LACKED, certain),
            (texts.MODULES_PERHAPS_LACKED, possible),
        )
        if names
    ]


def _refusal(script: str, names: list[str], interpreter: Path) -> Message:
    wanted = [NeededModule(name=name, source="", is_certain=True).distribution for name in names]
    return texts.MODULES_MISSING(
        script=script,
        modules=names,
        interpreter=interpreter,
        distributions=" ".join(wanted),
    )


def _needs(directory: Path, script: str) -> _Needs:
    """Return what a script needs; read again only if it or its folder was changed."""
    key = [kept_answers.identity(directory), kept_answers.identity(directory / script)]
    entry = kept_answers.entry_of("needs", f"{directory}\0{script}")
    kept = kept_answers.read(entry)
    if kept.get("key") == key:
        return _Needs(certain=tuple(kept["certain"]), possible=tuple(kept["possible"]))
    project, path = project_of(directory, script)
    found = needed_modules(project, path)
    installs = bool(_INSTALLS.search(project.text(path) or ""))
    certain = tuple(module.name for module in found if module.is_certain and not installs)
    needs = _Needs(
        certain=certain,
        possible=tuple(module.name for module in found if module.name not in certain),
    )
    kept_answers.write(entry, {"key": key, "certain": needs.certain, "possible": needs.possible})
    return needs


def _missing(interpreter: Path, names: set[str], *, may_query: bool) -> set[str] | None:
    """Return which modules the interpreter does not find, asking only for unknown ones.

    None if a module is unknown and the interpreter must not be asked.
    """
    if not names:
        return set()
    environments = Path(settings.GUARDIANFLOW_HOME) / "environments"
    fence = fencing.fence_of_question()
    inventory = (
        installed(interpreter, environments, fence=fence)
        if may_query
        else remembered(interpreter, environments)
    )
    if inventory is None:
        return None
    entry = kept_answers.entry_of("specs", str(interpreter))
    kept = kept_answers.read(entry)
    known: dict[str, bool] = dict(kept["found"]) if kept.get("key") == inventory.identity else {}
    if unknown := names - set(known):
        if not may_query:
            return None
        answer = ask(interpreter, sorted(unknown), fence=fence)
        known |= dict.fromkeys((*answer.found, *answer.unsure), True)
        known |= dict.fromkeys(answer.missing, False)
        kept_answers.write(entry, {"key": inventory.identity, "found": known})
    return {name for name in names if known.get(name) is False}
