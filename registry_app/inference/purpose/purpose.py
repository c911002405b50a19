"""Infer the purpose of a script from the code that it runs and from its name.

Every rule gives points to a type. Code weighs more than names: a name may be left over from a
copy, a call of `backward` is not. Code in other modules of the directory counts if neither the
script's own code nor its name gives evidence.
"""

from __future__ import annotations

import ast
import re
from collections import Counter

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import BATCH, SHELL, Source
from registry_app.inference.guess import Guess
from registry_app.inference.purpose.call_graph import CallGraph
from registry_app.inference.purpose.evidence.gathering import Evidence, gather
from registry_app.inference.purpose.evidence.launcher_texts import (
    program_for_arguments,
    program_for_pictures,
)
from registry_app.inference.purpose.evidence.ros_nodes import is_ros_node
from registry_app.inference.purpose.evidence.telling_names import (
    ends_with_measuring,
    keeps_elsewhere,
    makes_scores,
    searches_thresholds,
)
from registry_app.inference.purpose.evidence.weights import OF_MODELS
from registry_app.inference.purpose.launchers import commands_in, points_of_commands, without_steps
from registry_app.inference.purpose.named_types import (
    beside_measuring,
    does,
    named_type,
    only_sets_up,
    settle_by_name,
    shows,
    type_of_launcher_name,
    type_of_what_starts,
)
from registry_app.inference.purpose.offered_modes import offered_modes
from registry_app.inference.purpose.script_names import (
    DATA,
    DEMO,
    EVAL,
    INFER,
    QUANT,
    TRAIN,
    deciding_type,
    looks_after,
    name_words,
    names_only_a_format,
    names_only_a_subject,
    names_only_a_trial,
    names_vaguely,
    plainly_named,
    saves_images,
    type_by_name,
)
from registry_app.inference.purpose.shell_lines import Started
from registry_app.inference.purpose.signs import STRONG
from registry_app.inference.purpose.surroundings import uses_models
from registry_app.inference.purpose.unparsed import types_of_text
from registry_app.inference.purpose.without_scripts import is_of_other_language
from registry_app.kinds import KINDS, EntryPointType
from registry_app.messages import Message
from registry_app.texts import reasons
from registry_app.words import Confidence

NAME_POINTS = 2
WORDS_POINTS = 2
ENOUGH = 2
# Folders of a library of vision that show how to call it.
_OF_EXAMPLES = frozenset("demo demos example examples sample samples tutorial tutorials".split())
# First words for showing what a model answers, and calls that fill it with its weights.
_SHOWING = (["visualize"], ["visualise"], ["show"])
_FILLING = ("load_state_dict", "load_weights", "load_checkpoint")
# Steps before and after the training of a launcher.
_AROUND_TRAINING = frozenset({DATA, EVAL})
# Points for the first sentence of a docstring.
_SENTENCES = {kind.type: re.compile(kind.words.sentence, re.IGNORECASE) for kind in KINDS}

# A first word for making pictures; what follows `for` is done with them later.
_MAKES = re.compile(
    r"(?:render|generat|creat|crop|resiz|extract|collect|prepar|augment)\w*\s", re.IGNORECASE
)

# What is exported besides models.
_LISTS = re.compile(
    r"\b(?:annotations?|labels?|datasets?|csv|json|xlsx|excel|html|pdf|markdown|results?|reports?|docs"
    r"|documentation|metrics|figures?|plots?|frames|predictions?|detections)\b",
    re.IGNORECASE,
)
_MODELS = re.compile(
    r"model|weight|checkpoint|network|\bnet\b|onnx|tensorrt|tflite|engine|quanti|detector|yolo"
    r"|classifier|[a-z]Net\b|양자화",
    re.IGNORECASE,
)

# The help of arguments names the work, and not its results: `Plot predictions`.
_APPLIES = re.compile(r"\b(?:infer|inference|predict|prediction)\b|추론", re.IGNORECASE)


