"""What a run set would start: the exact command of each member, or why it is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from registry_app.messages import Message, message_of
from runs_app.exceptions import RefusedError, RunnerError, UnconfirmedError
from runs_app.lifecycle.prepare import PreparedRun, prepare
from runs_app.sets.spec import StepSpec
from runs_app.texts import sets as texts

# What the preview shows for the folder of a run that does not exist yet.
RUN_FOLDER = "{run}"
INPUTS = "inputs"


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One member, with its exact command or the reason why it is refused."""

    spec: StepSpec
    prepared: PreparedRun | None = None
    refusal: Message | None = None
    unconfirmed: str = ""

    @property
    def name(self) -> str:
        """The name of the member: that of the step, or of its experiment."""
        return self.spec.name or self.spec.experiment.name


def planned(specs: Sequence[StepSpec], *, is_chain: bool) -> list[Planned]:
    """Return every member as it would be started; changes nothing.

    The paths of files that do not exist yet are shown by their pattern.
    """
    names = [spec.name for spec in specs]
    return [
        _planned(spec, names[:number] if is_chain else (), is_chain=is_chain)
        for number, spec in enumerate(specs)
    ]


def refused(members: Sequence[Planned]) -> list[Planned]:
    return [member for member in members if member.refusal is not None]


def _planned(spec: StepSpec, earlier: Sequence[str], *, is_chain: bool) -> Planned:
    try:
        for source in (*spec.files.values(), *spec.reads.values()):
            if source.step not in earlier:
                raise RefusedError(
                    texts.NO_STEP(name=spec.name or spec.experiment.name, step=source.step)
                )
        ready = prepare(spec.request(paths=_expected(spec)))
        if is_chain and ready.secrets:
            raise RefusedError(texts.NO_SECRETS())
    except UnconfirmedError as error:
        return Planned(spec=spec, refusal=error.message, unconfirmed=error.waiting.digest)
    except RunnerError as error:
        return Planned(spec=spec, refusal=message_of(error))
    return Planned(spec=spec, prepared=ready)


def _expected(spec: StepSpec) -> Mapping[str, str]:
    return {
        name: str(PurePosixPath(RUN_FOLDER, INPUTS, spec.name, PurePosixPath(source.file).name))
        for name, source in spec.files.items()
    }
