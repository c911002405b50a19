"""Collect and weigh the signs of purpose in the code that a script runs."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.code.tree_index import called
from registry_app.inference.purpose.call_graph import CallGraph, Reach
from registry_app.inference.purpose.launchers import TypesOf, commands_in, points_of_commands
from registry_app.inference.purpose.loaded_models import (
    MADE_UP,
    MODEL_NAMES,
    calls_of_loaded_models,
    models_in_pipelines,
)
from registry_app.inference.purpose.own_code import OwnCode
from registry_app.inference.purpose.script_names import (
    EVAL,
    INFER,
    QUANT,
    TRAIN,
    VERBS,
    name_words,
    names_a_score,
    names_only_a_trial,
    type_of_function,
)
from registry_app.inference.purpose.sign_tables import CLOCKS, GENERIC, IMPORTS, PREPARING, SAVING
from registry_app.inference.purpose.signs import STRONG, Sign, dotted, receiver, signs_of
from registry_app.inference.purpose.surroundings import (
    MODEL_LIBRARIES,
    OPEN_CALLS,
    PLAIN,
    PLAIN_OR_IMAGES,
    Surroundings,
    imported_tops,
    imports_only,
    wraps_model,
)
from registry_app.kinds import KINDS, EntryPointType

# Maximum points for all signs of one type, for generic signs, and for signs of other modules.
MOST, MAX_GENERIC, MAX_BORROWED = 6, 2, 2
# A sign with at least this many points is sufficient by itself.
FIRM = 2
# Types that work with a model.
OF_MODELS = frozenset(kind.type for kind in KINDS if kind.needs_model)
_TRIED = MODEL_NAMES | GENERIC | {"predict"}
# These calls look at single images or a video, with or without a model, or write a table of
# # predictions.
_LOOKING = frozenset(
    "imread VideoCapture imshow predict track waitKey show LoadImages to_csv".split()
)
_IMAGES = frozenset(
    "imread imdecode VideoCapture open glob rglob listdir walk read_csv load_img LoadImages"
    " LoadStreams DataLoader build_dataloader build_dataset ImageFolder predict_generator"
    " flow_from_directory read_image".split()
)
_WINDOWS = frozenset("imshow namedWindow waitKey show_image launch mainloop exec_ plt_show".split())
_FETCHING = frozenset("get urlopen download urlretrieve request snapshot_download".split())
_FOREIGN = frozenset({TRAIN, INFER, EVAL})
# `train_test_split` splits data.
_OF_DATA = frozenset({"split", "test", "data", "dataset", "loader", "dataloader", "transforms"})
_UNDERSTOOD = PLAIN_OR_IMAGES | MODEL_LIBRARIES | {"fiftyone", "sklearn", "supervision", "labelme"}
MAX_PATH = 200
_LEARNING = frozenset({"epoch", "epochs", "n_epochs", "num_epochs", "loss"})
_LEARNING_OPTIONS = frozenset({"--epochs", "--num-epochs", "--num_epochs", "--n-epochs", "--lr"})
_WEIGHTS = frozenset({"load_state_dict", "load_weights"})
_LABELS = frozenset("label labels target targets mask masks y ys gt".split())
_BATCHES = frozenset({"DataLoader", "build_dataloader"})
_PICTURES = frozenset({"imwrite", "save_image", "fromarray"})
_C_FILES = (".h", ".hpp", ".c", ".cc", ".cpp")
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
    """The evidence for each type.

    `own`: points of the script's own code, without steps that another type implies; `all_own`
    with them; `borrowed`: points of code in other modules that it runs. `best` has the strongest
    sign of each type. `looks`: it looks at single images or a video. `turns_files`: it reads
    files and writes others. `starts`: it starts scripts. `is_silent`: none of its own calls is
    strong evidence. `ruled_out`: types that it has no means for, whatever its name. `is_open`: it
    runs code that is not visible here. `is_trial`: a model runs with made-up input alone.
    `is_timed`: clocks are around it. `touches_no_file`: it neither reads nor writes files.
    `makes_a_set`: it writes images or labels below folders such as `images/train`.
    `has_window`: it shows something while it runs. `compares`: a script named `test` compares with
    the truth, by scores or by names such as `accuracy`, or goes over a prepared set. `hinted`:
    types that its words back up, where its name says so: it counts epochs, looks at images or loads
    weights.
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
    is_open: bool = False
    is_trial: bool = False
    is_timed: bool = False
    touches_no_file: bool = False
    makes_a_set: bool = False
    has_window: bool = False
    compares: bool = False
    hinted: frozenset[EntryPointType] = frozenset()


