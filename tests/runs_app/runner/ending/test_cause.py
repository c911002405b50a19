"""Why a run failed, by the end of its logs and its exit status."""

from __future__ import annotations

import pytest

from runs_app.runner.ending.cause import Cause, Ending, find_cause
from runs_app.runner.ending.log_end import lines_of

TRACEBACK = """Traceback (most recent call last):
  File "train.py", line 3, in <module>
    main()
  File "train.py", line 2, in main
    raise {exception}
{exception}
"""


def cause_of(
    stderr: str = "", stdout: str = "", *, exit_code: int = 1, **known: object
) -> Cause | None:
    return find_cause(
        Ending(
            exit_code=exit_code,
            stderr=lines_of(stderr.encode()),
            stdout=lines_of(stdout.encode()),
            **known,  # type: ignore[arg-type]
        )
    )


def reported(cause: Cause | None) -> tuple[str, str]:
    assert cause is not None
    return cause.message.code, cause.line


def test_the_last_line_of_a_traceback_is_the_cause_where_no_sign_knows_it() -> None:
    cause = cause_of(TRACEBACK.format(exception="ValueError: 3 classes, 4 names"))
    assert reported(cause) == ("exception", "ValueError: 3 classes, 4 names")
    assert cause is not None
    assert str(cause.message) == "It ended with ValueError: 3 classes, 4 names"


FRAMED = """\
╭───────────── Traceback (most recent call last) ──────────────╮
│ /srv/train.py:3 in main                                      │
│ ❱ 3     raise ValueError("3 classes, 4 names")               │
╰──────────────────────────────────────────────────────────────╯
ValueError: 3 classes, 4 names
"""
GROUPED = """\
  + Exception Group Traceback (most recent call last):
  |   File "train.py", line 9, in <module>
  | ExceptionGroup: workers (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "train.py", line 2, in load
    | ValueError: 3 classes, 4 names
    +------------------------------------
"""


@pytest.mark.parametrize("text", [FRAMED, GROUPED])
def test_a_traceback_in_a_frame_or_of_a_group_is_one(text: str) -> None:
    assert reported(cause_of(text)) == ("exception", "ValueError: 3 classes, 4 names")


def test_an_exception_that_a_sign_knows_has_a_sentence_of_its_own() -> None:
    cause = cause_of(TRACEBACK.format(exception="ModuleNotFoundError: No module named 'cv2'"))
    assert reported(cause) == ("missing_module", "ModuleNotFoundError: No module named 'cv2'")


def test_what_a_launcher_says_after_the_traceback_is_not_the_cause() -> None:
    text = TRACEBACK.format(exception="RuntimeError: CUDA out of memory. Tried to allocate 2 GiB")
    cause = cause_of(text + "cp: cannot stat 'best.pt': No such file or directory\n")
    assert reported(cause)[0] == "cuda_out_of_memory"


def test_a_warning_that_was_survived_is_not_the_cause() -> None:
    text = "ls: cannot access 'extra': No such file or directory\n"
    cause = cause_of(text + TRACEBACK.format(exception="KeyError: 'names'"))
    assert reported(cause) == ("exception", "KeyError: 'names'")


def test_of_wrapped_failures_the_first_one_is_reported() -> None:
    inner = TRACEBACK.format(exception="RuntimeError: CUDA out of memory. Tried to allocate 1 GiB")
    outer = TRACEBACK.format(
        exception="torch.distributed.elastic.multiprocessing.errors.ChildFailedError:"
    )
    ranked = "".join(f"[rank0]: {line}\n" for line in inner.splitlines())
    assert reported(cause_of(ranked + outer))[0] == "cuda_out_of_memory"


@pytest.mark.parametrize("order", ["before", "after"])
def test_an_exception_that_python_ignores_is_never_the_cause(order: str) -> None:
    ignored = "Exception ignored in: <function X.__del__ at 0x7f>\n" + TRACEBACK.format(
        exception="ModuleNotFoundError: import of os halted; None in sys.modules"
    )
    own = TRACEBACK.format(exception="ValueError: 3 classes, 4 names")
    text = ignored + own if order == "before" else own + ignored
    assert reported(cause_of(text)) == ("exception", "ValueError: 3 classes, 4 names")
    assert cause_of(ignored) is None


def test_a_direct_cause_that_is_known_beats_what_was_raised_for_it() -> None:
    first = TRACEBACK.format(
        exception="FileNotFoundError: [Errno 2] No such file or directory: 'a.yaml'"
    )
    link = "\nThe above exception was the direct cause of the following exception:\n\n"
    last = TRACEBACK.format(exception="RuntimeError: the configuration cannot be loaded")
    assert reported(cause_of(first + link + last))[0] == "missing_file"


