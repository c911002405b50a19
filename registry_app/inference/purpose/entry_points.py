"""Find the files of an experiment that a user would start, how they start, and their purpose."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.starts import calling
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import BATCH, NOTEBOOK, SHELL, Source
from registry_app.inference.environment.variables import NeededVariable, variables_of
from registry_app.inference.guess import Guess
from registry_app.inference.launching.console_scripts import console_script_of
from registry_app.inference.parameters.command_line import (
    CommandLine,
    draft_template,
    for_command,
    own_parameters,
    with_parameters,
)
from registry_app.inference.parameters.fixed_values import FixedValue, fixed_values
from registry_app.inference.parameters.literal_words import with_literals
from registry_app.inference.purpose.evidence.weights import OF_MODELS
from registry_app.inference.purpose.helper_scripts import is_beside_work, is_helper, is_test
from registry_app.inference.purpose.launchers import commands_in, find_started
from registry_app.inference.purpose.libraries import is_example_of_library
from registry_app.inference.purpose.mlproject import command_for_type, project_commands
from registry_app.inference.purpose.mlproject_start import ProjectStart, start_by
from registry_app.inference.purpose.modules import serves_others
from registry_app.inference.purpose.purpose import Purposes, works_on_models
from registry_app.inference.purpose.script_names import type_by_name, type_of_function
from registry_app.inference.purpose.shell_commands import remarks_on
from registry_app.inference.purpose.type_starts import (
    TypeStart,
    command_for,
    find_type_starts,
)
from registry_app.inference.purpose.unparsed import starts_work
from registry_app.inference.readers.all import read_command_line
from registry_app.kinds import EntryPointType
from registry_app.messages import Message
from registry_app.texts import reasons, remarks
from registry_app.words import Confidence, ScriptLaunch

# Calls whose assigned result still counts as work: `results = model.train(...)`.
WORKING = frozenset(
    "train fit predict export val track tune main run infer detect evaluate convert"
    " inference forward invoke detect_image detect_with_image ClientApp ServerApp".split()
)
# What a function works on whose answer a file ends with.
_OF_RESULTS = frozenset({*OF_MODELS, EntryPointType.EVAL})
# Maximum number of unreadable parameters that a message names.
SHOWN_PLACES = 3
# Calls at the top of a module that are only set-up.
PREPARING = frozenset(
    "append insert filterwarnings simplefilter basicConfig use load_dotenv manual_seed seed"
    " set_start_method setdefault update register getLogger addHandler setLevel set_printoptions"
    " set_num_threads setNumThreads chdir disable_eager_execution set_verbosity rc"
    " add_dll_directory setrecursionlimit reconfigure setlocale insort register_module".split()
)
# First words of such calls in any library: a verb, and what is switched or chosen.
_SETTING_UP = ("set_", "enable_", "disable_", "use_deterministic", "allow_", "register_")


@dataclass(frozen=True, kw_only=True)
class EntryScript:
    """A runnable file; `types` may be empty if there is no evidence of its purpose.

    `command_line` has all parameters; `parameters` those of its most likely type; `fixed` are
    values that only an edit of the script would change; `template_source` is the place of the
    command that the template was drafted from, if any; `type_starts` says how each type is started,
    if known; `variables` are environment variables that its own code reads without a default.
    """

    path: str
    launch: ScriptLaunch
    types: Guess[tuple[str, ...]]
    command_line: CommandLine
    parameters: CommandLine
    args_template: str = ""
    template_source: str = ""
    starts: tuple[str, ...] = ()
    type_starts: dict[str, TypeStart] = field(default_factory=dict)
    fixed: tuple[FixedValue, ...] = ()
    variables: tuple[NeededVariable, ...] = ()
    warnings: tuple[Message, ...] = field(default=())

    @property
    def open_commands(self) -> dict[str, tuple[Parameter, ...]]:
        """The parameters of each sub-command, {} if the most likely type chooses one."""
        if _command(self.command_line, self.types.value):
            return {}
        return own_parameters(self.command_line)


def find_entry_scripts(project: Project, purposes: Purposes | None = None) -> list[EntryScript]:
    """Return the scripts of an experiment that a user would start, by path.

    `purposes` keep the evidence that was seen, for further questions.
    """
    found = [*_found(project, purposes or Purposes(project)), *_unread_notebooks(project)]
    return sorted(found, key=lambda script: script.path)


def _found(project: Project, purposes: Purposes) -> Iterator[EntryScript]:
    perhaps: list[tuple[str, ScriptLaunch, Guess[tuple[str, ...]]]] = []
    for path, alone in project.found_in_scripts(launch_of):
        if is_helper(path, project) or project.found(is_test, path):
            continue
        command = console_script_of(project, path)
        is_command = alone is ScriptLaunch.LIBRARY and command is not None
        launch = ScriptLaunch.CONSOLE_SCRIPT if is_command else alone
        source = project.source(path) if launch is not ScriptLaunch.LIBRARY else None
        if source is None:
            continue
        types = purposes.types(source)
        if OF_MODELS & {*types.value} and is_example_of_library(source, project):
            types = replace(types, value=(), confidence=Confidence.UNSURE, reason=())
        if is_beside_work(source.path) and not works_on_models(types):
            continue
        if command is None and serves_others(source, launch, purposes, is_imported=False):
            continue
        if command is None and serves_others(source, launch, purposes, is_imported=True):
            perhaps.append((path, launch, types))
            continue
        yield _entry_script(source, project, launch, types)
    # Who imports what is known once each script was read, and reading all of them before would
    # read those of a large directory twice.
    for path, launch, types in perhaps:
        is_module = any(_makes_module(importer, project) for importer in project.importers(path))
        source = None if is_module else project.source(path)
        if source is not None:
            yield _entry_script(source, project, launch, types)


def _makes_module(importer: str, project: Project) -> bool:
    """Whether an import makes a module of a file: a notebook or a test may import any script."""
    is_check = is_helper(importer, project) or bool(project.found(is_test, importer))
    return not (importer.endswith(NOTEBOOK) or is_check)


def _unread_notebooks(project: Project) -> Iterator[EntryScript]:
    """Yield notebooks too large to be read, for example due to images: their names are evidence."""
    for path in project.paths:
        is_aside = is_helper(path, project) or is_beside_work(path)
        is_notebook = path.lower().endswith(NOTEBOOK) and not is_aside
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
                parameters=CommandLine(),
                warnings=(remarks.ONLY_NAME(),),
            )


def _entry_script(
    source: Source, project: Project, launch: ScriptLaunch, types: Guess[tuple[str, ...]]
) -> EntryScript:
    known = launch not in {ScriptLaunch.SHELL, ScriptLaunch.BATCH, ScriptLaunch.NOTEBOOK}
    command_line = read_command_line(source, project) if known else CommandLine()
    command = _command(command_line, types.value)
    parameters = for_command(command_line, command)
    template = draft_template(command_line, command)
    type_starts = find_type_starts(source, command_line, parameters, types.value)
    template_source = ""
    for kind, start in _by_mlproject(source, project, command_line, types.value).items():
        if kind != types.value[0]:
            type_starts[kind] = TypeStart(
                args_template=start.args_template, parameters=start.parameters
            )
            continue
        type_starts[kind] = TypeStart()
        template, template_source = start.args_template, start.source
        parameters = with_parameters(parameters, start.parameters)
        if not command_line.commands:
            command_line = with_parameters(command_line, start.parameters)
    function = _called_function(source, project, launch)
    if function:
        type_starts = {
            kind: replace(start, start=calling(function)) for kind, start in type_starts.items()
        }
    variables = variables_of(source)
    return EntryScript(
        path=source.path,
        launch=launch,
        types=types,
        command_line=command_line,
        parameters=parameters,
        args_template=template,
        template_source=template_source,
        type_starts=type_starts,
        starts=_started(source, project) if not known else (),
        fixed=fixed_values(source),
        variables=variables,
        warnings=(
            *source.warnings,
            *_unread(command_line),
            *_unset(variables),
            *_of_launcher(source, launch),
        ),
    )


def _called_function(source: Source, project: Project, launch: ScriptLaunch) -> str:
    """Return the function that starts the work of a console script, '' if its path does too."""
    command = console_script_of(project, source.path)
    if command is None:
        return ""
    if launch is not ScriptLaunch.CONSOLE_SCRIPT:
        guarded = {
            node.id
            for statement in source.tree.body if _is_main_guard(statement)
            for node in ast.walk(statement) if isinstance(node, ast.Name)
        } if source.tree is not None else set()  # fmt: skip
        if not guarded or command.function.partition(".")[0] in guarded:
            return ""
    return command.function


def _by_mlproject(
    source: Source, project: Project, command_line: CommandLine, types: tuple[str, ...]
) -> dict[str, ProjectStart]:
    """Return how an MLproject of the directory starts the types of a script."""
    found: dict[str, ProjectStart] = {}
    for kind in types:
        command = command_for_type(
            project_commands(project), source.path, kind, is_first=kind == types[0]
        )
        start = start_by(command, command_line) if command is not None else None
        if start is not None:
            found[kind] = start
    return found


def _of_launcher(source: Source, launch: ScriptLaunch) -> list[Message]:
    return remarks_on(source.text) if launch is ScriptLaunch.SHELL else []


def _unset(variables: Iterable[NeededVariable]) -> list[Message]:
    shown = list(variables)[:SHOWN_PLACES]
    return [remarks.READS_VARIABLE(name=variable.name, line=variable.line) for variable in shown]


def _unread(command_line: CommandLine) -> list[Message]:
    places = command_line.unread[:SHOWN_PLACES]
    return [remarks.UNREAD_PARAMETER(place=place) for place in places]


def template_for(script: EntryScript, kind: str) -> str:
    """Return the template for one of a script's types, with what selects that type."""
    start = script.type_starts.get(kind)
    if start is not None and start.args_template is not None:
        return start.args_template
    is_known = start is not None or len(script.command_line.commands) < 2
    template = script.args_template if is_known else ""
    return with_literals(template, start.fixed if start else {}, script.parameters.parameters)


