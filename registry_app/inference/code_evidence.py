"""What the code of a script speaks for: its signs, gathered along what runs and weighed up."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from registry_app.choices import EntryPointType
from registry_app.inference.call_graph import CallGraph, Reach, Unit
from registry_app.inference.launchers import TypesOf, commands_in, points_of_commands
from registry_app.inference.project import Project
from registry_app.inference.script_names import DATA, DEMO, EVAL, INFER, QUANT, TRAIN, type_by_name
from registry_app.inference.signs import GENERIC, IMPORTS, STRONG, Sign, signs_of
from registry_app.inference.source import Source
from registry_app.inference.surroundings import Surroundings
from registry_app.inference.tree_index import called

# What signs of one type count together, and generic ones, and those of other modules.
MOST, MOST_GENERIC, MOST_BORROWED = 6, 2, 2
# What a type does on its way: who trains also measures, who exports tries the result out.
ON_THE_WAY: Mapping[EntryPointType, frozenset[EntryPointType]] = {
    TRAIN: frozenset({INFER, QUANT, EVAL, DATA}),
    QUANT: frozenset({INFER, EVAL, DATA}),
    DEMO: frozenset({INFER, DATA}),
    EVAL: frozenset({INFER, DATA}),
    INFER: frozenset({DATA}),
}
# What is done with a model; nobody does it without one.
OF_MODELS = frozenset({TRAIN, INFER, QUANT})
# Calls that give a model which can be called.
_LOADERS = frozenset(
    "YOLO load load_model attempt_load DetectMultiBackend from_pretrained pipeline RTDETR SAM"
    " load_learner init_detector get_model create_predictor compile_model FastSAM NAS"
    " DefaultPredictor load_from_checkpoint".split()
)
_MODEL_NAMES = frozenset({"model", "net", "detector", "predictor", "yolo", "network"})
# Who calls something named so looks at what was loaded, not at random numbers.
_LOADING = frozenset({"imread", "load_state_dict", "open", "load_weights", "from_pretrained"})
_MADE_UP = frozenset({"rand", "randn", "zeros", "ones", "randint"})
_TRIED = _MODEL_NAMES | GENERIC | {"predict"}
# Who calls one of these looks at single pictures or a film, with eyes or a model, or hands in
# a table of what the model said.
_LOOKING = frozenset(
    "imread VideoCapture imshow predict track waitKey show LoadImages to_csv".split()
)
_PICTURES = frozenset(
    "imread imdecode VideoCapture open glob rglob listdir walk read_csv load_img LoadImages"
    " LoadStreams DataLoader build_dataloader build_dataset ImageFolder predict_generator"
    " flow_from_directory read_image".split()
)
_READING = frozenset(
    "imread glob rglob listdir walk iterdir read_csv COCO loadAnns fromfile parse scandir load"
    " loads open".split()
)
_WRITING = frozenset(
    "imwrite save dump to_csv copy copy2 copyfile copytree move rename write writelines"
    " write_text savez imsave writerow".split()
)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What speaks for each type.

    `own`: points of the script's own code, without what another type does on its way; `all_own`
    with it; `borrowed`: points of code in other modules that it runs. `best` has the strongest
    sign of each type. `looks`: it looks at single pictures or a film. `turns_files`: it reads
    files and writes others. `has_no_model`: nothing it imports or calls trains, runs or converts
    a model, whatever it is called.
    """

    own: Counter[EntryPointType] = field(default_factory=Counter)
    all_own: Counter[EntryPointType] = field(default_factory=Counter)
    borrowed: Counter[EntryPointType] = field(default_factory=Counter)
    best: Mapping[EntryPointType, Sign] = field(default_factory=dict)
    looks: bool = False
    turns_files: bool = False
    has_no_model: bool = False


def gather(source: Source, project: Project, graph: CallGraph, types_of: TypesOf) -> Evidence:
    """Return what speaks for each type in the code that runs when a file is started."""
    started = points_of_commands(commands_in(source), source.path, project, types_of)
    if source.tree is None:
        return Evidence(own=started, all_own=started)
    reach = graph.reach(source)
    around = _surroundings(source, reach, project)
    signs = list(_own_signs(source, reach, around))
    far = [one for one in signs_of(reach.others, around) if one.points >= STRONG]
    strong = {one.kind for one in signs if one.points >= STRONG}
    strong |= {kind for kind, count in started.items() if count >= STRONG}
    points = summed(signs) + started
    names = source.index.called()
    return Evidence(
        own=settled(points, strong),
        all_own=points,
        borrowed=_borrowed(far),
        best={one.kind: one for one in sorted([*far, *signs], key=lambda one: one.points)},
        looks=bool(around.called & _LOOKING),
        turns_files=bool(names & _READING and names & _WRITING),
        has_no_model=around.is_plain
        and not any(started[kind] for kind in OF_MODELS)
        and not _imports_siblings(source)
        and not any(one.kind in OF_MODELS and not one.is_named for one in signs),
    )


