"""Which ways to start a script there are, and that nothing else can be written."""

from __future__ import annotations

import pytest

from registry_app.arguments.starts import function_of, start_problem
from registry_app.words import START_OF_FUNCTION, STARTS_OF_ONE_WORD


@pytest.mark.parametrize(
    "start", ["", "script", "module", "torchrun", "accelerate", "callable:main", "callable:Cli.run"]
)
def test_ways_of_the_list_are_taken(start: str) -> None:
    assert start_problem(start) is None
    assert start in STARTS_OF_ONE_WORD or start.startswith(START_OF_FUNCTION)


@pytest.mark.parametrize(
    "start",
    ["python train.py", "callable:", "callable:NAME x", "callable:os.system('x')", "callable:a..b",
     "callable", "Module", "torchrun --nnodes=2", "module\n", "callable:" + "a" * 200],
)  # fmt: skip
def test_anything_else_is_refused_with_the_list(start: str) -> None:
    problem = start_problem(start)
    assert problem is not None
    assert "script, module, callable:NAME, torchrun, accelerate" in str(problem)


def test_only_a_callable_names_a_function() -> None:
    assert function_of("callable:Cli.run") == "Cli.run"
    assert function_of("module") == ""
