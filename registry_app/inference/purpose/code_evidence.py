"""What the code of a script speaks for: its signs, gathered along what runs and weighed up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from registry_app.choices import EntryPointType
from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import called
from registry_app.inference.purpose.call_graph import CallGraph, Reach
from registry_app.inference.purpose.launchers import TypesOf, commands_in, points_of_commands
from registry_app.inference.purpose.loaded_models import (
    MADE_UP,
    MODEL_NAMES,
    calls_of_loaded_models,
)
from registry_app.inference.purpose.script_names import (
    DATA,
    DEMO,
    EVAL,
    INFER,
    QUANT,
    TRAIN,
    type_of_function,
)
from registry_app.inference.purpose.sign_tables import GENERIC, IMPORTS
from registry_app.inference.purpose.signs import STRONG, Sign, signs_of
from registry_app.inference.purpose.surroundings import (
    MODEL_LIBRARIES,
    OPEN_CALLS,
    PLAIN,
    PLAIN_OR_PICTURES,
    Surroundings,
    imported_tops,
    imports_only,
)

# What signs of one type count together, and generic ones, and those of other modules.
MOST, MOST_GENERIC, MOST_BORROWED = 6, 2, 2
# From so many points on a sign says something by itself.
FIRM = 2
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
_TRIED = MODEL_NAMES | GENERIC | {"predict"}
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
    "imread VideoCapture glob rglob listdir walk iterdir read_csv COCO loadAnns fromfile parse"
    " scandir load loads open".split()
)
_DRAWING = frozenset(
    "subplots subplot plot hist bar barh scatter boxplot heatmap countplot lineplot barplot"
    " histplot savefig legend xlabel set_xlabel set_title".split()
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
    files and writes others. `starts`: it starts scripts. `is_silent`: no call of its own says
    much. `ruled_out`: types for which it has nothing at hand, whatever it is called.
    """

    own: Counter[EntryPointType] = field(default_factory=Counter)
    all_own: Counter[EntryPointType] = field(default_factory=Counter)
    borrowed: Counter[EntryPointType] = field(default_factory=Counter)
    best: Mapping[EntryPointType, Sign] = field(default_factory=dict)
    looks: bool = False
    turns_files: bool = False
    starts: bool = False
    is_silent: bool = False
    ruled_out: frozenset[EntryPointType] = frozenset()


def gather(source: Source, project: Project, graph: CallGraph, types_of: TypesOf) -> Evidence:
    """Return what speaks for each type in the code that runs when a file is started."""
    started = points_of_commands(commands_in(source), source.path, project, types_of)
    if source.tree is None:
        return Evidence(own=started, all_own=started)
    reach = graph.reach(source)
    around = _surroundings(source, reach, project)
    signs = list(_own_signs(source, reach, project, around))
    far = [
        *(one for one in signs_of(reach.others, around) if one.points >= STRONG),
        *calls_of_loaded_models(reach.others, project, around, own=source.path),
    ]
    strong = {one.kind for one in signs if one.points >= STRONG}
    strong |= {kind for kind, count in started.items() if count >= STRONG}
    points = summed(signs) + started
    names = source.index.called()
    shows_model = any(started[kind] for kind in OF_MODELS) or any(
        one.kind in OF_MODELS and not one.is_named for one in (*signs, *far)
    )
    return Evidence(
        own=settled(points, strong),
        all_own=points,
        borrowed=_borrowed(far),
        best={one.kind: one for one in sorted([*far, *signs], key=lambda one: one.points)},
        looks=bool(around.called & _LOOKING),
        turns_files=bool(names & _READING and names & _WRITING),
        starts=bool(started),
        is_silent=not started and all(one.is_named or one.points < FIRM for one in signs),
        ruled_out=frozenset() if shows_model else _ruled_out(source, project, around),
    )


def _ruled_out(source: Source, project: Project, around: Surroundings) -> frozenset[EntryPointType]:
    """Return what nothing at hand can do, of code that shows no work with a model.

    Either nothing that is imported could hold one, or all is known and the code only draws.
    """
    if around.called & OPEN_CALLS:
        return frozenset()
    if around.is_bare:
        return OF_MODELS if imports_only(PLAIN, source, project) else OF_MODELS - {TRAIN}
    only_draws = around.called & _DRAWING and imports_only(
        PLAIN_OR_PICTURES | MODEL_LIBRARIES, source, project
    )
    return OF_MODELS if only_draws else frozenset()


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
            libraries |= imported_tops(one).keys()
    units = (*reach.own, *reach.others)
    names = frozenset(called(call) for unit in units for call in unit.calls)
    is_bare = not libraries & MODEL_LIBRARIES and imports_only(PLAIN_OR_PICTURES, source, project)
    return Surroundings(called=names, libraries=frozenset(libraries), is_bare=is_bare)


def _own_signs(
    source: Source, reach: Reach, project: Project, around: Surroundings
) -> Iterator[Sign]:
    # On made-up numbers alone a model is timed or tried out, nothing is looked at.
    is_trial = bool(around.called & MADE_UP) and not around.called & _PICTURES
    calls = calls_of_loaded_models(reach.own, project, around, own=source.path)
    for one in (*signs_of(reach.own, around), *calls):
        if not (is_trial and one.name.removeprefix("self.") in _TRIED):
            yield one
    yield from _of_imports(source)
    yield from _of_functions(reach)


def _of_imports(source: Source) -> Iterator[Sign]:
    for top, line in imported_tops(source).items():
        if top in IMPORTS:
            kind, points = IMPORTS[top]
            yield Sign(
                kind=kind, points=points, name=top, path=source.path, line=line, is_import=True
            )


def _of_functions(reach: Reach) -> Iterator[Sign]:
    """Functions of the file that run say by their names what is done: `run_inference`."""
    for unit in reach.own:
        kind = type_of_function(unit.name) if unit.name and not unit.owner else None
        if kind is not None:
            yield Sign(
                kind=kind,
                points=1,
                name=unit.name,
                path=unit.path,
                line=unit.line,
                is_named=True,
            )