def gather(source: Source, project: Project, graph: CallGraph, types_of: TypesOf) -> Evidence:
    """Return the evidence for each type in the code that runs when a file is started."""
    started = points_of_commands(commands_in(source), source.path, project, types_of)
    if source.tree is None:
        return Evidence(own=started, all_own=started, is_open=True)
    reach = graph.reach(source)
    own_code = OwnCode(project, graph)
    around = _surroundings(source, reach, project)
    signs = list(_own_signs(source, reach, project, around, own_code))
    others = list(signs_of(reach.others, around, is_home=own_code.is_called))
    called_models = [
        *calls_of_loaded_models(reach.others, project, around, own=source.path),
        *models_in_pipelines(reach.others, project, around),
    ]
    shown = {
        sign.kind
        for sign in (*signs, *others, *called_models)
        if not sign.is_home and not sign.is_named
    } | started.keys()
    if "subprocess" in around.libraries or around.called & OPEN_CALLS:
        shown = set(EntryPointType)  # what own code starts elsewhere cannot be judged
    signs = [sign for sign in signs if sign.kind in shown or not sign.is_home]
    far = [
        *(sign for sign in others if sign.points >= STRONG and sign.kind in shown),
        *called_models,
    ]
    strong = {sign.kind for sign in signs if sign.points >= STRONG}
    strong |= {kind for kind, count in started.items() if count >= STRONG}
    points = summed(signs) + started
    names = source.index.called()
    shows_model = any(started[kind] for kind in OF_MODELS) or any(
        sign.kind in OF_MODELS and not sign.is_named for sign in (*signs, *far)
    )
    return Evidence(
        own=settled(points, strong),
        all_own=points,
        borrowed=_borrowed(far),
        best={sign.kind: sign for sign in sorted([*far, *signs], key=lambda sign: sign.points)},
        looks=bool(around.called & _LOOKING),
        turns_files=bool(names & _READING and names & _WRITING),
        starts=bool(started),
        is_silent=not started and all(sign.is_named or sign.points < FIRM for sign in signs),
        ruled_out=frozenset() if shows_model else _ruled_out(source, reach, project, around),
        is_open=bool(source.commands)
        or "subprocess" in around.libraries
        or not imports_only(_UNDERSTOOD, source, project),
        is_trial=_is_trial(around, reach),
        is_timed=_is_timed(reach),
        touches_no_file=not signs
        and not started
        and not around.called & (_READING | _WRITING | _FETCHING),
        makes_a_set=_makes_a_set(source, names),
        has_window=_has_window(reach),
        compares=names_only_a_trial(source.path)  # it tells nothing about others
        and (
            any(_is_score(sign) for sign in (*signs, *others))
            or _goes_over_a_set(reach, around)
            or _gets_labels(source)
            or _compares(reach)
        ),
        hinted=frozenset(_hinted(source, reach, around)),
    )


def _ruled_out(
    source: Source, reach: Reach, project: Project, around: Surroundings
) -> frozenset[EntryPointType]:
    """Return the types that code without visible work on a model cannot have.

    Either no import could provide a model, or all imports are known and the code only draws.
    """
    if around.called & OPEN_CALLS:
        return frozenset()
    if around.reads_markers:
        return frozenset({INFER})
    if around.is_bare:
        # Numbers alone can learn; curves of a training that is over count no epochs.
        only_draws = around.called & _DRAWING and TRAIN not in _hinted(source, reach, around)
        is_plain = only_draws or imports_only(PLAIN, source, project)
        return OF_MODELS if is_plain else OF_MODELS - {TRAIN}
    only_draws = around.called & _DRAWING and imports_only(
        PLAIN_OR_IMAGES | MODEL_LIBRARIES, source, project
    )
    return OF_MODELS if only_draws else frozenset()


