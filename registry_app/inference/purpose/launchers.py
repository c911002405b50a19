"""Find the scripts that a script starts, and the evidence that they give about it."""

from __future__ import annotations

import ast
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import BATCH, NOTEBOOK, SCRIPTS, SHELL, Source
from registry_app.inference.purpose.evidence.shell_functions import with_sourced
from registry_app.inference.purpose.script_names import (
    INFER,
    QUANT,
    TRAIN,
    exports_labels,
    looks_after,
    type_by_name,
)
from registry_app.inference.purpose.shell_lines import Started, started_by, tidy_path
from registry_app.kinds import EntryPointType

# The fewest commands of which one can be a step between others.
MIN_STEPS = 3
# A launcher with these words starts only some of its commands.
_CHOOSING = re.compile(r"^[ \t]*(?:case|elif|select|goto|choice)\b", re.MULTILINE | re.IGNORECASE)
# Calls that start another program.
_STARTING = ("system", "run", "Popen", "check_call", "check_output", "call")
# Maximum points that one command gives to its launcher.
MAX_POINTS = 6
# A command of a script, as variables hold it.
_COMMAND = re.compile(
    r"(?:cd \S+ && )?(?:(?:uv|poetry|pipenv) run )?(?:python[\d.]*|\$PYTHON|bash|sh)\s+(?:-u\s+)?"
    r"(?:-m\s+\w|[\w./-]+\.(?:py|sh)\b)"
    r"|(?:docker|podman) (?:run|exec) |yolo \w"
)
# A folder in which a runner finds the scripts that it is given.
_FOLDER = re.compile(r"[A-Za-z_][\w-]{0,30}(?:/[\w-]{1,30})?")
_SCRIPT = re.compile(r"[\w./-]+\.(?:py|sh)")
# A line of a notebook that runs what a variable holds: `!{command}`, `!$command`.
_VARIABLE = re.compile(r"\$?\{\w+\}|\$\w+")
_BY_NAME = "scripts by name"
TypesOf = Callable[[Source], tuple[str, ...]]


def commands_in(source: Source, project: Project) -> list[Started]:
    """Return what a launcher, a notebook's shell lines or a script's `os.system(...)` start."""
    if source.path.lower().endswith(SHELL + BATCH):
        return started_by(full_text(source, project))
    texts = list(source.commands)
    calls = source.calls("system", "run", "Popen", "check_call", "check_output", "call")
    given = [word for call in calls if (word := _given(call)) is not None]
    scripts = _assigned_scripts(source) if given else {}
    texts += [_written(node, scripts) for node in given]
    texts += [f"python {_written(call.args[0], {})}"
               for call in source.calls("run_path") if call.args]  # fmt: skip
    if any(isinstance(node, ast.Name | ast.Call) for node in given) or any(
        map(_VARIABLE.fullmatch, source.commands)
    ):
        texts += _assigned_commands(source, scripts)
        texts += _handed_commands(source, given, scripts)
    return [started for text in texts if text for started in started_by(text)]


def full_text(source: Source, project: Project) -> str:
    """Return the text of a launcher with what it takes from the files that it sources."""

    def read(path: str) -> str | None:
        found = find_started(tidy_path(path), source.path, project)
        sourced = project.source(found) if found and found != source.path else None
        return sourced.text if sourced is not None else None

    return with_sourced(source.text, read)


def _given(call: ast.Call) -> ast.expr | None:
    """Return the command that a call receives: `run(command)`, `run(args=command)`."""
    if call.args:
        return call.args[0]
    return next((keyword.value for keyword in call.keywords if keyword.arg == "args"), None)


def _assigned_scripts(source: Source) -> dict[str, str]:
    """Return the variables that hold the path of a script: `os.path.join(here, "detect.py")`."""
    found: dict[str, str] = {}
    for assigned in source.nodes(ast.Assign):
        match assigned.targets, assigned.value:
            case [ast.Name(id=name)], ast.Call(args=[*_, ast.Constant(value=str() as path)]):
                pass
            case [ast.Name(id=name)], ast.BinOp(right=ast.Constant(value=str() as path)):
                pass
            case [ast.Name(id=name)], ast.Constant(value=str() as path):
                pass
            case _:
                continue
        if _SCRIPT.fullmatch(path):
            found[name] = path
    return found


