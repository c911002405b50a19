"""Recognise scripts that a user would not start first: copies, trials, runs of another script."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence

from registry_app.inference.choice.versions import step_of
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.inference.purpose.evidence.telling_names import PREPARING
from registry_app.inference.purpose.script_names import (
    INFER,
    distance_of_name,
    name_words,
)
from registry_app.kinds import EntryPointType
from registry_app.words import ScriptLaunch

_COPY = re.compile(
    r"(?:^|[_\-. (])(?:old|bak|backup|copy|orig|deprecated|legacy|tmp|temp|unused|사본|복사본|백업)"
    r"(?=$|[_\-. )\d]|v\d)",
    re.IGNORECASE,
)
# Folders for what is no longer used; as a word of a name, it may be what a script makes.
_SHELVES = frozenset("archive archived archives obsolete".split())
# Words of a path that mark a trial, an example or a first attempt.
_LESSER = frozenset(
    "example examples sample samples demo demos experiment experiments experimental playground"
    " sandbox tutorial tutorials baseline baselines toy scratch trial trials attic debug dummy"
    " check checks verify sanity reference references"
    " practice quickstart hello docs doc prototype prototypes poc spike 연습 예제 실험 과제"
    " homework homeworks assignment assignments exercise exercises lesson lessons"
    # What a server starts with files of its own.
    " worker workers"
    # What came to nothing.
    " failed attempt attempts"
    # Data sets on which a framework is first tried.
    " mnist cifar cifar10 cifar100 iris".split()
)
# Servers that are rented: the same script for one's own computer is tried first.
_RENTED = frozenset("aws sagemaker lambda azure gcp".split())
# Folders where research keeps trials, or all that it runs.
_EXPERIMENTS = frozenset({"experiment", "experiments"})
# An ensemble combines what the scripts beside it found.
_COMBINING = frozenset({"ensemble", "ensembles"})
# What is shown or measured of a model at work, beside the work itself.
_OBSERVING = frozenset(
    "visualization visualisation visualize visualise visualizing netron gradcam 시각화"
    " fps latency throughput profiling profiler timing"
    " failure failures misclassified".split()
)
_OF_DEMOS = frozenset({"demo", "demos", "tutorial"})
# Parts of other scripts by their name, and folders of such: `quantize_utils.py`, `utils/`.
_HELPERS = frozenset("util utils utility utilities helper helpers tools".split())
_HELPER_FOLDER = re.compile(r"utils?$|^helpers?$", re.IGNORECASE)
# What infers below these, and is not named for it, measures: `evaluation/robustness.py`.
_MEASUREMENTS = frozenset(
    "eval evaluate evaluation evaluations benchmark benchmarks metrics analysis".split()
)
# What shows why or how surely a model answers so, or smooths its answers afterwards.
_EXPLAINING = frozenset(
    "explain explainer explainability explanation explanations xai gradcam saliency"
    " interpretability uncertainty crf densecrf".split()
)
_PAIR_OF_EXPLANATION = {"grad", "cam"}
# Words for the version of a script whose model is put to use.
_IN_USE = frozenset({"production", "prod"})
# In folders of these names authors try what the scripts beside them do.
_TESTS = frozenset("tests unittest unittests unit_tests".split())
# A test of one part; a method that is gone through step by step; what a model at work needs.
_PAIRS = (
    *({"test", "only"}, {"step", "by"}, {"power", "log"}, {"speed", "test"}),
    # Comparing what a server answers with the model, as the tools of OpenMMLab do.
    *({"test", "torchserve"}, {"test", "torchserver"}),
)
# Training for scores alone: the models of the folds are thrown away.
_OF_FOLDS = frozenset("crossval crossvalidation crossvalidate loocv".split())
_PAIRS_OF_FOLDS = ({"cross", "validation"}, {"cross", "val"}, {"cross", "validate"})
# Searching for settings: trains many times, each for a score.
_SEARCHING = frozenset(
    "hyperparameter hyperparameters hyperparam hyperparams hyperopt optuna hpo tuner"
    " gridsearch".split()
)
_PAIRS_OF_SEARCHES = (
    {"hyper", "param"},
    {"hyper", "params"},
    {"hyper", "parameter"},
    {"hyper", "parameters"},
    {"grid", "search"},
    {"random", "search"},
)
# Words for comparing models, which is an evaluation's own work.
_COMPARING = frozenset(
    "compare comparison comparisons benchmark benchmarks bench testbench ablation ablations"
    " 비교".split()
)
# Words of scripts that run another script's work many times: `train_all.sh`, `multi_predict.py`.
_SEVERAL = frozenset("all multiple every sweep".split())
# Names that begin so and end so gather what a model says of a set: `generate_plate_scores.py`.
_GATHERING = frozenset("generate gen make create build collect dump".split())
_TABLES = frozenset("scores score csv table tables stats statistics".split())
# Folders and first words for what is done to pictures before a model learns from them.
_PREPARING_FOLDERS = frozenset(
    "prepare preparation preprocess preprocessing prep dataset datasets 전처리".split()
)
_PREPARING = PREPARING | {"extract", "collect"}
# What is prepared: a model may label pictures, or crop what it finds.
_PREPARED = frozenset(
    "dataset datasets label labels annotation annotations augment augmentation crop".split()
)
# A probe of what is installed on a board: whether its runtime starts at all.
_PROBING = "probe"
_WORK_OF_MODELS = frozenset({EntryPointType.TRAIN, EntryPointType.INFER, EntryPointType.QUANT})
_LAUNCHERS = frozenset({ScriptLaunch.SHELL, ScriptLaunch.BATCH})


def is_copy(path: str) -> bool:
    """Whether a path is named as an old copy, or lies in a folder of what is no longer used."""
    folders = {folder.lower() for folder in path.split("/")[:-1]}
    return not _SHELVES.isdisjoint(folders) or any(
        _COPY.search(posixpath.splitext(part)[0]) for part in path.split("/")
    )


def is_part(kind: str, path: str) -> bool:
    """Whether a path is named as a part of other scripts, or lies among tests or such parts.

    A name that says the type tells more than a folder of parts: `utils/export_onnx.py`.
    """
    *folders, _name = path.split("/")
    if _TESTS.intersection(folder.lower() for folder in folders):
        return True
    if not _HELPERS.isdisjoint(name_words(path)[-1:]):
        return True
    is_named = distance_of_name(EntryPointType(kind), path) == 0
    return not is_named and any(map(_HELPER_FOLDER.search, folders))


def is_below_measurements(path: str) -> bool:
    """Whether a script that infers lies among measurements, and its name does not say inference."""
    folders = {folder.lower() for folder in path.split("/")[:-1]}
    return not _MEASUREMENTS.isdisjoint(folders) and distance_of_name(INFER, path) > 0


def is_in_use(path: str) -> bool:
    """Whether a name says that its model is put to use: `production.py` beside `transfer.py`."""
    return not _IN_USE.isdisjoint(name_words(path))


def is_lesser(kind: str, path: str) -> bool:
    """Whether a path says that a script was only a trial or an example: `test_only_track.py`."""
    *folders, name = posixpath.splitext(path)[0].split("/")
    folders = [folder for folder in folders if folder.lower() not in _EXPERIMENTS]
    parts = [set(name_words(f"{part}.py")) for part in (*folders, name)]
    lesser = _LESSER | _COMPARING | _OBSERVING
    if kind == EntryPointType.DEMO:
        lesser -= _OF_DEMOS
    if kind == EntryPointType.EVAL:
        lesser -= _COMPARING | _OBSERVING
    if kind == EntryPointType.INFER and not distance_of_name(INFER, path):
        parts[-1] -= _OF_DEMOS  # `infer_demo.py` is named for the work
    if parts[-1] & _COMBINING:
        return True
    return any(words & lesser or any(pair <= words for pair in _PAIRS) for words in parts)


def is_of_experiments(path: str) -> bool:
    """Whether a script lies in `experiments/`, which tells little: trials, or all that is run."""
    return not _EXPERIMENTS.isdisjoint(folder.lower() for folder in path.split("/")[:-1])


def is_for_rented_server(path: str) -> bool:
    """Whether a name says that a script is for a server of others: `demo_aws.py`."""
    return not _RENTED.isdisjoint(name_words(path))


def trains_for_scores(kind: str, path: str) -> bool:
    """Whether a training is named as a cross-validation or a search, which leave scores alone."""
    words = {*name_words(path)}
    if words & _SEARCHING or any(pair <= words for pair in _PAIRS_OF_SEARCHES):
        return kind == EntryPointType.TRAIN
    is_of_folds = bool(words & _OF_FOLDS) or any(pair <= words for pair in _PAIRS_OF_FOLDS)
    return kind == EntryPointType.TRAIN and is_of_folds and "train" not in words


def fills_a_table(kind: str, path: str) -> bool:
    """Whether a script that infers is named for the table that it leaves for an analysis."""
    words = name_words(path)
    is_table = not _TABLES.isdisjoint(words[-1:]) and not _GATHERING.isdisjoint(words[:1])
    return kind == EntryPointType.INFER and is_table


def prepares_data(kind: str, path: str) -> bool:
    """Whether a path says that a script prepares pictures, whatever it trains or runs for that.

    `prepare_data/clusters.py`, `extract_poses.py`; `datasets/train.py` says the work itself.
    """
    if kind not in _WORK_OF_MODELS:
        return False
    *folders, _name = path.split("/")
    if kind != EntryPointType.QUANT and not _PREPARING.isdisjoint(name_words(path)[:1]):
        return True
    words = {word for folder in folders for word in name_words(f"{folder}.py")}
    is_named = distance_of_name(EntryPointType(kind), path) == 0
    is_about_data = words & _PREPARING_FOLDERS or _PREPARED.intersection(name_words(path))
    return not is_named and bool(is_about_data)


def steps_before_training(scripts: Sequence[EntryScript]) -> frozenset[str]:
    """Return the scripts of numbered steps before that which trains: they make what it needs.

    `s1_get_skeletons.py` runs a model for `s4_train.py`; `s5_test.py` tries what was trained.
    """
    trained: dict[str, int] = {}
    for script in scripts:
        number, folder = step_of(script.path), posixpath.dirname(script.path)
        if number is not None and script.types.value[:1] == (EntryPointType.TRAIN,):
            trained[folder] = min(number, trained.get(folder, number))
    return frozenset(
        script.path
        for script in scripts
        if (number := step_of(script.path)) is not None
        and number < trained.get(posixpath.dirname(script.path), 0)
    )


def only_probes(kind: str, path: str) -> bool:
    """Whether a name begins with a probe, and does not say inference: `probe_npu.py`."""
    begins = name_words(path)[:1] == [_PROBING]
    return kind == EntryPointType.INFER and begins and distance_of_name(INFER, path) > 1


def explains(kind: str, path: str) -> bool:
    """Whether a name says that answers of a model are explained or smoothed: `gradcam.py`."""
    words = {*name_words(path)}
    is_explanation = bool(words & _EXPLAINING) or words >= _PAIR_OF_EXPLANATION
    return kind == EntryPointType.INFER and is_explanation and distance_of_name(INFER, path) > 0


def started_by_launchers(kind: str, scripts: Iterable[EntryScript]) -> frozenset[str]:
    """Return the scripts that a launcher starts which is no trial: they are in use."""
    return frozenset(
        path
        for script in scripts
        if script.launch in _LAUNCHERS
        and not is_copy(script.path)
        and not is_lesser(kind, script.path)
        for path in script.starts
    )


def runs_several(path: str) -> bool:
    """Whether a name says that the work is done many times: `train_all.sh`."""
    return bool(_SEVERAL.intersection(name_words(path)))


def repeated_scripts(paths: Iterable[str]) -> dict[str, str]:
    """Return the scripts that do another's work many times, with that script beside them.

    `multi_predict.py` and `predict_all.py` repeat `predict.py`.
    """
    known = {(posixpath.dirname(path), _singular(name_words(path))): path for path in paths}
    found = {}
    for path in known.values():
        words = name_words(path)
        left = [word for word in words if word not in _SEVERAL and word != "multi"]
        other = known.get((posixpath.dirname(path), _singular(left)))
        if other and len(left) < len(words):
            found[path] = other
    return found


def _singular(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word.removesuffix("s") for word in words)
