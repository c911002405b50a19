"""Which files of an experiment a person would start, how they start, and what for."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from registry_app.choices import Confidence, ScriptLaunch
from registry_app.inference import reasons, remarks
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import BATCH, NOTEBOOK, SHELL, Source
from registry_app.inference.guess import Guess
from registry_app.inference.parameters.command_line import CommandLine, draft_template, for_command
from registry_app.inference.parameters.fixed_values import FixedValue, fixed_values
from registry_app.inference.purpose.asides import is_aside, is_test
from registry_app.inference.purpose.launchers import commands_in, find_started
from registry_app.inference.purpose.modules import serves_others
from registry_app.inference.purpose.purpose import Purposes
from registry_app.inference.purpose.script_names import type_by_name
from registry_app.inference.purpose.shell_lines import scripts_behind_pipes
from registry_app.inference.readers.all import read_command_line
from registry_app.messages import Message

# What a script keeps the result of: `results = model.train(...)` is work.
WORKING = frozenset(
    "train fit predict export val track tune main run infer detect evaluate convert"
    " inference".split()
)
# How many parameters that could not be read are named.
SHOWN_PLACES = 3
# Calls at the top of a module that only prepare it.
PREPARING = frozenset(
    "append insert filterwarnings simplefilter basicConfig use load_dotenv manual_seed seed"
    " set_start_method setdefault update register getLogger addHandler setLevel set_printoptions"
    " set_num_threads setNumThreads chdir disable_eager_execution set_verbosity rc"
    " add_dll_directory setrecursionlimit reconfigure setlocale insort register_module".split()
)


@dataclass(frozen=True, kw_only=True)
class EntryScript:
    """A file that can be started; `types` may be empty where nothing says what it is for.

    `command_line` is all that can be given; `asked` what its most likely type takes; `fixed` what
    only an edit of the script would change.
    """

    path: str
    launch: ScriptLaunch
    types: Guess[tuple[str, ...]]
    command_line: CommandLine
    asked: CommandLine
    args_template: str = ""
    starts: tuple[str, ...] = ()
    fixed: tuple[FixedValue, ...] = ()
    warnings: tuple[Message, ...] = field(default=())


def find_entry_scripts(project: Project) -> list[EntryScript]:
    """Return the scripts of an experiment that a person would start, by path."""
    found = [*_found(project), *_unread_notebooks(project)]
    return sorted(found, key=lambda one: one.path)


def _found(project: Project) -> Iterator[EntryScript]:
    purposes = Purposes(project)
    for source in project.scripts():
        if is_aside(source.path, project) or is_test(source):
            continue
        launch = launch_of(source)
        if launch is ScriptLaunch.LIBRARY:
            continue
        types = purposes.types(source)
        if serves_others(source, launch, purposes):
            continue
        yield _entry_script(source, project, launch, types)


def _unread_notebooks(project: Project) -> Iterator[EntryScript]:
    """Yield notebooks too large to be read, as pictures make them: their names may still tell."""
    for path in project.paths:
        is_notebook = path.lower().endswith(NOTEBOOK) and not is_aside(path, project)
        kind = type_by_name(path) if is_notebook and project.source(path) is None else None
        if kind is not None:
            yield EntryScript(
                path=path,
                launch=ScriptLaunch.NOTEBOOK,
                types=Guess(
                    value=(str(kind),),
                    confidence=Confidence.UNSURE,
                    source=path,
                    reason=(reasons.NAME_SPEAKS_OF(kind=kind),),
                ),
                command_line=CommandLine(),
                asked=CommandLine(),
                warnings=(remarks.ONLY_NAME(),),
            )


def _entry_script(
    source: Source, project: Project, launch: ScriptLaunch, types: Guess[tuple[str, ...]]
) -> EntryScript:
    known = launch not in {ScriptLaunch.SHELL, ScriptLaunch.BATCH, ScriptLaunch.NOTEBOOK}
    command_line = read_command_line(source, project) if known else CommandLine()
    command = _command(command_line, types.value)
    return EntryScript(
        path=source.path,
        launch=launch,
        types=types,
        command_line=command_line,
        asked=for_command(command_line, command),
        args_template=draft_template(command_line, command),
        starts=_started(source, project) if not known else (),
        fixed=fixed_values(source),
        warnings=(*source.warnings, *_unread(command_line), *_unseen_failures(source, launch)),
    )


def _unseen_failures(source: Source, launch: ScriptLaunch) -> list[Message]:
    scripts = scripts_behind_pipes(source.text) if launch is ScriptLaunch.SHELL else []
    return [remarks.UNSEEN_FAILURE(script=script) for script in scripts]


def _unread(command_line: CommandLine) -> list[Message]:
    places = command_line.unread[:SHOWN_PLACES]
    return [remarks.UNREAD_PARAMETER(place=place) for place in places]


def template_for(script: EntryScript, kind: str) -> str:
    """Return the template for one of a script's types: each has the sub-command of its own."""
    commands = script.command_line.commands
    if len(commands) < 2 or kind == script.types.value[0]:
        return script.args_template
    command = _command(script.command_line, (kind,))
    return draft_template(script.command_line, command) if command else ""


