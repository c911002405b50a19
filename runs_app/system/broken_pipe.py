"""Lets a program end quietly when its output has no reader any more, as in `list | head -1`."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# The exit status in a shell of a program that SIGPIPE ended.
SIGPIPE_STATUS = 141


@contextmanager
def quiet_pipe() -> Iterator[None]:
    """End with SIGPIPE_STATUS and without a traceback once stdout or stderr has no reader."""
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:  # None if the program was started without a stdout
                sys.stdout.flush()
    except BrokenPipeError:
        streams = [stream for stream in (sys.stdout, sys.stderr) if stream is not None]
        unread = [stream for stream in streams if _is_unread(stream)]
        if not unread:
            raise  # another pipe broke
        for stream in unread:
            stop_writing(stream)
        sys.exit(SIGPIPE_STATUS)


def stop_writing(stream: Any) -> None:
    """Redirect a stream without a reader to the null device, so that closing it raises no error."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)


def leave_terminal() -> None:
    """Drop what is written to a terminal that was closed; files and pipes get it as before."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and _state(stream) & select.POLLHUP:
            stop_writing(stream)


def _is_unread(stream: Any) -> bool:
    return bool(_state(stream) & select.POLLERR)


def _state(stream: Any) -> int:
    poll = select.poll()
    poll.register(stream.fileno(), 0)
    return next((event for _number, event in poll.poll(0)), 0)
