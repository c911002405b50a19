"""Collect and weigh the signs of purpose in the code that a script runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.purpose.call_graph import CallGraph, Reach
from registry_app.inference.purpose.evidence.behaviour import (
    LOOKING,
    READING,
    WRITING,
    asks_a_server,
    asks_inference,
    compares,
    finds_by_rules,
    found_by_rules,
    gets_labels,
    goes_over_a_set,
    has_window,
    hinted,
    is_score,
    is_timed,
    is_trial,
    saves_pictures,
    writes_table,
)
from registry_app.inference.purpose.evidence.calibration import fits_temperature
from registry_app.inference.purpose.evidence.fitted_features import fitted_features
from registry_app.inference.purpose.evidence.making_data import makes_data
from registry_app.inference.purpose.evidence.own_signs import own_signs
from registry_app.inference.purpose.evidence.weights import (
    FIRM,
    OF_MODELS,
    borrowed,
    settled,
    summed,
)
from registry_app.inference.purpose.evidence.work_elsewhere import work_elsewhere
from registry_app.inference.purpose.launchers import (
    TypesOf,
    commands_in,
    points_of_commands,
    scripts_of_runner,
    without_engines,
)
from registry_app.inference.purpose.loaded_models import (
    calls_of_loaded_models,
    handed_models,
    models_in_pipelines,
)
from registry_app.inference.purpose.own_code import OwnCode
from registry_app.inference.purpose.script_names import (
    EVAL,
    INFER,
    QUANT,
    TRAIN,
    names_only_a_trial,
    type_by_name,
)
from registry_app.inference.purpose.sign_tables import GENERIC, PAGES, SWITCHING
from registry_app.inference.purpose.signs import STRONG, Sign, signs_of
from registry_app.inference.purpose.surroundings import (
    MODEL_LIBRARIES,
    OPEN_CALLS,
    PLAIN,
    PLAIN_OR_IMAGES,
    Surroundings,
    imported_tops,
    imports_only,
    only_sends,
    wraps_model,
)
from registry_app.kinds import EntryPointType

_FETCHING = frozenset("get urlopen download urlretrieve request snapshot_download".split())
_UNDERSTOOD = PLAIN_OR_IMAGES | MODEL_LIBRARIES | {"fiftyone", "sklearn", "supervision", "labelme"}
_DRAWING = frozenset(
    "subplots subplot plot hist bar barh scatter boxplot heatmap countplot lineplot barplot"
    " histplot savefig legend xlabel set_xlabel set_title".split()
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
    `makes_data`: what it leaves behind is learned from, as labels below `images/train`.
    `has_window`: it shows something while it runs; `has_page`: a web page or a window with
    controls. `compares`: a script named for evaluation compares with
    the truth, by scores or by names such as `accuracy`, or goes over a prepared set. `hinted`:
    types that its words back up, where its name says so: it counts epochs, looks at images or loads
    weights. `sees`: the call that finds something in pictures that are read, if no library of
    models is there. `asks_inference`: it calls a function of another file that is named for it.
    `fits_temperature`: an optimizer steps one number behind a trained model, and no weights.
    `saves_pictures`: its own code writes pictures.
    `answers_nothing`: a model is at most switched to evaluation; no weights, files or answers are
    read or written.
    """

    own: Counter[EntryPointType] = field(default_factory=Counter)
    all_own: Counter[EntryPointType] = field(default_factory=Counter)
    borrowed: Counter[EntryPointType] = field(default_factory=Counter)
    best: Mapping[EntryPointType, Sign] = field(default_factory=dict)
    looks: bool = False
    turns_files: bool = False
    answers_nothing: bool = False
    starts: bool = False
    is_silent: bool = False
    ruled_out: frozenset[EntryPointType] = frozenset()
    is_open: bool = False
    is_trial: bool = False
    is_timed: bool = False
    touches_no_file: bool = False
    makes_data: bool = False
    has_window: bool = False
    has_page: bool = False
    saves_pictures: bool = False
    compares: bool = False
    hinted: frozenset[EntryPointType] = frozenset()
    sees: Sign | None = None
    asks_inference: bool = False
    fits_temperature: bool = False