def summed(signs: Iterable[Sign]) -> Counter[EntryPointType]:
    """Sum the points of signs, each name once; generic signs together count little."""
    each: dict[tuple[EntryPointType, str], int] = {}
    for sign in signs:
        key = (sign.kind, sign.name)
        each[key] = max(each.get(key, 0), sign.points)
    points: Counter[EntryPointType] = Counter()
    generic = 0
    for (kind, name), count in each.items():
        if name in GENERIC:
            generic += count
        else:
            points[kind] = min(points[kind] + count, MOST)
    if generic:
        points[INFER] = min(points[INFER] + min(generic, MAX_GENERIC), MOST)
    return points


def settled(
    points: Counter[EntryPointType], strong: set[EntryPointType]
) -> Counter[EntryPointType]:
    """Reduce the points of types that are only implied by a type with strong evidence."""
    left = points.copy()
    for kind in KINDS:
        if kind.type in strong and left[kind.type] >= STRONG:
            for other in kind.implies & left.keys():
                left[other] = min(left[other], 1)
    return left


def _borrowed(signs: list[Sign]) -> Counter[EntryPointType]:
    left = settled(summed(signs), {sign.kind for sign in signs})
    return Counter({kind: min(count, MAX_BORROWED) for kind, count in left.items()})


def _surroundings(source: Source, reach: Reach, project: Project) -> Surroundings:
    paths = {source.path, *(unit.path for unit in reach.others)}
    libraries: set[str] = set()
    for path in paths:
        module = project.source(path)
        if module is not None:
            libraries |= imported_tops(module).keys()
    units = (*reach.own, *reach.others)
    names = frozenset(called(call) for unit in units for call in unit.calls)
    is_bare = not libraries & MODEL_LIBRARIES and imports_only(PLAIN_OR_IMAGES, source, project)
    return Surroundings(
        called=names,
        libraries=frozenset(libraries),
        is_bare=is_bare,
        wraps_model=wraps_model(libraries, project),
    )


def _own_signs(
    source: Source, reach: Reach, project: Project, around: Surroundings, own_code: OwnCode
) -> Iterator[Sign]:
    is_trial = _is_trial(around, reach) and not any(
        dotted(call.func).endswith("jit.load") for call in source.calls("load")
    )
    calls = list(calls_of_loaded_models(reach.own, project, around, own=source.path))
    for sign in signs_of(reach.own, around, is_home=own_code.is_called):
        if not (is_trial and sign.name.removeprefix("self.") in _TRIED):
            yield _weakened(sign, around)
    yield from () if is_trial else calls
    yield from _of_frameworks(source, around) if is_trial else ()
    yield from _of_imports(source)
    yield from _of_foreign(source, project)
    yield from _of_functions(reach)
    yield from models_in_pipelines(reach.own, project, around)
    yield from _of_written_weights(source)


def _hinted(source: Source, reach: Reach, around: Surroundings) -> Iterator[EntryPointType]:
    if any(unit.names & _LEARNING for unit in (*reach.own, *reach.others)) or _asks_epochs(source):
        yield TRAIN
    if around.called & (_LOOKING | _WEIGHTS):
        yield INFER


def _asks_epochs(source: Source) -> bool:
    """Whether the script has an option that only trainings have."""
    return any(
        isinstance(word, ast.Constant) and word.value in _LEARNING_OPTIONS
        for call in source.calls("add_argument")
        for word in call.args
    )


def _is_trial(around: Surroundings, reach: Reach) -> bool:
    """Whether a model at most runs with made-up input: that times or tries it out.

    A network may load the weights of its backbone in a module of its own.
    """
    own = {called(call) for unit in reach.own for call in unit.calls}
    # A wrapper elsewhere opens the file of its engine; an image is opened by a library.
    opens_files = not any(
        called(call) == "open" and (unit in reach.own or isinstance(call.func, ast.Attribute))
        for unit in (*reach.own, *reach.others)
        for call in unit.calls
    )
    images = around.called & (_IMAGES - {"open"} if opens_files else _IMAGES)
    return bool(around.called & MADE_UP) and not (images or own & _WEIGHTS)


def _is_timed(reach: Reach) -> bool:
    """Whether a function or the body that runs reads a clock at least twice."""
    return any(
        sum(called(call) in CLOCKS for call in unit.calls) > 1
        for unit in (*reach.own, *reach.others)
    )


def _is_score(sign: Sign) -> bool:
    return sign.kind is EVAL and not sign.is_named and sign.points >= FIRM


def _compares(reach: Reach) -> bool:
    """Whether the script's own code names a score or the truth: `accuracy`, `gt_boxes`."""
    return any(
        names_a_score(name)
        for unit in reach.own
        for name in (unit.name, *unit.names, *map(called, unit.calls))
    )


