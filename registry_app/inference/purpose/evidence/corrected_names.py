"""What a name means whose words mean something else together, or beside its code."""

from __future__ import annotations

from registry_app.inference.code.source import NOTEBOOK, Source
from registry_app.inference.purpose.evidence.gathering import Evidence
from registry_app.inference.purpose.evidence.streams import passes_pictures_on
from registry_app.inference.purpose.evidence.telling_names import (
    boasts,
    cross_validates,
    distills,
    ends_with_measuring,
    exports_answers,
    has_no_truth,
    is_plain_recorder,
    makes_data_by_name,
    makes_scores,
    only_passes_on,
    only_varies,
    processes_pictures,
    searches_thresholds,
    sets_up_cameras,
    teaches_on,
    tells_how,
)
from registry_app.inference.purpose.evidence.weights import FIRM, OF_MODELS
from registry_app.inference.purpose.script_names import (
    DATA,
    DEMO,
    EVAL,
    INFER,
    QUANT,
    TRAIN,
    collects,
    deciding_type,
    exports_labels,
    names_only_a_subject,
    names_only_a_trial,
)
from registry_app.inference.purpose.signs import STRONG
from registry_app.kinds import EntryPointType


def works_on_models(evidence: Evidence, kind: EntryPointType) -> bool:
    """Whether the code may do what its name says with a model: it has one, or is not understood."""
    shown = {kind for kind in OF_MODELS if evidence.all_own[kind] or evidence.borrowed[kind]}
    return bool(shown or evidence.is_open or kind in evidence.hinted)


def shows_quantization(evidence: Evidence) -> bool:
    return bool(evidence.all_own[QUANT] or evidence.borrowed[QUANT])


def _tries(evidence: Evidence) -> bool:
    """Whether a model looks at images: then `yolo_test.py`, which compares nothing, tries it."""
    is_shown = evidence.own[INFER] >= FIRM or evidence.borrowed[INFER] > 0
    is_shown = is_shown and evidence.own[INFER] >= evidence.own[EVAL]  # no series of checks
    return is_shown and not evidence.is_trial


def _measures(evidence: Evidence) -> bool:
    """Whether what compares with the truth keeps scores alone.

    A viewer shows both in a window; who restores or segments pictures keeps them, and scores them
    besides.
    """
    return evidence.compares and not (evidence.has_window or evidence.saves_pictures)


def _scores_at_the_end(evidence: Evidence) -> bool:
    """Whether a metric is called, and no window shows what the model finds."""
    return evidence.all_own[EVAL] >= FIRM and not evidence.has_window


def _shows_answers(evidence: Evidence) -> bool:
    """Whether a window shows what a model finds, and nothing is scored, timed or compared.

    `validate.py` then only lets its author look at a video.
    """
    is_model = evidence.all_own[INFER] >= STRONG and not evidence.all_own[TRAIN]
    is_scored = evidence.all_own[EVAL] >= FIRM or evidence.borrowed[EVAL] or evidence.compares
    return is_model and evidence.has_window and not (is_scored or evidence.is_timed)


def _infers_alone(evidence: Evidence) -> bool:
    """Whether a model runs, and nothing shows that one is exported."""
    return evidence.own[INFER] >= STRONG and not shows_quantization(evidence)


def _only_adjusts(source: Source, named: EntryPointType | None, evidence: Evidence) -> bool:
    """Whether values behind a trained model are tried out, by its name, and nothing is learned."""
    if named not in {None, TRAIN, INFER}:
        return False
    learns = evidence.all_own[TRAIN] or evidence.borrowed[TRAIN] or TRAIN in evidence.hinted
    if learns or evidence.starts or source.calls("agent", "Tuner"):
        return False
    is_varied = named is TRAIN and only_varies(source.path) and works_on_models(evidence, TRAIN)
    return is_varied or searches_thresholds(source.path)


def _asks_a_model(evidence: Evidence) -> bool:
    """Whether a model looks at the pictures, elsewhere too, and what is left is no set."""
    best = evidence.best.get(INFER)
    is_asked = evidence.own[INFER] >= FIRM or evidence.borrowed[INFER] > 0
    is_model = best is not None and best.name != "VideoCapture"  # which may as well cut a video
    return is_asked and is_model and not evidence.makes_data


def _cells_train(path: str, named: EntryPointType | None, evidence: Evidence) -> bool:
    """Whether a notebook trains that is named as a tutorial, or after its data.

    A training that it starts may be an example; a page is shown by a demo.
    """
    if not path.lower().endswith(NOTEBOOK) or evidence.own[TRAIN] < STRONG:
        return False
    if named is DEMO:
        return teaches_on(path) and not evidence.all_own[DEMO]
    best = evidence.best.get(TRAIN)
    is_own = best is not None and best.path == path and best.points >= STRONG
    is_of_data = makes_data_by_name(path) or collects(path) or evidence.makes_data
    return named is DATA and is_own and deciding_type(path)[0] is not DATA and not is_of_data


def _without_model(
    path: str, named: EntryPointType, source: Source, evidence: Evidence
) -> EntryPointType | None:
    """Return what a name means where no model looks at the pictures of a camera or a test."""
    if tells_how(path) and evidence.turns_files and not evidence.has_window:
        return None
    if is_plain_recorder(path):
        return DATA
    is_passed_on = only_passes_on(path) and passes_pictures_on(source)
    return None if named is INFER and (sets_up_cameras(path) or is_passed_on) else named


def corrected(
    named: EntryPointType | None, source: Source, evidence: Evidence
) -> EntryPointType | None:
    """Return the type of a name whose words mean something else together, or beside its code."""
    path = source.path
    if named is QUANT and deciding_type(path)[0] is EVAL and evidence.own[QUANT] < FIRM:
        named = EVAL  # of what was quantized
    if named is QUANT and exports_labels(path) and not shows_quantization(evidence):
        named = DATA
    if named in {INFER, EVAL} and not (evidence.all_own[INFER] or evidence.borrowed[INFER]):
        named = _without_model(path, named, source, evidence)
    if named in {EVAL, DATA} and cross_validates(path) and evidence.own[TRAIN] >= STRONG:
        named = TRAIN
    if named is QUANT and exports_answers(path) and _infers_alone(evidence):
        named = INFER
    if _only_adjusts(source, named, evidence):
        named = EVAL
    if makes_scores(path) and (named is None or names_only_a_subject(path)):
        named = EVAL
    if named is DATA and processes_pictures(path) and _asks_a_model(evidence):
        named = INFER
    if named in {None, QUANT} and distills(path) and evidence.own[TRAIN] >= FIRM:
        named = TRAIN  # what it exports at the end is the network that learned
    if _cells_train(path, named, evidence):
        named = TRAIN
    if named in {None, INFER} and makes_data_by_name(path) and not shows_quantization(evidence):
        named = DATA
    return _measuring(path, named, evidence)


def _measuring(
    path: str, named: EntryPointType | None, evidence: Evidence
) -> EntryPointType | None:
    """Return the type of a name whose words for measuring may mean something else."""
    if named is EVAL and _shows_answers(evidence):
        return INFER
    if named is EVAL and boasts(path) and evidence.own[TRAIN] >= STRONG:
        return None
    if named is INFER and ends_with_measuring(path) and _scores_at_the_end(evidence):
        return EVAL
    is_trial = named is EVAL and names_only_a_trial(path)
    if is_trial and (has_no_truth(path) or not _measures(evidence)):
        return INFER if _tries(evidence) else EVAL
    return named