def gather(source: Source, project: Project, graph: CallGraph, types_of: TypesOf) -> Evidence:
    """Return the evidence for each type in the code that runs when a file is started."""
    commands = [*commands_in(source, project), *scripts_of_runner(source, project)]
    started = points_of_commands(without_engines(commands), source.path, project, types_of)
    if source.tree is None:
        return Evidence(own=started, all_own=started, is_open=True)
    reach = graph.reach(source)
    own_code = OwnCode(project, graph)
    around = _surroundings(source, reach, project)
    fitted = fitted_features(reach, project)
    signs = list(own_signs(source, reach, project, around, own_code))
    signs += [sign for sign in fitted if sign.path == source.path]
    others = list(signs_of(reach.others, around, is_home=own_code.is_called))
    others += [sign for sign in fitted if sign.path != source.path]
    called_models = [
        *calls_of_loaded_models(
            reach.others,
            project,
            around,
            own=source.path,
            handed=handed_models(reach.own, project, own_code.file_of, reach.others),
        ),
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
    shown_there = [sign for sign in others if not sign.is_home and not sign.is_named]
    signs += work_elsewhere(
        source, reach, shown_there, project=project, around=around, own_code=own_code
    )
    signs = _without_own_formulas(signs)
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
        borrowed=borrowed(far),
        best={sign.kind: sign for sign in sorted([*far, *signs], key=_weight)},
        looks=bool(around.called & LOOKING),
        turns_files=bool(names & READING and names & WRITING),
        starts=bool(started),
        is_silent=not started and all(sign.is_named or sign.points < FIRM for sign in signs),
        ruled_out=frozenset() if shows_model else _ruled_out(source, reach, project, around),
        is_open=bool(source.commands)
        or "subprocess" in around.libraries
        or not imports_only(_UNDERSTOOD, source, project),
        is_trial=is_trial(around, reach),
        is_timed=is_timed(reach),
        touches_no_file=not signs
        and not started
        and not around.called & (READING | WRITING | _FETCHING),
        # Answers for a competition are none, though they may be shown as labels.
        makes_data=makes_data(source, names, around)
        and not any(sign.name == "to_csv" and sign.kind is INFER for sign in signs),
        has_window=has_window(reach),
        saves_pictures=saves_pictures(reach),
        has_page=bool(around.libraries & PAGES),
        # It tells nothing about scripts with other names.
        compares=(names_only_a_trial(source.path) or type_by_name(source.path) is EVAL)
        and (
            any(is_score(sign) for sign in (*signs, *others))
            or compares(reach)
            or ((goes_over_a_set(reach, around) or gets_labels(source)) and not writes_table(reach))
        ),
        answers_nothing=not names & (READING | WRITING | GENERIC - SWITCHING)
        and all(sign.name in SWITCHING for sign in signs if sign.kind is INFER),
        hinted=frozenset(hinted(source, reach, around)),
        sees=None if around.has_model else found_by_rules(reach, around),
        asks_inference=asks_inference(reach),
        fits_temperature=fits_temperature(source),
    )


def _weight(sign: Sign) -> tuple[int, bool]:
    """Return how much a sign tells; of equal ones a camera tells less than a model."""
    return sign.points, sign.name != "VideoCapture"


def _without_own_formulas(signs: list[Sign]) -> list[Sign]:
    """Drop the names of several functions that only compute what quantization is.

    `quantize`, `dequantize` and `quantize_multiplier` check by hand what a library quantized.
    """
    quantizing = [sign for sign in signs if sign.kind is QUANT]
    if all(sign.is_named for sign in quantizing):
        return [sign for sign in signs if sign.kind is not QUANT or sign is quantizing[0]]
    return signs


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
        only_draws = around.called & _DRAWING and TRAIN not in hinted(source, reach, around)
        is_plain = only_draws or imports_only(PLAIN, source, project)
        # It draws what it found, or shows what a server answers that has the model.
        without = {INFER} if finds_by_rules(around) or asks_a_server(reach, around) else set()
        return (OF_MODELS if is_plain else OF_MODELS - {TRAIN}) - without
    only_draws = around.called & _DRAWING and imports_only(
        PLAIN_OR_IMAGES | MODEL_LIBRARIES, source, project
    )
    return OF_MODELS if only_draws else frozenset()


def _surroundings(source: Source, reach: Reach, project: Project) -> Surroundings:
    paths = {source.path, *(unit.path for unit in reach.others)}
    libraries: set[str] = set()
    for path in paths:
        libraries |= (project.found(imported_tops, path) or {}).keys()
    units = (*reach.own, *reach.others)
    names = frozenset(name for unit in units for name in unit.called)
    is_bare = not libraries & MODEL_LIBRARIES and imports_only(PLAIN_OR_IMAGES, source, project)
    return Surroundings(
        called=names,
        libraries=frozenset(libraries),
        is_bare=is_bare,
        wraps_model=wraps_model(libraries, project),
        only_sends=only_sends(names, source, project),
    )