class Purposes:
    """The types of an experiment's scripts, each computed once, and shared with their launchers."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._graph = CallGraph(project)
        self._guessed: dict[str, Guess[tuple[str, ...]]] = {}
        self._evidence: dict[str, Evidence] = {}

    def types(self, source: Source) -> Guess[tuple[str, ...]]:
        """Return the types of a script, the most likely first; empty without evidence."""
        if source.path not in self._guessed:
            # Scripts may start each other; during the recursion this script has no types yet.
            self._guessed[source.path] = _unknown(source)
            is_launcher = source.path.lower().endswith(SHELL + BATCH)
            guess = self._types_of_launcher if is_launcher else self._types_of_code
            if not is_launcher and source.tree is None:
                guess = _types_of_text
            self._guessed[source.path] = guess(source)
        return self._guessed[source.path]

    def evidence(self, source: Source) -> Evidence:
        """Return the evidence in the code that runs when a file is started."""
        if source.path not in self._evidence:
            self._evidence[source.path] = Evidence()
            self._evidence[source.path] = gather(
                source, self.project, self._graph, self._types_alone
            )
        return self._evidence[source.path]

    def evidence_of(self, path: str) -> Evidence | None:
        """Return the evidence in the script at a path, which is read only if it was not before."""
        if path in self._evidence:
            return self._evidence[path]
        source = self.project.source(path)
        return self.evidence(source) if source is not None else None

    def _types_alone(self, source: Source) -> tuple[str, ...]:
        return self.types(source).value

    def _types_of_code(self, source: Source) -> Guess[tuple[str, ...]]:
        evidence = self.evidence(source)
        named = named_type(source, evidence)
        points = _with_words(_as_named(evidence, named, source.path), source, named, evidence)
        # `verify_service` runs what it manages; `visualize` may first let a model look.
        is_about = looks_after(source.path) and not evidence.asks_inference
        is_about = is_about and not (_keeps_answers(source) and evidence.borrowed[INFER])
        if (max(points.values(), default=0) < ENOUGH or evidence.is_silent) and not is_about:
            points = points + _without_fits_of_nodes(evidence.borrowed, named, source)
        elif named in OF_MODELS and not is_about:
            points[named] += evidence.borrowed[named]  # among other work, what it is named for
        elif not is_about and _fetches_for_training(points, named, evidence):
            points[TRAIN] = max(points[TRAIN], points[DATA] + 1)
        elif named is None and _trains_between_steps(points, evidence):
            points[TRAIN] = max(points.values()) + 1
        if points[INFER] and points[QUANT] and is_ros_node(source):
            points[INFER] = max(points[INFER], points[QUANT] + 1)  # it builds what it lacks
        main = plainly_named(source.path)
        if main is INFER and named is EVAL and ends_with_measuring(source.path):
            main = None
        settle_by_name(points, named, main, evidence, source.path)
        if main is not None and evidence.starts and evidence.own[main] < STRONG:
            points[main] += STRONG  # what else it starts, it starts for that
        points = Counter(
            {k: n for k, n in points.items() if k not in evidence.ruled_out or k is main}
        )
        ranked = _ranked(points, named)
        if not ranked and evidence.sees and self._decides_by_rules(source.path):
            return _guess((INFER,), source, evidence, evidence.sees.reason(source.path))
        if not ranked and evidence.turns_files:
            return _guess((DATA,), source, evidence, reasons.TURNS_FILES())
        if not ranked:
            return _unknown(source)
        offered = [kind for kind in offered_modes(source, ranked[0]) if does(evidence, kind)]
        offered = [] if evidence.is_timed and ranked[0] is EVAL else offered
        return _guess(
            tuple(dict.fromkeys((ranked[0], *offered))),
            source,
            evidence,
            *([reasons.NAME_SPEAKS_OF(kind=named)] if named is ranked[0] else []),
        )

    def _decides_by_rules(self, path: str) -> bool:
        """Whether finding something in pictures is the work here, as no model is there."""
        is_aside = looks_after(path) or not _OF_EXAMPLES.isdisjoint(path.lower().split("/"))
        return not is_aside and not uses_models(self.project)

    def _types_of_launcher(self, source: Source) -> Guess[tuple[str, ...]]:
        started = without_steps(
            commands_in(source, self.project), source, self.project, self._types_alone
        )
        program = "" if started else program_for_pictures(source.text)
        program = program or ("" if started else program_for_arguments(source.text))
        if program and is_of_other_language(self.project):
            started = [Started(kind=INFER, words=program)]
        code = points_of_commands(started, source.path, self.project, self._types_alone)
        named = type_of_launcher_name(source, started)
        meant = type_of_what_starts(source.path, code)
        named = meant or named
        if named is INFER and names_only_a_subject(source.path) and code[TRAIN] >= STRONG:
            named = None  # `count_pipeline.sh` trains what counts
        if only_sets_up(source):
            code = Counter({kind: n for kind, n in code.items() if kind not in {TRAIN, INFER}})
        points = code.copy()
        if named is not None:
            points[named] += NAME_POINTS
        ranked = _ranked(points, named)
        kept = [kind for kind in ranked if code[kind] >= STRONG] or ranked[:1]
        if TRAIN in kept:
            kept.sort(key=_AROUND_TRAINING.__contains__)
        decided, _points = deciding_type(source.path)
        if meant is not None:
            decided = meant
        elif decided in OF_MODELS and named is not decided:
            decided = None
        if decided is EVAL and code[TRAIN] >= STRONG and not code[EVAL]:
            decided = named = TRAIN  # `benchmark_models.sh` trains each of them
        decided = beside_measuring(source.path, code) or decided
        for sure in (decided, named):
            if sure in kept or (sure is not None and sure is decided):
                kept = [sure]  # what else it starts, it starts for that
                break
        if not kept:
            return _unknown(source)
        words = [command.script or command.words for command in started]
        return _guess(
            tuple(kept),
            source,
            Evidence(own=code),
            *([reasons.STARTS(script=words[0])] if code[kept[0]] and words else []),
            *([reasons.NAME_SPEAKS_OF(kind=named)] if named is kept[0] else []),
        )


def _keeps_answers(source: Source) -> bool:
    """Whether a name says that pictures are kept or shown, here of weights that are loaded."""
    is_shown = name_words(source.path)[:1] in _SHOWING and bool(source.calls(*_FILLING))
    return is_shown or saves_images(source.path)


def _types_of_text(source: Source) -> Guess[tuple[str, ...]]:
    return Guess(
        value=types_of_text(source),
        confidence=Confidence.UNSURE,
        source=source.path,
        reason=source.warnings[:1],
    )


def works_on_models(types: Guess[tuple[str, ...]]) -> bool:
    """Whether code, not only a name, shows that a script trains, infers or quantizes."""
    is_shown = types.confidence is not Confidence.UNSURE
    return is_shown and bool({TRAIN, INFER, QUANT} & {*types.value})


def guess_types(source: Source, project: Project) -> Guess[tuple[str, ...]]:
    """Return the types of one script of a project."""
    return Purposes(project).types(source)


def type_by_words(text: str) -> EntryPointType | None:
    """Return the type that the first sentence of a docstring names, if any.

    A title of one word, usually the file's own name, is skipped.
    """
    sentences = re.split(r"\n\s*\n|(?<=[.!?])\s", text.strip()[:300])
    sentence = next((sentence for sentence in sentences if " " in sentence), "")
    if _MAKES.match(sentence):
        sentence = sentence.partition(" for ")[0]  # `Crop plates for training` trains nothing
    found = [
        (match.start(), kind)
        for kind, pattern in _SENTENCES.items()
        if (match := pattern.search(sentence))
    ]
    if _LISTS.search(sentence) and not _MODELS.search(sentence):
        found = [pair for pair in found if pair[1] is not QUANT]  # what it exports is no model
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _described(source: Source, evidence: Evidence) -> EntryPointType | None:
    """Return the type that a script's documentation names, or else the help of its arguments.

    That help is often copied, so it counts only for inference that the code backs up.
    """
    text = (ast.get_docstring(source.tree) or "") if source.tree is not None else ""
    if text or INFER not in evidence.hinted:
        return type_by_words(text)
    helps = (
        str(keyword.value.value)
        for call in source.calls("ArgumentParser")
        for keyword in call.keywords
        if keyword.arg == "description" and isinstance(keyword.value, ast.Constant)
    )
    text = next(helps, "")
    is_work = _APPLIES.search(text) is not None and type_by_words(text) is INFER
    return INFER if is_work else None


def _unknown(source: Source) -> Guess[tuple[str, ...]]:
    return Guess(value=(), confidence=Confidence.UNSURE, source=source.path, reason=())


def _guess(
    types: tuple[EntryPointType, ...], source: Source, evidence: Evidence, *reason: Message
) -> Guess[tuple[str, ...]]:
    first = types[0]
    sign = evidence.best.get(first)
    return Guess(
        value=tuple(str(kind) for kind in types),
        confidence=_confidence(first, evidence, type_by_name(source.path)),
        source=f"{sign.path}:{sign.line}" if sign else source.path,
        reason=(*([sign.reason(source.path)] if sign else []), *reason),
    )


def _confidence(
    first: EntryPointType, evidence: Evidence, named: EntryPointType | None
) -> Confidence:
    if evidence.own[first] and named is first:
        return Confidence.SURE
    return Confidence.LIKELY if evidence.own[first] >= STRONG else Confidence.UNSURE


def _as_named(
    evidence: Evidence, named: EntryPointType | None, path: str
) -> Counter[EntryPointType]:
    """Limit the inference points of evaluations, which also infer, unless the name is vague."""
    points = evidence.own.copy()
    if named is EVAL and (_is_measured(path, evidence) or not evidence.looks):
        points[INFER] = min(points[INFER], NAME_POINTS)
    return points


def _without_fits_of_nodes(
    borrowed: Counter[EntryPointType], named: EntryPointType | None, source: Source
) -> Counter[EntryPointType]:
    """Leave out the steps of an optimizer behind a node of ROS: they fit joints to what it gets."""
    if named is TRAIN or not borrowed[TRAIN] or not is_ros_node(source):
        return borrowed
    return Counter({kind: count for kind, count in borrowed.items() if kind is not TRAIN})


def _fetches_for_training(
    points: Counter[EntryPointType], named: EntryPointType | None, evidence: Evidence
) -> bool:
    """Whether a script's own code only gets data, and then calls a training that is elsewhere."""
    is_for_data = named is DATA or not points.keys() <= {DATA, TRAIN}
    return evidence.borrowed[TRAIN] > 0 and not is_for_data