def test_an_exception_that_was_only_handled_before_is_not_the_cause() -> None:
    first = TRACEBACK.format(exception="ModuleNotFoundError: No module named 'ujson'")
    link = "\nDuring handling of the above exception, another exception occurred:\n\n"
    last = TRACEBACK.format(exception="ValueError: bad annotation")
    assert reported(cause_of(first + link + last)) == ("exception", "ValueError: bad annotation")


@pytest.mark.parametrize("was_memory_short", [False, True])
def test_a_killed_script_was_killed_for_memory_only_where_the_system_says_so(
    was_memory_short: bool,
) -> None:
    old = TRACEBACK.format(exception="ValueError: handled long ago") + "epoch 3\n" * 40
    cause = cause_of(old, exit_code=137, was_memory_short=was_memory_short)
    assert reported(cause) == ("killed_for_memory" if was_memory_short else "killed", "")


def test_a_launcher_tells_which_of_its_commands_was_killed() -> None:
    line = "run_train.sh: line 2:  41 Killed                  python train.py --epochs 3"
    cause = cause_of(f"{line}\n", exit_code=137, was_memory_short=True)
    assert reported(cause) == ("killed_for_memory", line)


def test_a_wrong_argument_is_reported_as_argparse_reports_it() -> None:
    error = "train.py: error: unrecognized arguments: --epoch 3"
    cause = cause_of(f"usage: train.py [-h] [--epochs EPOCHS]\n{error}\n", exit_code=2)
    assert reported(cause) == ("bad_argument", error)


def test_a_secret_in_the_line_is_masked() -> None:
    cause = cause_of("train.py: error: unrecognized arguments: --api-token abc123\n", exit_code=2)
    assert cause is not None
    assert "abc123" not in cause.to_json()["line"]
    assert "abc123" not in str(cause.to_json())


def test_a_metric_that_became_nan_explains_a_failure_that_nothing_else_does() -> None:
    cause = cause_of("", exit_code=1, first_nan=("train/loss", 7))
    assert cause is not None
    assert str(cause.message) == "train/loss is NaN from epoch 7 on."


def test_a_cell_of_a_notebook_tells_its_own_exception() -> None:
    text = TRACEBACK.format(
        exception="nbclient.exceptions.CellExecutionError: An error occurred while executing"
    )
    cell = "------------------\nload('a.csv')\n------------------\n"
    own = "FileNotFoundError: [Errno 2] No such file or directory: 'a.csv'\n"
    assert reported(cause_of(text + cell + own))[0] == "missing_file"


def test_a_syntax_error_of_the_script_itself_is_reported() -> None:
    text = (
        '  File "train.py", line 3\n    def main(:\n             ^\nSyntaxError: invalid syntax\n'
    )
    assert reported(cause_of(text)) == ("exception", "SyntaxError: invalid syntax")


def test_the_output_is_read_where_errors_went_there() -> None:
    text = TRACEBACK.format(exception="ModuleNotFoundError: No module named 'cv2'")
    assert reported(cause_of("", text))[0] == "missing_module"


def test_a_message_that_calls_itself_an_error_is_better_than_nothing() -> None:
    assert reported(cause_of("loading\nERROR: the data set is empty\n"))[0] == "last_message"


@pytest.mark.parametrize("exit_code", [1, 3, 255])
def test_unknown_stays_unknown(exit_code: int) -> None:
    assert cause_of("epoch 1\nepoch 2\n", "done\n", exit_code=exit_code) is None


def test_a_crash_is_known_by_its_exit_status() -> None:
    cause = cause_of("", exit_code=139)
    assert cause is not None
    assert cause.to_json() == {"code": "crashed", "values": {"problem": "SIGSEGV"}, "line": ""}


def test_colours_and_korean_windows_text_are_no_hindrance() -> None:
    coloured = "\x1b[31mModuleNotFoundError\x1b[0m: No module named 'cv2'"
    lines = lines_of(f"Traceback (most recent call last):\n  File x\n{coloured}\n".encode())
    cause = find_cause(Ending(exit_code=1, stderr=lines))
    assert reported(cause)[0] == "missing_module"
    korean = "cat: 목록.txt: 그런 파일이나 디렉터리가 없습니다\n".encode("cp949")
    cause = find_cause(Ending(exit_code=1, stderr=lines_of(korean)))
    assert cause is not None
    assert dict(cause.message.values) == {"path": "목록.txt"}
