"""What looks wrong about a run that ended with exit status 0."""

from __future__ import annotations

import pytest

from runs_app.runner.ending.doubts import doubts_of
from runs_app.runner.ending.log_end import lines_of

TRACEBACK = """Traceback (most recent call last):
  File "train.py", line 1, in <module>
    raise RuntimeError('CUDA out of memory')
RuntimeError: CUDA out of memory
"""
IGNORED = """Exception ignored in: <function Loader.__del__ at 0x7f3a>
Traceback (most recent call last):
  File "/opt/lib/loader.py", line 9, in __del__
    self.pool.close()
  File "/opt/lib/pool.py", line 5, in close
    os.kill(self.pid)
AttributeError: 'NoneType' object has no attribute 'kill'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/opt/lib/loader.py", line 11, in __del__
    log('closed')
ImportError: sys.meta_path is None, Python is likely shutting down
"""
BROKEN_PIPE = """Exception ignored in: <_io.TextIOWrapper name='<stdout>' mode='w' encoding='utf-8'>
BrokenPipeError: [Errno 32] Broken pipe
"""
USAGE = """usage: train.py [-h] [--epochs EPOCHS] data

positional arguments:
  data             data set

options:
  -h, --help       show this help message and exit
  --epochs EPOCHS
"""
CLICK = """Usage: train.py [OPTIONS]
Try 'train.py --help' for help.

Error: No such option: --epoch
"""


def codes(stderr: str = "", stdout: str = "", *, is_launcher: bool = False) -> list[str]:
    doubts = doubts_of(
        lines_of(stderr.encode()), lines_of(stdout.encode()), is_launcher=is_launcher
    )
    return [doubt.code for doubt in doubts]


@pytest.mark.parametrize(
    ("stderr", "stdout", "code"),
    [
        (TRACEBACK, "training finished\n", "traceback_at_end"),
        ("", "epoch 1\n" + TRACEBACK, "traceback_at_end"),
        ("epoch 1\nERROR:root:stopped\n" + TRACEBACK, "", "traceback_at_end"),
        (TRACEBACK + "wandb: run finished\n", "", "traceback_at_end"),
        (TRACEBACK + IGNORED, "", "traceback_at_end"),
        (IGNORED + TRACEBACK + IGNORED + BROKEN_PIPE, "done\n", "traceback_at_end"),
        (BROKEN_PIPE + TRACEBACK, "", "traceback_at_end"),
        (IGNORED, TRACEBACK + IGNORED, "traceback_at_end"),
        ("", USAGE, "usage_at_end"),
        ("", "loading\n" + USAGE + "done\n", "usage_at_end"),
        (CLICK, "", "usage_at_end"),
        (
            "usage: train.py [-h]\ntrain.py: error: the following arguments are required: data\n",
            "",
            "usage_at_end",
        ),
        ("Usage: ./run.sh <gpu> <config>\n", "", "usage_at_end"),
    ],
)
def test_a_run_that_ended_well_and_does_not_look_so_is_doubted(
    stderr: str, stdout: str, code: str
) -> None:
    assert codes(stderr, stdout) == [code]


@pytest.mark.parametrize(
    ("stderr", "stdout"),
    [
        ("", "epoch 1 loss 0.3\nResults saved to runs/train\n"),
        ("Exception ignored in: <function Pool.__del__ at 0x7f>\n" + TRACEBACK, "done\n"),
        (IGNORED + BROKEN_PIPE, IGNORED),
        (TRACEBACK + "retrying\n" + "epoch 1\n" * 30, "done\n"),
        ("memory usage: 4.1 GiB\n", "usage: 3 GiB\n"),
        ("", USAGE + "epoch 1\n" * 20),
        ("/usr/lib/x.py:3: UserWarning: No CUDA GPUs are available\n", ""),
    ],
)
def test_an_ordinary_end_is_not_doubted(stderr: str, stdout: str) -> None:
    assert codes(stderr, stdout) == []


@pytest.mark.parametrize(
    "message",
    [
        "run.sh: line 2: python: command not found\n",
        "python: can't open file '/e/train.py': [Errno 2] No such file or directory\n",
        "run.sh: line 2:   11 Killed                  python train.py\n",
        "run.sh: line 2:   11 Segmentation fault      ./build/train\n",
    ],
)
def test_what_a_shell_says_of_a_command_counts_in_a_launcher_alone(message: str) -> None:
    assert codes(message, is_launcher=True) == ["failure_at_end"]
    assert codes(message) == []