def _command(command_line: CommandLine, types: tuple[str, ...]) -> str:
    """Return the sub-command that does the work of the most likely type, '' if none is told."""
    fitting = [one for one in command_line.commands if types and type_by_name(one) == types[0]]
    if len(command_line.commands) == 1:
        return command_line.commands[0]
    return fitting[0] if fitting else ""


def launch_of(source: Source) -> ScriptLaunch:
    """Return how a file starts its work when it is started."""
    path = source.path.lower()
    if path.endswith(SHELL):
        return ScriptLaunch.SHELL
    if path.endswith(BATCH):
        return ScriptLaunch.BATCH
    if path.endswith(NOTEBOOK):
        works = bool(source.commands or source.warnings) or bool(source.tree and source.tree.body)
        return ScriptLaunch.NOTEBOOK if works else ScriptLaunch.LIBRARY
    if source.tree is None:
        # Python 2 most likely: its name and an old-style guard are all there is to go by.
        return ScriptLaunch.MAIN_GUARD if "__main__" in source.text else ScriptLaunch.LIBRARY
    if posixpath.basename(path) == "__main__.py":
        return ScriptLaunch.PACKAGE_MAIN
    if any(_is_main_guard(statement) for statement in source.tree.body):
        return ScriptLaunch.MAIN_GUARD
    if any(_does_work(statement) for statement in source.tree.body):
        return ScriptLaunch.TOP_LEVEL
    return ScriptLaunch.LIBRARY


def _is_main_guard(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.If):
        return False
    names = {node.id for node in ast.walk(statement.test) if isinstance(node, ast.Name)}
    texts = {node.value for node in ast.walk(statement.test) if isinstance(node, ast.Constant)}
    works = any(
        not isinstance(one, ast.Pass | ast.Expr) or _does_work(one) for one in statement.body
    )
    return "__name__" in names and "__main__" in texts and works


def _does_work(statement: ast.stmt) -> bool:
    """Whether a statement of a module does more than prepare and define."""
    match statement:
        case ast.Expr(value=ast.Call() as call):
            return _last_name(call.func) not in PREPARING
        case ast.Assign(value=ast.Subscript(value=ast.Call() as call)):
            return _last_name(call.func) in WORKING
        case ast.Assign(value=ast.Call() as call) | ast.AnnAssign(value=ast.Call() as call):
            return _last_name(call.func) in WORKING
        case ast.For(body=body) | ast.While(body=body) | ast.With(body=body):
            return any(_calls_something(one) for one in body)
        case ast.If(body=body, orelse=orelse):
            return any(_does_work(one) for one in [*body, *orelse])
        case ast.Try(body=body):
            return any(_does_work(one) for one in body)
    return False


def _calls_something(statement: ast.stmt) -> bool:
    return any(
        isinstance(node, ast.Call) and _last_name(node.func) not in PREPARING
        for node in ast.walk(statement)
    )


def _started(source: Source, project: Project) -> tuple[str, ...]:
    """Return the scripts of this experiment that a launcher or a notebook starts."""
    found = (find_started(one.script, source.path, project) for one in commands_in(source))
    return tuple(dict.fromkeys(path for path in found if path))


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