def _command(command_line: CommandLine, types: tuple[str, ...]) -> str:
    """Return the sub-command for the most likely type, '' if none matches."""
    return command_for(command_line, types[0] if types else "")


def launch_of(source: Source) -> ScriptLaunch:
    """Return how a file starts its work when it is run."""
    path = source.path.lower()
    if path.endswith(SHELL):
        return ScriptLaunch.SHELL
    if path.endswith(BATCH):
        return ScriptLaunch.BATCH
    if path.endswith(NOTEBOOK):
        works = bool(source.commands or source.warnings) or bool(source.tree and source.tree.body)
        return ScriptLaunch.NOTEBOOK if works else ScriptLaunch.LIBRARY
    if source.tree is None:
        # Python 2, or broken: its text shows whether it does something when it is started.
        if "__main__" in source.text:
            return ScriptLaunch.MAIN_GUARD
        return ScriptLaunch.TOP_LEVEL if starts_work(source) else ScriptLaunch.LIBRARY
    if posixpath.basename(path) == "__main__.py":
        return ScriptLaunch.PACKAGE_MAIN
    if any(_is_main_guard(statement) for statement in source.tree.body):
        return ScriptLaunch.MAIN_GUARD
    body = source.tree.body
    if any(map(does_work, body)) or _calls_a_model(source.tree) or _ends_with_own_work(body):
        return ScriptLaunch.TOP_LEVEL
    return ScriptLaunch.LIBRARY