def _assigned_commands(source: Source, scripts: dict[str, str]) -> Iterator[str]:
    """Yield the commands of scripts that variables hold, or that a function returns.

    `command = "python detect.py {}"`, `return [sys.executable, "train.py", seed]`
    """
    holding: list[ast.Assign | ast.AnnAssign | ast.Return] = [
        *source.nodes(ast.Assign),
        *source.nodes(ast.AnnAssign),
        *source.nodes(ast.Return),
    ]
    for node in holding:
        text = _written(node.value, scripts) if node.value is not None else ""
        if _COMMAND.match(text):
            yield text


def _handed_commands(
    source: Source, given: Sequence[ast.expr], scripts: dict[str, str]
) -> Iterator[str]:
    """Yield the commands that a function of the script gets to run: `run([py, "train.py"])`."""
    run = {node.id: node.lineno for node in given if isinstance(node, ast.Name)}
    runners: dict[str, int] = {}
    for function in source.nodes(ast.FunctionDef) if run else ():
        for number, argument in enumerate(function.args.args):
            line = run.get(argument.arg, 0)
            if function.lineno < line <= (function.end_lineno or line):
                runners.setdefault(function.name, number)
    for name, number in runners.items():
        for call in source.calls(name):
            if number < len(call.args):
                text = _with_paths(call.args[number], scripts)
                if _COMMAND.match(text):
                    yield text


def _with_paths(node: ast.expr, scripts: dict[str, str]) -> str:
    """Return a command whose script may be put together: `[py, str(ROOT / "a" / "train.py")]`."""
    if not isinstance(node, ast.List):
        return _written(node, scripts)
    words = []
    for word in node.elts:
        match word:
            case ast.Call(func=ast.Name(id="str"), args=[ast.BinOp(op=ast.Div()) as path]):
                words.append(_joined(path))
            case ast.BinOp(op=ast.Div()):
                words.append(_joined(word))
            case _:
                words.append(_written(word, scripts))
    return " ".join(word or "$PYTHON" for word in words)


def _written(node: ast.expr, scripts: dict[str, str]) -> str:
    """Return the literal text of a command, with `$_` for each interpolated value.

    `scripts` are the paths that variables hold.
    """
    match node:
        case ast.Name(id=name):
            return scripts.get(name, "")
        case ast.Call(func=ast.Name(id="str"), args=[inner]):
            return _written(inner, scripts)
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod()):
            return _written(left, scripts)  # what follows are options
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str())), args=[ast.List()]):
            return _written(node.args[0], scripts)  # `" ".join(words)`
        case ast.Call(func=ast.Attribute(value=ast.Name(id="shlex")), args=[inner]):
            return _written(inner, scripts)
        case ast.Call(func=ast.Attribute(value=inner, attr="format" | "split" | "strip")):
            return _written(inner, scripts)  # `"python detect.py {}".format(path)`
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=values):
            return "".join(map(_filled, values))
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return " ".join(_written(element, scripts) or "$PYTHON" for element in elements)
    return ""


def _filled(part: ast.expr) -> str:
    """Return a part of an f-string; `{sys.executable}` is Python, other values are unknown."""
    match part:
        case ast.Constant(value=text):
            return str(text)
        case ast.FormattedValue(value=value):
            names = {node.attr for node in ast.walk(value) if isinstance(node, ast.Attribute)}
            return "$PYTHON" if "executable" in names else "$_"
    return "$_"


def points_of_commands(
    commands: Iterable[Started], launcher: str, project: Project, types_of: TypesOf
) -> Counter[EntryPointType]:
    """Return the points of started scripts: for their own types, or by their names."""
    points: Counter[EntryPointType] = Counter()
    for command in commands:
        kind = command.kind
        if kind is None:
            kind = _type_of_started(command.script, launcher, project, types_of)
        if kind is not None:
            points[kind] = min(points[kind] + command.points, MAX_POINTS)
    return points


def without_engines(commands: Sequence[Started]) -> list[Started]:
    """Return what a program starts without the engine that is built for the inference after it."""
    tools = {command.kind for command in commands if not command.script}
    return [
        command
        for command in commands
        if command.script or command.kind is not QUANT or INFER not in tools
    ]


