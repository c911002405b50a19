"""Start runs from Python programs, as on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runs_app.cli.find import experiment_named
from runs_app.lifecycle import foreground, sending
from runs_app.lifecycle.cancel import cancel
from runs_app.lifecycle.prepare import RunRequest
from runs_app.models import Run


class GenericRunner:
    """Runs a script of an experiment, unmodified, and returns when it has ended.

    Django must be set up. No worker is needed.
    """

    def run(
        self,
        experiment_dir_name: str,
        type: str = "train",  # noqa: A002
        version: str | None = None,
        script_override: str | None = None,
        extra_params: Mapping[str, Any] | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        confirm: str = "",
    ) -> Run:
        """Return the finished run; it is in MLflow if MLflow answered within half a minute.

        In `extra_params`, None marks a parameter that is not passed, even where it is fixed.
        `environment` are variables for this run alone. The arguments need no confirmation.
        `confirm` is the digest of a command that was changed in the registry by a user without
        permission to run scripts; without it, such a run raises UnconfirmedError, which shows the
        change and the digest. Raises RunnerError, naming the fix, if the run is refused before
        anything starts. An interrupt cancels the run.
        """
        request = RunRequest(
            experiment=experiment_named(experiment_dir_name),
            type=type,
            version=version or "",
            script=script_override or "",
            params=dict(extra_params or {}),
            environment=dict(environment or {}),
            confirm=confirm,
        )
        queued: list[Run] = []
        try:
            run = foreground.run_here(
                request, terminal=foreground.Terminal(on_queued=queued.append)
            )
        except KeyboardInterrupt:
            for begun in queued:
                cancel(begun, user=None)
            raise
        sending.send_within(run)
        return run
