"""What a member of a run set requests, as it is stored and as a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from registry_app.models import Experiment
from runs_app.lifecycle.prepare import RunRequest


@dataclass(frozen=True, kw_only=True)
class FromStep:
    """A kept file of an earlier step: `file` is an `fnmatch` pattern on its path.

    Of several that match, `pick` says which: "first" or "last" in the order of their paths, ''
    refuses.
    """

    step: str
    file: str
    pick: str = ""

    def to_json(self) -> dict[str, str]:
        return {"from": self.step, "file": self.file, "pick": self.pick}

    @classmethod
    def from_json(cls, row: Mapping[str, str]) -> FromStep:
        return cls(step=row["from"], file=row["file"], pick=row.get("pick", ""))


@dataclass(frozen=True, kw_only=True)
class StepSpec:
    """One member: the experiment and type, the values, and the files of earlier steps.

    `files` are parameters that get a file; `reads` are paths in the directory of the experiment,
    hard-coded in the script, that must hold the file of an earlier step. `trainer` is the digest
    that a trainer of the core repository must have, '' for any. `not_before` is when it may start.
    `secrets` are parameters that are secret whatever their names.
    """

    experiment: Experiment
    type: str
    name: str = ""
    version: str = ""
    script: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    extra_args: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    priority: int = 0
    not_before: datetime | None = None
    force: bool = False
    confirm: str = ""
    trainer: str = ""
    secrets: tuple[str, ...] = ()
    files: Mapping[str, FromStep] = field(default_factory=dict)
    reads: Mapping[str, FromStep] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return what the column `spec` holds; experiment, type and name have their own."""
        return {
            "version": self.version,
            "script": self.script,
            "params": dict(self.params),
            "extra_args": list(self.extra_args),
            "environment": dict(self.environment),
            "note": self.note,
            "priority": self.priority,
            "not_before": self.not_before.isoformat() if self.not_before else None,
            "force": self.force,
            "confirm": self.confirm,
            "trainer": self.trainer,
            "secrets": list(self.secrets),
            "files": {name: source.to_json() for name, source in self.files.items()},
            "reads": {path: source.to_json() for path, source in self.reads.items()},
        }

    def request(
        self, *, uuid: UUID | None = None, paths: Mapping[str, str] | None = None
    ) -> RunRequest:
        """Return the request; `paths` are the values of the parameters that get a file."""
        return RunRequest(
            experiment=self.experiment,
            type=self.type,
            version=self.version,
            script=self.script,
            params={**self.params, **(paths or {})},
            extra_args=self.extra_args,
            environment=self.environment,
            note=self.note,
            priority=self.priority,
            not_before=self.not_before,
            force=self.force,
            confirm=self.confirm,
            trainer=self.trainer,
            secrets=self.secrets,
            uuid=uuid,
        )


def stored(row: Mapping[str, Any], *, experiment: Experiment, type: str, name: str) -> StepSpec:  # noqa: A002
    """Return the member that a column `spec` holds."""
    values = dict(row)
    files, reads = values.pop("files", {}), values.pop("reads", {})
    for column in ("extra_args", "secrets"):
        values[column] = tuple(values.get(column, ()))
    if text := values.pop("not_before", None):
        values["not_before"] = datetime.fromisoformat(text)
    return StepSpec(
        experiment=experiment,
        type=type,
        name=name,
        files={key: FromStep.from_json(source) for key, source in files.items()},
        reads={path: FromStep.from_json(source) for path, source in reads.items()},
        **values,
    )


def spec_of(request: RunRequest, *, name: str = "") -> StepSpec:
    """Return a request as a member of a set."""
    return StepSpec(
        experiment=request.experiment,
        type=request.type,
        name=name,
        version=request.version,
        script=request.script,
        params=dict(request.params),
        extra_args=tuple(request.extra_args),
        environment=dict(request.environment),
        note=request.note,
        priority=request.priority,
        not_before=request.not_before,
        force=request.force,
        confirm=request.confirm,
        trainer=request.trainer,
        secrets=(*request.secrets, *(request.rerun_of.secrets if request.rerun_of else ())),
    )