def summed(signs: Iterable[Sign]) -> Counter[EntryPointType]:
    """Add up the points of signs, each name once; generic ones count little together."""
    each: dict[tuple[EntryPointType, str], int] = {}
    for one in signs:
        key = (one.kind, one.name)
        each[key] = max(each.get(key, 0), one.points)
    points: Counter[EntryPointType] = Counter()
    generic = 0
    for (kind, name), count in each.items():
        if name in GENERIC:
            generic += count
        else:
            points[kind] = min(points[kind] + count, MOST)
    if generic:
        points[INFER] = min(points[INFER] + min(generic, MOST_GENERIC), MOST)
    return points


def settled(
    points: Counter[EntryPointType], strong: set[EntryPointType]
) -> Counter[EntryPointType]:
    """Take away what a type that is surely there does only on its way."""
    left = points.copy()
    for kind, others in ON_THE_WAY.items():
        if kind in strong and left[kind] >= STRONG:
            for other in others & left.keys():
                left[other] = min(left[other], 1)
    return left


def _borrowed(signs: list[Sign]) -> Counter[EntryPointType]:
    left = settled(summed(signs), {one.kind for one in signs})
    return Counter({kind: min(count, MOST_BORROWED) for kind, count in left.items()})


def _surroundings(source: Source, reach: Reach, project: Project) -> Surroundings:
    paths = {source.path, *(unit.path for unit in reach.others)}
    libraries: set[str] = set()
    for path in paths:
        one = project.source(path)
        if one is not None:
            libraries |= _imported_tops(one).keys()
    units = (*reach.own, *reach.others)
    names = frozenset(called(call) for unit in units for call in unit.calls)
    return Surroundings(called=names, libraries=frozenset(libraries))


def _imported_tops(source: Source) -> dict[str, int]:
    """Return the top-level names of the modules that a file imports, with their lines."""
    found: dict[str, int] = {}
    for node in source.nodes(ast.Import):
        for alias in node.names:
            found.setdefault(alias.name.partition(".")[0], node.lineno)
    for one in source.nodes(ast.ImportFrom):
        if one.module and not one.level:
            found.setdefault(one.module.partition(".")[0], one.lineno)
    return found


def _imports_siblings(source: Source) -> bool:
    return any(one.level for one in source.nodes(ast.ImportFrom))


def _own_signs(source: Source, reach: Reach, around: Surroundings) -> Iterator[Sign]:
    # On made-up numbers alone a model is timed or tried out, nothing is looked at.
    is_trial = bool(around.called & _MADE_UP) and not around.called & _PICTURES
    signs = [*signs_of(reach.own, around), *_of_loaded_models(source, reach, around)]
    yield from (one for one in signs if not (is_trial and one.name in _TRIED))
    yield from _of_imports(source)
    yield from _of_functions(reach)


def _of_imports(source: Source) -> Iterator[Sign]:
    for top, line in _imported_tops(source).items():
        if top in IMPORTS:
            kind, points = IMPORTS[top]
            yield Sign(
                kind=kind, points=points, name=top, path=source.path, line=line, is_import=True
            )


def _of_loaded_models(source: Source, reach: Reach, around: Surroundings) -> Iterator[Sign]:
    """A model that is loaded and then called looks at something: `results = model(image)`."""
    models = _loaded_models(source) if around.has_model else set()
    if around.called & _LOADING and not around.called & _MADE_UP:
        models |= _MODEL_NAMES
    for call in _calls(reach.own):
        if isinstance(call.func, ast.Name) and call.func.id in models:
            name = call.func.id
            yield Sign(kind=INFER, points=STRONG, name=name, path=source.path, line=call.lineno)


def _calls(units: Iterable[Unit]) -> Iterator[ast.Call]:
    return (call for unit in units for call in unit.calls)


def _loaded_models(source: Source) -> set[str]:
    """Return the variables that hold a loaded model, also after `model = weights["model"]`."""
    models: set[str] = set()
    for node in sorted(source.nodes(ast.Assign), key=lambda one: one.lineno):
        name, is_loaded = _origin(node.value)
        if is_loaded or name in models:
            models |= {one.id for one in node.targets if isinstance(one, ast.Name)}
    return models


def _origin(node: ast.expr) -> tuple[str, bool]:
    """Return the variable that a chain of calls begins with, and whether a call of it loads."""
    is_loaded = False
    while True:
        match node:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name) as function):
                is_loaded = is_loaded or name in _LOADERS
                node = function
            case ast.Attribute(value=inner) | ast.Subscript(value=inner):
                node = inner
            case ast.Name(id=name):
                return name, is_loaded
            case _:
                return "", is_loaded


def _of_functions(reach: Reach) -> Iterator[Sign]:
    """Functions of the file that run say by their names what is done: `run_inference`."""
    for unit in reach.own:
        kind = type_by_name(f"{unit.name}.py") if unit.name and not unit.owner else None
        if kind in {TRAIN, INFER, QUANT, EVAL}:
            yield Sign(
                kind=kind,
                points=1,
                name=unit.name,
                path=unit.path,
                line=unit.line,
                is_named=True,
            )
