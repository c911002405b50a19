"""What a run set would start: the exact command of each member, or why it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from registry_app.messages import Message, message_of
from runs_app.exceptions import RefusedError, RunnerError
from runs_app.lifecycle.handed import place_inside
from runs_app.lifecycle.prepare import PreparedRun, RunRequest, prepare
from runs_app.preflight.script_choices import entry_point
from runs_app.sets.definitions import Wanted
from runs_app.sets.spec import StepSpec
from runs_app.texts import sets as texts

# What the preview shows for the folder of a run that does not exist yet.
RUN_FOLDER = "{run}"
INPUTS = "inputs"

Look = Callable[[RunRequest], PreparedRun]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One member, with its exact command or the reason why it is refused."""

    name: str
    spec: StepSpec | None = None
    prepared: PreparedRun | None = None
    refusal: Message | None = None


def planned(specs: Sequence[StepSpec], *, is_chain: bool, look: Look = prepare) -> list[Planned]:
    """Return every member as it would be started, as `plan` does."""
    wanted = [Wanted(label=spec.name or spec.experiment.name, spec=spec) for spec in specs]
    return plan(wanted, is_chain=is_chain, look=look)


def plan(wanted: Sequence[Wanted], *, is_chain: bool, look: Look = prepare) -> list[Planned]:
    """Return every member as it would be started; changes nothing.

    The paths of files that do not exist yet are shown by their pattern. `look` is `outline` where
    no interpreter must be asked.
    """
    labels = [item.label for item in wanted]
    return [
        _planned(item, labels[:number] if is_chain else (), is_chain=is_chain, look=look)
        for number, item in enumerate(wanted)
    ]


def refused(members: Iterable[Planned]) -> list[Planned]:
    """Return the members that are refused."""
    return [member for member in members if member.refusal is not None]


def refusal_of(members: Sequence[Planned]) -> RefusedError | None:
    """Return one error with all refusals by name, None if there is none."""
    wrong = refused(members)
    if not wrong:
        return None
    sentences = [item.refusal.at(item.name) for item in wrong if item.refusal]
    return RefusedError(
        texts.SOME_REFUSED(count=len(wrong), total=len(members), refusals=sentences)
    )


def _planned(item: Wanted, earlier: Sequence[str], *, is_chain: bool, look: Look) -> Planned:
    spec = item.spec
    if spec is None:
        return Planned(name=item.label, refusal=item.refusal)
    try:
        for source in (*spec.files.values(), *spec.reads.values()):
            if source.step not in earlier:
                raise RefusedError(texts.NO_STEP(name=item.label, step=source.step))
        if spec.reads:
            _check_alone(spec)
        ready = look(spec.request(paths=_expected(spec)))
        for path in spec.reads:
            place_inside(path, directory=str(ready.cwd), folder=ready.working_directory)
        if is_chain and ready.secrets:
            raise RefusedError(texts.NO_SECRETS())
    except RunnerError as error:
        return Planned(name=item.label, spec=spec, refusal=message_of(error))
    return Planned(name=item.label, spec=spec, prepared=ready)


def _check_alone(spec: StepSpec) -> None:
    """Refuse a step that relies on a file of its directory while others may write there."""
    entry = entry_point(spec.experiment, spec.type)
    if entry is not None and entry.overlap:
        raise RefusedError(texts.READS_AND_OVERLAP(type=spec.type))


def _expected(spec: StepSpec) -> Mapping[str, str]:
    return {
        name: str(PurePosixPath(RUN_FOLDER, INPUTS, spec.name, PurePosixPath(source.file).name))
        for name, source in spec.files.items()
    }
