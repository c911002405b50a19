"""What a script's name says beside its code: where it counts, and where it decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from registry_app.inference.code.source import NOTEBOOK, Source
from registry_app.inference.purpose.evidence.corrected_names import (
    corrected,
    shows_quantization,
    works_on_models,
)
from registry_app.inference.purpose.evidence.gathering import Evidence
from registry_app.inference.purpose.evidence.launcher_texts import (
    installs_a_service,
    moves_files,
    only_checks,
    only_installs,
    only_talks,
    runs_a_program,
)
from registry_app.inference.purpose.evidence.telling_names import (
    analyses_sensitivity,
    audits,
    calibrates_scores,
    cross_validates,
    diagnoses,
    looks_at_numbers,
    looks_for_anchors,
    looks_into_data,
    makes_data_by_name,
    makes_pictures,
    prepares,
)
from registry_app.inference.purpose.evidence.weights import FIRM, OF_MODELS
from registry_app.inference.purpose.script_names import (
    DATA,
    DEMO,
    EVAL,
    FORMATS,
    INFER,
    QUANT,
    TRAIN,
    checks_a_model,
    collects,
    decides_anywhere,
    deciding_type,
    is_plain_word,
    labels_data,
    looks_after,
    name_words,
    names_inference,
    names_only_a_format,
    names_only_a_subject,
    names_only_a_trial,
    names_vaguely,
    plainly_named,
    turns_data,
    type_by_name,
)
from registry_app.inference.purpose.shell_lines import Started
from registry_app.inference.purpose.signs import STRONG
from registry_app.kinds import EntryPointType

_CORE = frozenset({TRAIN, INFER, QUANT})
# Sending a model elsewhere, which `detection_model_deployment` names.
_DEPLOYING = frozenset({"deploy", "deployment", "deploying"})
# A launcher with this first word makes that something can be started.
_SETTING_UP = frozenset("build install deploy setup upgrade rollback provision bootstrap".split())
_ENGINES = FORMATS | frozenset({"engine", "engines"})
# A launcher with this first word runs the work to see that it works.
_VERIFYING = (["verify"], ["validate"], ["selftest"], ["smoke"], ["measure"], ["stress"])
_BENCHMARKS = frozenset({"benchmark", "benchmarks", "bench"})
# Calls that make a network ready; others give it pictures.
_MAKING = frozenset({"init_detector", "init_segmentor", "init_recognizer", "init_track_model"})
# Signs of a training that are of its optimizer alone.
_OF_OPTIMIZERS = frozenset({"backward", "SGD", "AdamW"})


def shows(evidence: Evidence, kind: EntryPointType) -> bool:
    """Whether any code that runs, or anything that it starts, is evidence for a type."""
    return bool(evidence.all_own[kind] or evidence.borrowed[kind] or evidence.is_open)


def _only_infers(path: str, evidence: Evidence) -> bool:
    """Whether a demo runs a model and is no page; if it only may, a window makes it a demo."""
    if _may_be_page(path, evidence):
        return False
    if "app" in name_words(path):
        return evidence.own[INFER] >= FIRM or evidence.borrowed[INFER] > 0
    return evidence.own[INFER] >= (STRONG if evidence.has_window else FIRM)


def _may_be_page(path: str, evidence: Evidence) -> bool:
    """Whether a script that is named as a demo may be a page, or teaches.

    A model that its own code calls, and nothing of a page, is no page, whatever else it imports.
    """
    words = name_words(path)
    if evidence.all_own[DEMO] or evidence.borrowed[DEMO] or "tutorial" in words:
        return True
    if "app" in words:
        return evidence.has_page
    return evidence.has_page or (evidence.is_open and evidence.own[INFER] < STRONG)


def does(evidence: Evidence, kind: EntryPointType) -> bool:
    """Whether the code does the work of a type that the script offers as a choice."""
    return evidence.all_own[kind] >= STRONG or evidence.borrowed[kind] > 0


def _behind_word_for_data(path: str, evidence: Evidence) -> EntryPointType | None:
    """Return the type behind a word for data that the code may contradict."""
    if evidence.own[QUANT] >= FIRM:
        return QUANT  # `convert.py` of a model
    if evidence.own[TRAIN] >= FIRM and decides_anywhere(path):
        return None  # `unet_pseudo.py` trains with labels that a model made
    return DATA


def settle_by_name(
    points: Counter[EntryPointType],
    named: EntryPointType | None,
    main: EntryPointType | None,
    evidence: Evidence,
    path: str,
) -> None:
    """Let a name decide between types that the code does both."""
    if named is QUANT and max(evidence.all_own[QUANT], evidence.borrowed[QUANT]) >= FIRM:
        points[QUANT] = (
            max([points[QUANT], *points.values()]) + 1
        )  # training with fake quantization
    is_work = main is INFER or (named is INFER and names_inference(path))
    if is_work and evidence.all_own[INFER] >= FIRM and not evidence.all_own[TRAIN] >= STRONG:
        # A score at the end is no evaluation, and an engine that is built first no export.
        points[INFER] = max(points[INFER], points[EVAL] + 1, points[QUANT] + 1)
    works = [kind for kind in (TRAIN, QUANT) if evidence.all_own[kind] >= STRONG]
    if named is None and evidence.has_window and not works and _shows_more_than_scores(evidence):
        points[INFER] = max(points[INFER], points[EVAL] + 1)
    _settle_pages(points, named, evidence, path)
    # `live_test.py` shows its frames per second in a window, which is no measurement.
    measures = named is EVAL and not (evidence.has_window and names_vaguely(path))
    # `seed_metrics.py` starts a training for each seed.
    is_training = TRAIN in works and (names_only_a_trial(path) or evidence.starts)
    measures = measures and not is_training
    if evidence.is_timed and main is not INFER and (measures or (evidence.is_trial and not works)):
        points[EVAL] = max([FIRM - 1, *points.values()]) + 1
    if named is None and _only_switches(evidence):
        if evidence.own[EVAL]:
            points[EVAL] = points[INFER] + 1
        elif evidence.answers_nothing:
            points[INFER] -= evidence.own[INFER]  # nothing is read, and no answer is left
    if looks_after(path) and _only_looks_after(evidence):
        points[INFER] -= evidence.own[INFER]
    if makes_pictures(path) and (INFER not in evidence.best or _only_names(evidence)):
        points[INFER] = 0  # which others may look at
    _settle_looking_into(points, evidence, path, works)
    if checks_a_model(path) and not (evidence.has_window or works) and points[INFER] >= FIRM:
        points[EVAL] = max(points.values()) + 1
    makes_data = evidence.makes_data or (
        named is DATA and (makes_data_by_name(path) or collects(path))
    )
    if (
        makes_data
        and named is not EVAL
        and main is not INFER
        and not works
        and not (named is INFER and evidence.has_window and names_only_a_trial(path))
        and not (named is INFER and evidence.starts)  # the other script makes the answers
    ):
        points[DATA] = max([points[DATA], *points.values()]) + 1
    if named is QUANT and "pruning" in name_words(path) and not evidence.has_window:
        # What is cut is fine-tuned and measured too; that is a part of it.
        points[QUANT] = max([points[QUANT], *points.values()]) + 1


def _settle_pages(
    points: Counter[EntryPointType], named: EntryPointType | None, evidence: Evidence, path: str
) -> None:
    """Decide between a page and the training that it shows, or that its buttons start."""
    if named is DEMO and evidence.has_page and evidence.all_own[INFER] >= STRONG:
        points[DEMO] = max(points[DEMO], points[TRAIN] + 1)
    elif path.endswith(NOTEBOOK) and named is not DEMO and evidence.own[TRAIN] >= STRONG:
        points[TRAIN] = max(points[TRAIN], points[DEMO] + 1)


def _shows_more_than_scores(evidence: Evidence) -> bool:
    """Whether a model's own answers are more of a script than its score, taken on the way."""
    return evidence.all_own[INFER] >= STRONG and evidence.all_own[INFER] > evidence.all_own[EVAL]


