"""Runs MLflow's command line such that its server takes the place of this process.

`mlflow server` imports all of MLflow, starts the web server as a second process that imports it
again, and then only waits: as much memory as the server itself, for nothing. Standard library and
MLflow only, as Django would stay in memory as well.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence


def main() -> None:
    """Run the `mlflow` command with this process's arguments."""
    import mlflow.server
    from mlflow.cli import cli

    # A version of MLflow that starts its server in another way runs as usual, with two processes.
    mlflow.server._exec_cmd = _become
    cli()


def _become(
    command: Sequence[str], *, extra_env: Mapping[str, str] | None = None, **_options: object
) -> None:
    """Replace this process by a command."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execvpe(command[0], list(command), {**os.environ, **(extra_env or {})})  # noqa: S606


if __name__ == "__main__":
    main()
