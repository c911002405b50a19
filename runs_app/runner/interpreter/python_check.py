"""Asks a program whether it is a Python, without letting it load anything of its environment.

A guard against mistakes (`find`, `sh`, `env` as interpreter), no protection: a program
that an attacker put into a directory of experiments can give any answer.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from runs_app.runner.language import gettext as _

TIMEOUT_S = 30.0
_MOST_BYTES = 1000
_HANDED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")


def why_no_python(interpreter: Path, *, timeout_s: float = TIMEOUT_S) -> str:
    """Return why a program cannot be taken for a Python, '' where it answers as one.

    It is asked to turn a random word around, so that a program which only prints its arguments
    does not pass.
    """
    nonce = secrets.token_hex(8)
    code = f"import sys; sys.stdout.write('{nonce}'[::-1])"
    try:
        process = subprocess.Popen(
            [str(interpreter), "-I", "-S", "-c", code],
            cwd="/",
            env={name: os.environ[name] for name in _HANDED_ON if name in os.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return error.strerror or str(error)
    with process:
        try:
            answer, _nothing = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            return _("no answer within {seconds} s").format(seconds=round(timeout_s))
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
    if answer[:_MOST_BYTES].decode(errors="replace").strip() == nonce[::-1]:
        return ""
    return _("another answer than a Python gives (exit status {code})").format(
        code=process.returncode
    )
