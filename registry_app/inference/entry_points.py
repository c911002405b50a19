"""Which files of an experiment a person would start, how they start, and what for."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from registry_app.choices import ScriptLaunch
from registry_app.inference.command_line import CommandLine, draft_template, for_command
from registry_app.inference.command_line_reader import read_command_line
from registry_app.inference.guess import Guess
from registry_app.inference.project import Project
from registry_app.inference.purpose import guess_types, type_by_name, wrapped_scripts
from registry_app.inference.source import BATCH, NOTEBOOK, SHELL, Source

# Folders whose files only check or package the work.
ASIDE_FOLDERS = frozenset({"test", "tests", "testing", "docs", "docker", "ci", "aws", "gcp"})
# Modules live here; what is imported from there is started by nobody.
MODULE_FOLDERS = frozenset(
    {"models", "utils", "util", "lib", "libs", "layers", "modules", "nets", "core", "common"}
)
ASIDE_NAMES = frozenset(
    {"setup.py", "conftest.py", "__init__.py", "noxfile.py", "versioneer.py", "hubconf.py"}
)
_TEST_NAME = re.compile(r"^(test_.+|.+_test)\.py$")

# What a script keeps the result of: `results = model.train(...)` is work.
WORKING = frozenset({"train", "fit", "predict", "export", "val", "track", "tune", "main", "run"})
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

    `command_line` is all that can be given; `asked` what its most likely type takes.
    """

    path: str
    launch: ScriptLaunch
    types: Guess[tuple[str, ...]]
    command_line: CommandLine
    asked: CommandLine
    args_template: str = ""
    starts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())


def find_entry_scripts(project: Project) -> list[EntryScript]:
    """Return the scripts of an experiment that a person would start, by path."""
    return list(_found(project))


def _found(project: Project) -> Iterator[EntryScript]:
    for source in project.scripts():
        if is_aside(source.path) or _is_test(source):
            continue
        launch = launch_of(source)
        if launch is ScriptLaunch.LIBRARY:
            continue
        types = guess_types(source)
        if launch is ScriptLaunch.MAIN_GUARD and _only_tries_itself(source, project):
            continue
        yield _entry_script(source, project, launch, types)


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
        warnings=source.warnings,
    )


def _command(command_line: CommandLine, types: tuple[str, ...]) -> str:
    """Return the sub-command that does the work of the most likely type, '' if none is told."""
    fitting = [one for one in command_line.commands if types and type_by_name(one) == types[0]]
    if len(command_line.commands) == 1:
        return command_line.commands[0]
    return fitting[0] if fitting else ""


def is_aside(path: str) -> bool:
    """Whether a file only tests, packages or documents the work."""
    *folders, name = path.split("/")
    return name in ASIDE_NAMES or any(folder.lower() in ASIDE_FOLDERS for folder in folders)


def _is_test(source: Source) -> bool:
    """Whether a file checks code; `test_quant.py` may as well try a model on pictures."""
    if not _TEST_NAME.match(posixpath.basename(source.path)) or source.tree is None:
        return False
    names = {
        node.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    imports = re.search(r"^\s*(?:import|from)\s+(?:pytest|unittest)\b", source.text, re.MULTILINE)
    return bool(imports) or any(name.startswith(("test_", "Test")) for name in names)


def launch_of(source: Source) -> ScriptLaunch:
    """Return how a file starts its work when it is started."""
    path = source.path.lower()
    if path.endswith(SHELL):
        return ScriptLaunch.SHELL
    if path.endswith(BATCH):
        return ScriptLaunch.BATCH
    if path.endswith(NOTEBOOK):
        works = bool(source.commands) or (source.tree is not None and bool(source.tree.body))
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
    return "__name__" in names and "__main__" in texts


def _does_work(statement: ast.stmt) -> bool:
    """Whether a statement of a module does more than prepare and define."""
    match statement:
        case ast.Expr(value=ast.Call() as call):
            return _last_name(call.func) not in PREPARING
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


def _only_tries_itself(source: Source, project: Project) -> bool:
    """Whether a module that others import only tries itself out when it is started."""
    if not project.importers(source.path):
        return False
    if any(folder.lower() in MODULE_FOLDERS for folder in source.path.split("/")[:-1]):
        return True
    return "parse_args" not in source.text and "sys.argv" not in source.text


def _started(source: Source, project: Project) -> tuple[str, ...]:
    """Return the scripts of this experiment that a launcher or a notebook starts."""
    text = "\n".join(source.commands) if source.commands else source.text
    folder = posixpath.dirname(source.path)
    found = []
    for written in wrapped_scripts(text):
        for path in (posixpath.normpath(posixpath.join(folder, written)), written):
            if path in project:
                found.append(path)
                break
    return tuple(found)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