def _only_looks_after(evidence: Evidence) -> bool:
    """Whether files are read and changed, and at most a name in the code speaks of inference.

    `fix_dimensions.py` has a function `detect_version` and switches off gradients, and
    `print_config.py` makes a network to print it.
    """
    if evidence.looks:
        return False
    best = evidence.best.get(INFER)
    is_only_made = best is not None and best.name in _MAKING and not evidence.borrowed[INFER]
    return is_only_made or (_only_names(evidence) and evidence.turns_files)


def _only_names(evidence: Evidence) -> bool:
    """Whether functions that are named for inference are all that speaks of it."""
    best = evidence.best.get(INFER)
    return best is not None and best.is_named and evidence.is_silent


def _settle_looking_into(
    points: Counter[EntryPointType], evidence: Evidence, path: str, works: list[EntryPointType]
) -> None:
    """Let names decide that a model only helps to look into data, scores or failures."""
    if calibrates_scores(path) and QUANT not in works and _only_fits(evidence):
        points[EVAL] = max(points.values(), default=0) + 1
    if (looks_for_anchors(path) or looks_at_numbers(path)) and _only_fits(evidence):
        points[TRAIN] = 0  # boxes are put into groups, lines are laid through points
    is_calibration = evidence.fits_temperature and _only_steps(evidence)
    learns = points[TRAIN] >= max(points.values(), default=0) and plainly_named(path) is not TRAIN
    if QUANT not in works and learns and (is_calibration or analyses_sensitivity(path)):
        points[TRAIN] = 0
        points[EVAL] = max([FIRM - 1, *points.values()]) + 1
    if works or evidence.has_window:
        return
    if looks_into_data(path):
        points[DATA] = max([FIRM - 1, *points.values()]) + 1
        return
    is_scored = evidence.all_own[EVAL] or evidence.borrowed[EVAL]
    if (audits(path) and points[INFER]) or (diagnoses(path) and is_scored):
        points[EVAL] = max(points.values()) + 1