def _is_main_guard(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.If):
        return False
    names = {node.id for node in ast.walk(statement.test) if isinstance(node, ast.Name)}
    texts = {node.value for node in ast.walk(statement.test) if isinstance(node, ast.Constant)}
    works = any(
        not isinstance(inner, ast.Pass | ast.Expr) or does_work(inner) for inner in statement.body
    )
    return "__name__" in names and "__main__" in texts and works


def does_work(statement: ast.stmt) -> bool:
    """Whether a module's statement does more than set up and define."""
    match statement:
        case ast.Expr(value=ast.Call() as call):
            return not _prepares(_last_name(call.func))
        case ast.Assign(value=ast.Subscript(value=ast.Call() as call)):
            return _last_name(call.func) in WORKING
        case ast.Assign(value=ast.Call() as call) | ast.AnnAssign(value=ast.Call() as call):
            return _last_name(call.func) in WORKING
        case ast.For(body=body) | ast.While(body=body) | ast.With(body=body):
            return any(_calls_something(statement) for statement in body)
        case ast.If():
            return any(does_work(inner) for inner in _branches(statement))
        case ast.Try(body=body):
            return any(does_work(statement) for statement in body)
    return False


def _branches(statement: ast.If) -> Iterator[ast.stmt]:
    """Yield what stands in all branches; a chain of `elif` is as deep as it is long."""
    link: ast.stmt = statement
    while isinstance(link, ast.If):
        yield from link.body
        if len(link.orelse) != 1 or not isinstance(link.orelse[0], ast.If):
            yield from link.orelse
            return
        link = link.orelse[0]


def _prepares(name: str) -> bool:
    """Whether a call only sets something up, by its name: `set_image_data_format`."""
    return name in PREPARING or name.startswith(_SETTING_UP)


def _calls_a_model(tree: ast.Module) -> bool:
    """Whether a module calls what a variable of its own holds: `boxes = model(image)`."""
    made: set[str] = set()
    for statement in tree.body:
        match statement:
            case ast.Assign(value=ast.Call(func=ast.Name(id=name))) if name in made:
                return True
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call()):
                made.add(name)
    return False


def _ends_with_own_work(body: list[ast.stmt]) -> bool:
    """Whether a file ends with a call of its own function for work: `rows = test_all_folds()`."""
    match body[-1:]:
        case [ast.Assign(value=ast.Call(func=ast.Name(id=name)))]:
            is_own = any(isinstance(part, ast.FunctionDef) and part.name == name for part in body)
            return is_own and type_of_function(name) in _OF_RESULTS
    return False


def _calls_something(statement: ast.stmt) -> bool:
    return any(
        isinstance(node, ast.Call) and not _prepares(_last_name(node.func))
        for node in ast.walk(statement)
    )


def _started(source: Source, project: Project) -> tuple[str, ...]:
    """Return the scripts of this experiment that a launcher or a notebook starts."""
    found = (
        find_started(started.script, source.path, project)
        for started in commands_in(source, project)
    )
    return tuple(dict.fromkeys(path for path in found if path))


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
