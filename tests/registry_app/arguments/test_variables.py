"""Which environment variables an entry point may set, by a table of examples."""

from __future__ import annotations

import pytest

from registry_app.arguments.problems import variable_problems
from registry_app.arguments.variables import MAX_VARIABLES, from_lines, refusals, to_lines


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PPE_DATA", "/nas/ppe"),
        ("EPOCHS", "3"),
        ("HF_HOME", "/nas/models"),
        ("OMP_NUM_THREADS", "4"),
        ("KMP_DUPLICATE_LIB_OK", "TRUE"),
        ("PYTHONHASHSEED", "0"),
        ("PYTHONUNBUFFERED", ""),
        ("NOTE", "용접 구역 = 1"),
        ("LANG", "ko_KR.UTF-8"),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("DATA_URL", "http://nas.local:8080/ppe"),
        ("MAX_TOKENS", "512"),
    ],
)
def test_what_a_script_may_need_is_set(name: str, value: str) -> None:
    assert list(refusals({name: value})) == []


@pytest.mark.parametrize(
    ("name", "value", "reported"),
    [
        ("LD_PRELOAD", "/tmp/x.so", "can start other code"),
        ("LD_LIBRARY_PATH", "/opt", "can start other code"),
        ("BASH_ENV", "x", "can start other code"),
        ("BASH_FUNC_ls%%", "x", "not a name of a variable"),
        ("ENV", "x", "can start other code"),
        ("PATH", "/tmp", "can start other code"),
        ("PYTHONPATH", ".", "Of Python's own it sets PYTHONDONTWRITEBYTECODE"),
        ("PYTHONSTARTUP", "x.py", "Of Python's own"),
        ("PYTHONHOME", "/opt", "Of Python's own"),
        ("PYTHONWARNINGS", "error::x.Y", "Of Python's own"),
        ("GUARDIANFLOW_HOME", "/tmp", "set by the portal itself"),
        ("MLFLOW_TRACKING_URI", "http://x", "set by the portal itself"),
        ("DATABASE_URL", "sqlite://", "set by the portal itself"),
        ("PWD", "/", "set by the portal itself"),
        ("CUDA_VISIBLE_DEVICES", "0", "number of GPUs instead"),
        ("WANDB_API_KEY", "abc", "looks like a secret"),
        ("DB_PASSWORD", "abc", "looks like a secret"),
        ("HF_TOKEN", "hf_abcdefgh", "looks like a secret"),
        ("DB", "postgres://me:pass@db/ppe", "looks like a secret"),
        ("1ST", "x", "not a name of a variable"),
        ("A B", "x", "not a name of a variable"),
        ("", "x", "not a name of a variable"),
        ("A", "one\ntwo", "line breaks"),
        ("A", "\0", "line breaks"),
        ("A", "\ud83d", "line breaks"),
        ("A", "x" * 4001, "longer than 4000"),
    ],
)
def test_what_starts_other_code_or_is_secret_is_refused(
    name: str, value: str, reported: str
) -> None:
    ((refused, error),) = refusals({name: value})
    assert refused == name
    assert reported in str(error)


def test_an_entry_point_has_not_endlessly_many() -> None:
    many = {f"A{number}": "x" for number in range(MAX_VARIABLES + 1)}
    assert [str(problem) for problem in variable_problems(many)] == [
        "At most 100 variables can be set."
    ]


def test_variables_are_written_one_a_line() -> None:
    written = "EPOCHS=3\nPPE_DATA=/nas/a=b"
    assert from_lines(f"\n PPE_DATA = /nas/a=b\n{'EPOCHS=3'}\n") == {
        "PPE_DATA": "/nas/a=b",
        "EPOCHS": "3",
    }
    assert to_lines(from_lines(written)) == written


@pytest.mark.parametrize("line", ["PPE_DATA", "=x", "A=1\nA=2"])
def test_a_line_that_is_no_variable_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=line.splitlines()[-1]):
        from_lines(line)