def _only_fits(evidence: Evidence) -> bool:
    """Whether what learns is at most an estimator: `IsotonicRegression().fit(scores, labels)`."""
    best = evidence.best.get(TRAIN)
    return best is None or best.name == "fit"


def _only_steps(evidence: Evidence) -> bool:
    """Whether what learns is at most the optimizer of the script itself."""
    best = evidence.best.get(TRAIN)
    return not evidence.borrowed[TRAIN] and (best is None or best.name in _OF_OPTIMIZERS)


def _only_switches(evidence: Evidence) -> bool:
    """Whether a model is only switched to evaluation, and no call of it is seen."""
    is_looked_at = evidence.looks or evidence.borrowed[INFER] or evidence.own[INFER] > FIRM
    return evidence.is_silent and not is_looked_at


def named_type(source: Source, evidence: Evidence) -> EntryPointType | None:
    """Return the type that the name suggests, if the code does not contradict it.

    A name alone makes no type that works with a model, unless it is the plain word of the type;
    data are made by reading or writing something; a demo has a window or a page.
    """
    path = source.path
    is_readable = bool(source.commands) or bool(source.tree and source.tree.body)
    named = corrected(type_by_name(path), source, evidence)
    if (
        named in _CORE
        and is_readable
        and not is_plain_word(path)
        and not works_on_models(evidence, named)
    ):
        return None
    is_verb = deciding_type(path)[0] is DATA
    if named is DATA and is_readable and evidence.touches_no_file and not is_verb:
        return None
    if (
        named is DATA
        and evidence.own[INFER] >= FIRM
        and not (labels_data(path) or makes_data_by_name(path))
        and not (turns_data(path) and _only_reads_video(evidence))
        and not (prepares(path) and evidence.turns_files and not evidence.has_window)
    ):
        return DATA if evidence.makes_data else INFER
    if named is DEMO and _only_infers(path, evidence):
        return INFER
    if named in OF_MODELS and (looks_after(path) or _only_helps(path, named, evidence)):
        return None
    if named is INFER and names_only_a_subject(path) and _DEPLOYING.intersection(name_words(path)):
        return None
    makes = shows_quantization(evidence)
    is_live = evidence.has_window and evidence.own[INFER] > evidence.own[QUANT]
    if names_only_a_format(path) and evidence.looks and (is_live or not makes):
        return INFER  # the format is that of the model that it runs
    if named is DATA and deciding_type(path)[0] is DATA:
        return _behind_word_for_data(path, evidence)
    return named