def _trains_between_steps(points: Counter[EntryPointType], evidence: Evidence) -> bool:
    """Whether a program starts scripts that check or measure, and calls a training itself."""
    is_beside = points.keys() <= {DATA, EVAL} and not evidence.all_own[DATA] >= STRONG
    return evidence.starts and evidence.borrowed[TRAIN] > 0 and is_beside


def _is_measured(path: str, evidence: Evidence) -> bool:
    """Whether a name for evaluation is meant so: no vague word, or the code compares."""
    is_plain = not names_vaguely(path) or searches_thresholds(path) or makes_scores(path)
    return is_plain or (names_only_a_trial(path) and evidence.compares)


def _with_words(
    code: Counter[EntryPointType],
    source: Source,
    named: EntryPointType | None,
    evidence: Evidence,
) -> Counter[EntryPointType]:
    """Add the points of the name and the docstring to those of the code."""
    points = code.copy()
    described = _described(source, evidence)
    measures = named is EVAL and not names_vaguely(source.path)
    is_about = described in OF_MODELS and (looks_after(source.path) or measures)
    is_about = is_about or (described is QUANT and keeps_elsewhere(source.path))
    is_shown = described is not DEMO or named is DEMO or shows(evidence, DEMO)
    if described is not None and not is_about and is_shown:
        points[described] += WORDS_POINTS
    if named is not None:
        most = max(points.values(), default=0)
        tries_model = most >= STRONG or (
            evidence.is_silent and evidence.looks and evidence.borrowed[INFER] > 0
        )
        does_other = max((n for kind, n in points.items() if kind is not named), default=0)
        is_vague = (
            (named is EVAL and not _is_measured(source.path, evidence) and tries_model)
            or (names_only_a_format(source.path) and most > 0)
            or (names_only_a_subject(source.path) and does_other >= STRONG)
        )
        points[named] += 1 if is_vague else NAME_POINTS
    decided, decided_points = deciding_type(source.path)
    if decided is not named and decided is not None and type_by_name(source.path) is decided:
        decided = None  # the code contradicts the name
    if decided is DEMO and named is TRAIN:
        decided = None  # a tutorial that trains
    if decided is DATA and named is TRAIN and plainly_named(source.path) is not DATA:
        # `faster_rcnn_train_pseudo` trains with labels that a model made.
        decided = None if evidence.own[TRAIN] >= STRONG else decided
    if decided is not None and not (decided is DATA and named is QUANT):
        points[decided] += decided_points
    return points


def _ranked(points: Counter[EntryPointType], named: EntryPointType | None) -> list[EntryPointType]:
    """Sort types by points; ties are decided by the name, then by the order of types."""
    order = list(EntryPointType)
    found = [kind for kind, count in points.items() if count >= ENOUGH]
    return sorted(found, key=lambda kind: (-points[kind], kind is not named, order.index(kind)))
