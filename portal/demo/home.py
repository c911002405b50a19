"""Give the demo its own folders and ports, before Django reads the settings.

The shell's settings of the real portal are ignored: its data directory, its database, its MLflow
and its addresses.
"""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Sequence
from pathlib import Path

DEFAULT_HOME = Path(__file__).resolve().parents[2] / "var" / "demo"
SAMPLES = "demo"
HOST = "127.0.0.1"
PORT = 8000
MLFLOW_PORT = 5000
# The number of ports to try after the usual one.
TRIES = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the demo to its parser."""
    parser.add_argument(
        "--no-serve", action="store_true", help="end after the run; exit status 1 if it failed"
    )
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME, help="folder for the demo alone")
    parser.add_argument("--port", type=int, help=f"port of the portal; else one from {PORT} up")
    parser.add_argument(
        "--mlflow-port", type=int, help=f"port of MLflow's pages; else one from {MLFLOW_PORT} up"
    )


def enter(argv: Sequence[str]) -> None:
    """Set the environment of this process and its children from the demo's options."""
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    options, _others = parser.parse_known_args(argv)
    home = Path(os.path.abspath(options.home))
    port = options.port or free_port(PORT)
    mlflow_port = options.mlflow_port or free_port(MLFLOW_PORT, but_not=port)
    for name in [name for name in os.environ if name.startswith(("GUARDIANFLOW_", "MLFLOW_"))]:
        if name != "GUARDIANFLOW_LOG_LEVEL":
            del os.environ[name]
    os.environ.pop("DATABASE_URL", None)
    os.environ.update(
        GUARDIANFLOW_HOME=str(home),
        GUARDIANFLOW_ROOTS=str(home / SAMPLES),
        GUARDIANFLOW_URL=f"http://{HOST}:{port}",
        GUARDIANFLOW_MLFLOW_UI=f"http://{HOST}:{mlflow_port}",
    )


def free_port(first: int, *, but_not: int = 0) -> int:
    """Return the first free port from `first` up; `first` itself if none is found."""
    ports = range(first, min(first + TRIES, 65536))
    return next((port for port in ports if port != but_not and _is_free(port)), first)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