def _goes_over_a_set(reach: Reach, around: Surroundings) -> bool:
    """Whether a prepared set is gone over in batches, and no single picture is looked at."""
    own = {called(call) for unit in reach.own for call in unit.calls}
    return bool(around.called & _BATCHES) and not own & (_LOOKING | _PICTURES)


def _gets_labels(source: Source) -> bool:
    """Whether a loop gets labels with its images: `for images, labels in loader`."""
    return any(
        _LABELS & {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
        and "load" in ast.unparse(loop.iter)
        for loop in source.nodes(ast.For)
    )


def _has_window(reach: Reach) -> bool:
    """Whether anything that runs opens a window; a plot at the end is none."""
    return any(
        called(call) in _WINDOWS and not _is_of_plot(call)
        for unit in (*reach.own, *reach.others)
        for call in unit.calls
    )


def _is_of_plot(call: ast.Call) -> bool:
    """Whether a call shows a plot: `plt.show()`, `axes[0].imshow(image)`."""
    if called(call) == "imshow":
        return isinstance(call.func, ast.Attribute) and receiver(call) not in {"cv2", "cv"}
    return called(call) == "show" and receiver(call).startswith(("plt", "pyplot", "fig", "ax"))


def _makes_a_set(source: Source, names: frozenset[str]) -> bool:
    """Whether a script writes images and labels into the folders of a training set."""
    if not names & _WRITING:
        return False
    parts: set[str] = set()
    for constant in source.nodes(ast.Constant):
        if isinstance(constant.value, str) and len(constant.value) < MAX_PATH:
            parts.update(re.split(r"[/\\]+", constant.value.lower()))
    return {"images", "labels"} <= parts and bool(parts & {"train", "val"})


def _weakened(sign: Sign, around: Surroundings) -> Sign:
    """Return a step before quantization as weak evidence where nothing is saved afterwards."""
    if sign.kind is QUANT and sign.name in PREPARING and not around.called & SAVING:
        return replace(sign, points=1)
    return sign


def _of_frameworks(source: Source, around: Surroundings) -> Iterator[Sign]:
    """Yield that a model of one framework is saved as one of another."""
    for call in source.calls("save", "save_model", "save_weights"):
        if around.libraries & {"tensorflow", "keras", "tf_keras"} and "torch" in around.libraries:
            yield Sign(kind=QUANT, points=3, name="save", path=source.path, line=call.lineno)


def _of_written_weights(source: Source) -> Iterator[Sign]:
    """Yield that weights are written as C: `open("weights.h", "w")` for a microcontroller."""
    is_c = any(
        isinstance(word, ast.Constant) and str(word.value).endswith(_C_FILES)
        for call in source.calls("open")
        for word in call.args[:1]
    )
    for call in source.calls("get_weights", "state_dict", "get_tensor") if is_c else ():
        yield Sign(kind=QUANT, points=STRONG, name=called(call), path=source.path, line=call.lineno)


def _of_foreign(source: Source, project: Project) -> Iterator[Sign]:
    """Yield calls of functions from modules that are not here and not known: `train_recognizer`."""
    known = PLAIN_OR_IMAGES | MODEL_LIBRARIES
    for node in source.nodes(ast.ImportFrom):
        module = node.module or ""
        if node.level or module.partition(".")[0] in known or project.module(source.path, module):
            continue
        for alias in node.names:
            kind = type_of_function(alias.name)
            words = name_words(f"{alias.name}.py")
            for call in source.calls(alias.asname or alias.name)[:1]:
                if (
                    kind in _FOREIGN
                    and len(words) > 1
                    and not _OF_DATA & {*words}
                    and words[0] in VERBS | {"evaluate"}
                ):
                    yield Sign(
                        kind=kind, points=FIRM, name=alias.name, path=source.path, line=call.lineno
                    )


def _of_imports(source: Source) -> Iterator[Sign]:
    for top, line in imported_tops(source).items():
        if top in IMPORTS:
            kind, points = IMPORTS[top]
            yield Sign(
                kind=kind, points=points, name=top, path=source.path, line=line, is_import=True
            )


def _of_functions(reach: Reach) -> Iterator[Sign]:
    """Yield signs from the names of the file's functions that run: `run_inference`."""
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