def without_steps(
    commands: Sequence[Started], launcher: Source, project: Project, types_of: TypesOf
) -> list[Started]:
    """Return what a launcher starts without the inference between two trainings.

    It makes the data of the second one. Where a person chooses what is started, nothing is left
    out.
    """
    if len(commands) < MIN_STEPS or _CHOOSING.search(launcher.text):
        return list(commands)
    kinds = [
        command.kind or _type_of_started(command.script, launcher.path, project, types_of)
        for command in commands
    ]
    trainings = [number for number, kind in enumerate(kinds) if kind is TRAIN]
    first, last = (trainings[0], trainings[-1]) if trainings else (0, 0)
    return [
        command
        for number, (command, kind) in enumerate(zip(commands, kinds, strict=True))
        if kind is not INFER or not first < number < last
    ]


def _type_of_started(
    script: str, launcher: str, project: Project, types_of: TypesOf
) -> EntryPointType | None:
    path = find_started(script, launcher, project) or _found_once(script, project)
    if path == launcher:  # its own usage message
        return None
    target = project.source(path) if path else None
    if target is not None and not path.lower().endswith(NOTEBOOK):
        types = types_of(target)
        return EntryPointType(types[0]) if types else None
    if looks_after(script) or exports_labels(script):
        return None
    return type_by_name(script)


def _found_once(script: str, project: Project) -> str:
    """Return the only script of a name, for a launcher that was moved or knows its folder itself.

    Only where the launcher writes no folder: `python process_video.py`.
    """
    if not script or "/" in script:
        return ""
    known = project.remembered.get(_BY_NAME)
    if not isinstance(known, dict):
        known = project.remembered[_BY_NAME] = _by_name(project)
    return str(known.get(script, ""))


def _by_name(project: Project) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in project.paths:
        if path.endswith(SCRIPTS):
            name = posixpath.basename(path)
            found[name] = "" if name in found else path
    return found


def find_started(script: str, launcher: str, project: Project) -> str:
    """Resolve a script's path as a launcher writes it; '' if the directory lacks it.

    Launchers change the folder before they start something, so every folder above is tried.
    """
    if script.startswith(("/", "~")):  # on the author's machine
        parts = script.strip("/").split("/")
        below = ("/".join(parts[number:]) for number in range(1, len(parts) - 1))
        return next((path for path in below if path in project), "")
    folder = posixpath.dirname(launcher)
    while True:
        path = posixpath.normpath(posixpath.join(folder, script))
        for candidate in (path, path.removesuffix(".py") + "/__main__.py"):
            if candidate in project:
                return candidate
        if not folder:
            return ""
        folder = posixpath.dirname(folder)


def scripts_of_runner(source: Source, project: Project) -> Iterator[Started]:
    """Yield the scripts of the directory that a script names and hands to Python one by one.

    `for step in ("prepare.py", "train.py"): subprocess.run([sys.executable, step])`
    """
    if not source.calls(*_STARTING) or not any(map(_runs_a_variable, source.nodes(ast.List))):
        return
    joined = [_joined(node) for node in source.nodes(ast.BinOp)]
    named = [str(node.value) for node in source.nodes(ast.Constant)]
    seen = {source.path}
    known = {part for path in project.paths for part in path.split("/")[:-1]}
    folders = [
        f"{name}/"
        for name in dict.fromkeys(named)
        if name.partition("/")[0] in known and _FOLDER.fullmatch(name)
    ]
    for script in dict.fromkeys(name for name in (*joined, *named) if name.endswith(".py")):
        for folder in ("", *folders):  # `join(here, "steps", script)`
            path = find_started(folder + script, source.path, project)
            if path:
                if path not in seen:
                    yield Started(script=folder + script)
                seen.add(path)
                break


def _runs_a_variable(node: ast.List) -> bool:
    """Whether a list is a command of Python with a script that is not written there."""
    match node.elts:
        case [ast.Attribute(attr="executable"), script, *_]:
            return not isinstance(script, ast.Constant | ast.JoinedStr)
        case [ast.Constant(value=str() as program), script, *_]:
            is_python = program.startswith("python")
            return is_python and not isinstance(script, ast.Constant | ast.JoinedStr)
        case [ast.Name(id=program) | ast.Attribute(attr=program), script, *_]:
            is_python = "python" in program.lower()  # `args.python`, `python_exe`
            return is_python and not isinstance(script, ast.Constant | ast.JoinedStr)
    return False


def _joined(node: ast.BinOp) -> str:
    """Return the literal end of a path that is put together: `ROOT / "src" / "train.py"`."""
    parts: list[str] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and isinstance(left.right, ast.Constant):
        parts.insert(0, str(left.right.value))
        left = left.left
    return "/".join(parts)
