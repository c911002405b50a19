"""Offer a script for a type that no script is named or written for alone.

Many directories have a `demo.py` that shows a model's answer for a picture, a page with a model
behind it, or a `test.py` that draws what it found. All of them infer, and people start them for
that. In others one program does all: it trains and writes the model for a board at its end, or a
notebook trains and then looks at pictures. They are offered only where nothing else has the type.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from registry_app.inference.choice.lesser_scripts import (
    explains,
    is_below_measurements,
    is_copy,
    is_part,
)
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.inference.purpose.evidence.gathering import Evidence
from registry_app.inference.purpose.evidence.telling_names import hides_people
from registry_app.inference.purpose.evidence.weights import FIRM
from registry_app.inference.purpose.purpose import Purposes
from registry_app.inference.purpose.script_names import (
    DATA,
    DEMO,
    EVAL,
    INFER,
    QUANT,
    TRAIN,
    name_words,
    names_only_a_trial,
    plainly_named,
    type_by_name,
)
from registry_app.inference.purpose.signs import STRONG
from registry_app.kinds import EntryPointType
from registry_app.words import Confidence, ScriptLaunch

_WINDOWS = frozenset({"QApplication", "Tk", "CTk"})
_CORE = frozenset({TRAIN, INFER, QUANT})
_OF_EXPERIMENTS = frozenset({TRAIN, EVAL})
_TRYING = frozenset({"test", "testing"})
# What is trained so is made smaller for a board.
_COMPRESSING = frozenset("quant quantization quantized qat pruning pruned compression".split())
Offers = Callable[[EntryScript, Evidence], bool]
Step = tuple[Collection[EntryPointType], Sequence[Offers]]


def with_missing_types(scripts: Sequence[EntryScript], purposes: Purposes) -> list[EntryScript]:
    """Return the scripts, of which some also train, export or infer if no other script does."""
    found = list(scripts)
    if not any(TRAIN in script.types.value for script in scripts):
        found = _offer_first(TRAIN, found, purposes, _WAYS_TO_TRAIN)
    if not any(INFER in script.types.value and not _is_aside(script.path) for script in scripts):
        # Where nothing is trained or evaluated, a window may be of any application.
        is_experiment = any(_OF_EXPERIMENTS & {*script.types.value} for script in found)
        is_page = _is_page if is_experiment else _is_camera_window
        ways = (_is_demo, is_page, _is_test, _hides, _is_server, _evaluates_pictures)
        after = (_looks_after_training, _runs_both)
        steps: list[Step] = [({DEMO, EVAL, DATA}, ways), ({TRAIN}, after)]
        if is_experiment:
            steps.append(({DEMO}, (_is_weak_page,)))
        found = _offer_first(INFER, found, purposes, steps)
    if not any(QUANT in script.types.value for script in scripts):
        ways_to_export = (_exports_too, _is_named_compression)
        found = _offer(QUANT, found, purposes, {TRAIN, INFER}, ways_to_export)
    return found


def _offer_first(
    kind: EntryPointType, scripts: list[EntryScript], purposes: Purposes, steps: Sequence[Step]
) -> list[EntryScript]:
    """Offer a type by the first step that finds a script for it."""
    for others, ways in steps:
        offered = _offer(kind, scripts, purposes, others, ways)
        if offered is not scripts:
            return offered
    return scripts


def _offer(
    kind: EntryPointType,
    scripts: list[EntryScript],
    purposes: Purposes,
    others: Collection[EntryPointType],
    ways: Sequence[Offers],
) -> list[EntryScript]:
    """Give a type to programs with a choice of it, or to scripts of `others` by the first way."""
    chosen = {script.path for script in scripts if _has_choice(kind, script)}
    if chosen:
        return [_also(kind, script) if script.path in chosen else script for script in scripts]
    shown = [
        (script, evidence)
        for script in scripts
        if set(script.types.value[:1]) & {*others}
        and not is_copy(script.path)
        and (evidence := purposes.evidence_of(script.path)) is not None
    ]
    for offers in ways:
        chosen = {script.path for script, evidence in shown if offers(script, evidence)}
        if chosen:
            return [_also(kind, script) if script.path in chosen else script for script in scripts]
    return scripts


def _has_choice(kind: EntryPointType, script: EntryScript) -> bool:
    """Whether a program that works on models has a mode or a command of the type.

    The work may be done by a library, so that its own code does not show it: `--mode export`.
    """
    works = bool(_CORE & {*script.types.value[:1]}) and script.types.value[0] != kind
    return works and str(kind) in script.type_starts and not is_copy(script.path)


def _is_aside(path: str) -> bool:
    """Whether a path is that of a copy, a test or a measurement, beside which a demo may infer."""
    is_lesser = is_copy(path) or is_part(INFER, path)
    is_lesser = is_lesser or (is_below_measurements(path) and type_by_name(path) is not INFER)
    return is_lesser or explains(INFER, path) or names_only_a_trial(path)


def _is_demo(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a demo, perhaps by its name, runs a model itself, and no page waits for visitors."""
    is_named = script.types.value[0] == DEMO or "demo" in name_words(script.path)
    return is_named and _runs_model(evidence, STRONG) and not _has_page(evidence)


