"""Whether a comparison still speaks for the files of today."""

from __future__ import annotations

from dataclasses import dataclass

from registry_app.choices import EntryPointType
from registry_app.messages import Message
from registry_app.models import Experiment
from runs_app.models import Parity
from runs_app.parity.advance import changed_files
from runs_app.texts import parity as texts


@dataclass(frozen=True, kw_only=True)
class Holding:
    """The newest comparison of an experiment that came to a conclusion, and whether it counts.

    `is_proof`: old and new train alike, and all their files are those of today. `reason` says why,
    or why not. `parity` is None if nothing was compared; `is_outdated`: its files have changed.
    """

    is_proof: bool
    reason: Message
    parity: Parity | None = None
    is_outdated: bool = False

    @property
    def has_control(self) -> bool:
        """Whether the proof has a control that fell out."""
        return self.parity is not None and self.parity.has_control


def holds(experiment: Experiment, type: str = EntryPointType.TRAIN) -> Holding:  # noqa: A002
    """Return whether the newest comparison of an entry point proves parity now.

    Reads the files of both sides; two queries.
    """
    newest = Parity.objects.newest(experiment, type)
    if newest is None:
        return Holding(is_proof=False, reason=texts.NEVER_COMPARED())
    newest.experiment = experiment
    if changed := changed_files(newest):
        reason = texts.OLDER_STATE(files=changed)
        return Holding(is_proof=False, reason=reason, parity=newest, is_outdated=True)
    reason = newest.reason or texts.NEVER_COMPARED()
    return Holding(is_proof=newest.is_proof, reason=reason, parity=newest)