def _only_reads_video(evidence: Evidence) -> bool:
    """Whether no call of a model tells more than that a video is read, and files are written."""
    best = evidence.best.get(INFER)
    return best is not None and best.name == "VideoCapture" and evidence.turns_files


def _only_helps(path: str, named: EntryPointType, evidence: Evidence) -> bool:
    """Whether a file among a framework's helpers is at most named for work: `utils/log/hpo.py`."""
    folders = path.lower().split("/")[:-1]
    is_shown = evidence.all_own[named] or evidence.borrowed[named] or evidence.starts
    return "utils" in folders and not (is_shown or plainly_named(path))


def type_of_what_starts(path: str, code: Counter[EntryPointType]) -> EntryPointType | None:
    """Return the type of what a launcher starts, where it tells what the name means.

    `convert.sh` converts a model, `demo.sh` shows inference without a page, and `verify_zone.sh`
    runs a model to see that it works.
    """
    words = name_words(path)
    is_measured = words[:1] in _VERIFYING or not _BENCHMARKS.isdisjoint(words)
    if is_measured and code[INFER] >= STRONG and not code[TRAIN]:
        return EVAL
    if code[QUANT] >= STRONG and _makes_an_engine(path, code):
        return QUANT
    if type_by_name(path) is DATA and code[TRAIN] >= STRONG and not _is_for_data(path):
        return TRAIN  # `all_datasets.sh` trains with each of them
    if cross_validates(path) and code[TRAIN] >= STRONG:
        return TRAIN  # of each fold, whatever splits the data before
    if type_by_name(path) is DEMO and code[INFER] >= STRONG and not code[DEMO]:
        return INFER
    return None


def beside_measuring(path: str, code: Counter[EntryPointType]) -> EntryPointType | None:
    """Return what a launcher is for, by its name, that starts what measures and trains nothing.

    `inference.sh` starts `train_net.py --eval-only`, and `inference_tests.sh` checks inference.
    """
    if code[EVAL] < STRONG or code[TRAIN]:
        return None
    if plainly_named(path) is INFER:
        return INFER
    return EVAL if name_words(path)[-1:] == ["tests"] else None


def _makes_an_engine(path: str, code: Counter[EntryPointType]) -> bool:
    """Whether what is converted or prepared is a model: `prepare_tensorrt.sh` runs `trtexec`."""
    words = name_words(path)
    is_of_model = not _ENGINES.isdisjoint(words) or not code[DATA]
    return words[:1] == ["convert"] or (words[:1] == ["prepare"] and is_of_model)


def _is_for_data(path: str) -> bool:
    """Whether a name says that data are made, and not only which are used."""
    return deciding_type(path)[0] is DATA or makes_data_by_name(path) or collects(path)


def only_sets_up(source: Source) -> bool:
    """Whether a launcher builds, installs or deploys, and at most tries what it set up.

    `build.ps1` and `deploy_v2.sh` do, by their names, and what makes the system start a service.
    """
    words = name_words(source.path)
    if {*words} & {"run", "start"}:
        return False
    named = type_by_name(source.path)
    if named in OF_MODELS and not names_only_a_subject(source.path):
        return False
    is_named = words[0] in _SETTING_UP or "deploy" in words if words else False
    if source.text.count("sudo shutdown") > 1:
        return True  # notes of what was typed on a rented machine
    return is_named or installs_a_service(source.text)


def type_of_launcher_name(source: Source, started: Sequence[Started]) -> EntryPointType | None:
    """Return the type that a launcher's name suggests, but none for `install_trt.sh`."""
    named, is_known = type_by_name(source.path), bool(started)
    if named is INFER and is_known and all(found.words == "ffmpeg" for found in started):
        return None  # `stream_all.sh` gives the pictures
    if named in OF_MODELS and (looks_after(source.path) or only_installs(source.text)):
        return None  # `train_env.sh` installs what a training needs
    if (
        only_checks(source.text)
        or only_talks(source.text)
        or (named is DATA and not is_known and not moves_files(source.text))
    ):
        return None
    if named not in OF_MODELS or is_known or runs_a_program(source.text):
        return named
    return plainly_named(source.path)
