"""Whether a script's interpreter has the modules that the script imports; imports none of them.

What the script and the modules of its directory import is read from their text, and the
interpreter is asked for what the directory does not hold. Both answers are kept: the first as long
as the script is the same, the second as long as nothing was installed for the interpreter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from registry_app.inference.code.project import Project
from registry_app.inference.environment.imports import NeededModule, needed_modules
from registry_app.scan.files import Files
from registry_app.scan.walk import walk
from runs_app.exceptions import MissingModulesError
from runs_app.executors import fencing
from runs_app.preflight import kept_answers
from runs_app.runner.exceptions import InterpreterError
from runs_app.runner.interpreter.module_specs import ask
from runs_app.runner.interpreter.packages import installed, remembered

# A script that installs what it needs by itself may lack it now.
_INSTALLS = re.compile(r"\bpip3?\b.{0,60}\binstall\b", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class _Needs:
    """The modules that a script imports from outside of its directory."""

    certain: tuple[str, ...]
    possible: tuple[str, ...]


def check(
    directory: Path, script: str, interpreter: Path, *, forced: bool, asks: bool = True
) -> list[str]:
    """Return warnings of modules that may be missing.

    Without `asks` nothing is started, and only what the interpreter said before counts. Raises
    MissingModulesError where the script cannot start without one, unless `forced`. Where
    an answer cannot be had, that is a warning: the script may be right.
    """
    if not script.endswith(".py"):
        return []
    needs = _needs(directory, script)
    try:
        missing = _missing(interpreter, {*needs.certain, *needs.possible}, asks=asks)
    except InterpreterError as error:
        return [_("Nobody knows whether its modules are installed: {error}").format(error=error)]
    if missing is None:
        return [_("Whether its modules are installed is checked when the run is queued.")]
    certain = [name for name in needs.certain if name in missing]
    possible = [name for name in needs.possible if name in missing]
    if certain and not forced:
        raise MissingModulesError(_refusal(script, certain, interpreter))
    warnings = []
    if certain:
        warnings.append(
            _("{script} imports {modules}, which {interpreter} does not have.").format(
                script=script, modules=", ".join(certain), interpreter=interpreter
            )
        )
    if possible:
        warnings.append(
            _("Parts of {script} import {modules}, which {interpreter} does not have.").format(
                script=script, modules=", ".join(possible), interpreter=interpreter
            )
        )
    return warnings


def _refusal(script: str, names: list[str], interpreter: Path) -> str:
    wanted = [NeededModule(name=name, source="", is_certain=True).distribution for name in names]
    return _(
        "{script} imports {modules}, which {interpreter} does not have. Install them there "
        "(`{interpreter} -m pip install {distributions}`), name another interpreter in the entry "
        "point, or queue it all the same (--force)."
    ).format(
        script=script,
        modules=", ".join(names),
        interpreter=interpreter,
        distributions=" ".join(wanted),
    )


def _needs(directory: Path, script: str) -> _Needs:
    """Return what a script needs, read anew only where it or its folder was changed."""
    key = [kept_answers.identity(directory), kept_answers.identity(directory / script)]
    entry = kept_answers.entry_of("needs", f"{directory}\0{script}")
    kept = kept_answers.read(entry)
    if kept.get("key") == key:
        return _Needs(certain=tuple(kept["certain"]), possible=tuple(kept["possible"]))
    listing = walk(directory)
    files = Files(listing)
    project = Project(name=directory.name, paths=list(listing.files), read=files.read)
    found = needed_modules(project, script)
    installs = bool(_INSTALLS.search(project.text(script) or ""))
    certain = tuple(one.name for one in found if one.is_certain and not installs)
    needs = _Needs(
        certain=certain, possible=tuple(one.name for one in found if one.name not in certain)
    )
    kept_answers.write(entry, {"key": key, "certain": needs.certain, "possible": needs.possible})
    return needs


def _missing(interpreter: Path, names: set[str], *, asks: bool) -> set[str] | None:
    """Return which modules the interpreter does not find, asking only for what is not known.

    None where something is not known and must not be asked for.
    """
    if not names:
        return set()
    environments = Path(settings.GUARDIANFLOW_HOME) / "environments"
    fence = fencing.fence_of_question()
    told = (
        installed(interpreter, environments, fence=fence)
        if asks
        else remembered(interpreter, environments)
    )
    if told is None:
        return None
    entry = kept_answers.entry_of("specs", str(interpreter))
    kept = kept_answers.read(entry)
    known: dict[str, bool] = dict(kept["found"]) if kept.get("key") == told.identity else {}
    if unknown := names - set(known):
        if not asks:
            return None
        answer = ask(interpreter, sorted(unknown), fence=fence)
        known |= dict.fromkeys((*answer.found, *answer.unsure), True)
        known |= dict.fromkeys(answer.missing, False)
        kept_answers.write(entry, {"key": told.identity, "found": known})
    return {name for name in names if known.get(name) is False}
