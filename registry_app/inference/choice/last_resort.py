"""Offer a script for inference where no script is named or written for it alone.

Many directories have a `demo.py` that shows a model's answer for a picture, or a `test.py` that
draws what it found. Both infer, and people start them for that. They are offered only where nothing
else infers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from registry_app.inference.choice.lesser_scripts import is_copy
from registry_app.inference.code.project import Project
from registry_app.inference.purpose.entry_points import EntryScript
from registry_app.inference.purpose.evidence.gathering import Evidence
from registry_app.inference.purpose.purpose import Purposes
from registry_app.inference.purpose.script_names import DEMO, EVAL, INFER, names_only_a_trial
from registry_app.inference.purpose.signs import STRONG


def with_inference(scripts: Sequence[EntryScript], project: Project) -> list[EntryScript]:
    """Return the scripts, of which demos or else tests also infer if no script does."""
    if any(INFER in script.types.value and not _is_aside(script.path) for script in scripts):
        return list(scripts)
    purposes = Purposes(project)
    shown = {
        script.path: purposes.evidence(source)
        for script in scripts
        if script.types.value[:1] in {(DEMO,), (EVAL,)}
        and (source := project.source(script.path)) is not None
    }
    for offers in (_is_demo, _is_test):
        chosen = {
            script.path
            for script in scripts
            if script.path in shown and offers(script, shown[script.path])
        }
        if chosen:
            return [_also_infers(script) if script.path in chosen else script for script in scripts]
    return list(scripts)


def _is_aside(path: str) -> bool:
    """Whether a path is that of a copy or a test, beside which a demo may well be the inference."""
    return is_copy(path) or names_only_a_trial(path)


def _is_demo(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a demo runs a model itself, and shows no page that waits for its visitors."""
    has_page = evidence.all_own[DEMO] > 0 or evidence.has_page
    is_shown = evidence.has_window and evidence.borrowed[INFER] > 0
    runs_model = evidence.all_own[INFER] >= STRONG or is_shown
    return script.types.value[0] == DEMO and runs_model and not has_page


def _is_test(script: EntryScript, evidence: Evidence) -> bool:
    """Whether a test that may as well try a model looks at pictures, or compares nothing."""
    is_trial = script.types.value[0] == EVAL and names_only_a_trial(script.path)
    is_shown = bool(evidence.all_own[INFER] or evidence.borrowed[INFER])
    measures = evidence.all_own[EVAL] >= 2 * STRONG  # by several scores
    may_try = not measures and (evidence.looks or not evidence.compares)
    return is_trial and is_shown and may_try and not evidence.is_trial


def _also_infers(script: EntryScript) -> EntryScript:
    types = replace(script.types, value=(*script.types.value, str(INFER)))
    first = script.type_starts.get(script.types.value[0])
    starts = script.type_starts | ({str(INFER): first} if first is not None else {})
    return replace(script, types=types, type_starts=starts)