def _is_page(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a page or a window with controls has a model behind it."""
    is_page = script.types.value[0] == DEMO
    return is_page and _runs_model(evidence, FIRM) and _has_page(evidence)


def _is_camera_window(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a window with controls opens a camera or a video itself, for a model to look at."""
    best = evidence.best.get(DEMO)
    is_window = best is not None and best.name in _WINDOWS and best.path == script.path
    found = evidence.best.get(INFER)
    is_seen = found is not None and (found.name == "VideoCapture" or evidence.looks)
    return is_window and is_seen and _is_page(script, evidence)


def _is_server(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a page or a service, which is all that infers here, lets a model look at pictures."""
    is_shown = max(evidence.all_own[INFER], evidence.borrowed[INFER]) >= FIRM and evidence.looks
    is_page = script.types.value[0] == DEMO and evidence.has_page
    return is_page and is_shown and not _is_desktop(evidence)


def _has_page(evidence: Evidence) -> bool:
    return evidence.all_own[DEMO] > 0 or evidence.has_page


def _runs_model(evidence: Evidence, points: int) -> bool:
    own = evidence.all_own[INFER]
    is_clear = evidence.has_window or own >= FIRM or _is_desktop(evidence)
    return own >= points or (is_clear and evidence.borrowed[INFER] > 0)


def _is_test(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a test that may as well try a model looks at pictures, or compares nothing."""
    is_trial = script.types.value[0] == EVAL and names_only_a_trial(script.path)
    is_shown = bool(evidence.all_own[INFER] or evidence.borrowed[INFER])
    measures = evidence.all_own[EVAL] >= 2 * STRONG  # by several scores
    may_try = not measures and (evidence.looks or not evidence.compares)
    return is_trial and is_shown and may_try and not evidence.is_trial


def _evaluates_pictures(script: EntryScript, evidence: Evidence) -> bool:
    """Whether an evaluation, which is all that runs a model here, also shows what it answers.

    A name that begins with a test, as those of restored or segmented pictures do, says so itself,
    unless the answers are written for what scores them.
    """
    best = evidence.best.get(INFER)
    is_shown = best is not None and best.path == script.path and evidence.all_own[INFER] >= FIRM
    measures = evidence.all_own[EVAL] >= 2 * STRONG  # by several scores
    is_evaluation = script.types.value[0] == EVAL and not measures and not evidence.is_trial
    if script.launch is ScriptLaunch.NOTEBOOK or not (is_evaluation and is_shown):
        return False
    is_test = not _TRYING.isdisjoint(name_words(script.path)[:1])
    is_test = is_test and (evidence.saves_pictures or not evidence.turns_files)
    return is_test or (evidence.looks and best is not None and best.points >= FIRM)


def _looks_after_training(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a notebook, which runs from top to bottom, trains and then looks at pictures."""
    answers, training = evidence.best.get(INFER), evidence.best.get(TRAIN)
    if answers is None or training is None or script.launch is not ScriptLaunch.NOTEBOOK:
        return False
    is_own = answers.path == training.path == script.path
    measures = evidence.all_own[EVAL] >= 2 * STRONG
    is_after = is_own and answers.line > training.line and answers.points >= FIRM
    return script.types.value[0] == TRAIN and is_after and evidence.looks and not measures


def _runs_both(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a program looks at pictures, and the module that it starts trains and answers.

    A training, its own or that of a module named so, also asks its model, for a score.
    """
    answers, training = evidence.best.get(INFER), evidence.best.get(TRAIN)
    if answers is None or training is None or script.launch is ScriptLaunch.NOTEBOOK:
        return False
    is_elsewhere = answers.path == training.path != script.path
    is_training = type_by_name(answers.path) is TRAIN
    is_unsure = script.types.confidence is Confidence.UNSURE and evidence.looks
    return is_elsewhere and not is_training and is_unsure and answers.points >= FIRM


def _is_weak_page(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a page asks for what an own class or function of another name surely does."""
    is_asked = bool(evidence.all_own[INFER] or evidence.borrowed[INFER])
    return script.types.value[0] == DEMO and _has_page(evidence) and is_asked


def _hides(script: EntryScript, evidence: Evidence) -> bool:
    """Whether anonymising pictures is all that a model is run for here."""
    is_named = script.types.value[0] == DATA and hides_people(script.path)
    return is_named and _runs_model(evidence, FIRM)


def _learns_too(_script: EntryScript, evidence: Evidence) -> bool:
    """Whether a program of another type surely trains as well, in code of its own or another's."""
    best = evidence.best.get(TRAIN)
    is_sure = best is not None and best.points >= STRONG
    return is_sure and max(evidence.all_own[TRAIN], evidence.borrowed[TRAIN]) >= FIRM


def _window_learns(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a window with controls, which people start here for everything, also trains."""
    return _is_desktop(evidence) and _learns_too(script, evidence)


def _guessed_learns(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a name alone says what a script is, and its code has the means of a training."""
    return script.types.confidence is Confidence.UNSURE and evidence.all_own[TRAIN] >= FIRM


def _is_named_training(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a script is plainly named for the training, whatever else it was found to do."""
    return plainly_named(script.path) is TRAIN and TRAIN not in evidence.ruled_out


def _is_desktop(evidence: Evidence) -> bool:
    """Whether a program opens a window with controls, here or in a module of its own."""
    best = evidence.best.get(DEMO)
    return best is not None and best.name in _WINDOWS


def _exports_too(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a program of another type itself writes a model for a board or a server."""
    return script.launch is not ScriptLaunch.NOTEBOOK and evidence.all_own[QUANT] >= STRONG


def _is_named_compression(script: EntryScript, _evidence: Evidence) -> bool:
    """Whether a training, which makes the model smaller, or its folder is named after that."""
    words = {word for part in script.path.split("/")[-2:] for word in name_words(part)}
    is_named = not _COMPRESSING.isdisjoint(words) and "train" not in name_words(script.path)
    return is_named and script.types.value[:1] == (TRAIN,)


def _also(kind: EntryPointType, script: EntryScript) -> EntryScript:
    if kind in script.types.value:
        return script
    types = replace(script.types, value=(*script.types.value, str(kind)))
    first = script.type_starts.get(script.types.value[0])
    starts = script.type_starts
    if first is not None and str(kind) not in starts:
        starts = starts | {str(kind): first}
    return replace(script, types=types, type_starts=starts)


_WAYS_TO_TRAIN: tuple[Step, ...] = (
    ({INFER, QUANT}, (_learns_too,)),
    ({DEMO}, (_window_learns, _guessed_learns)),
    ({INFER, QUANT, EVAL}, (_is_named_training,)),
)
