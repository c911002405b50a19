"""The helper is one file that an old Python can run, and that says which version it is."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from runs_app.runner.isolation import fence, helper, helper_client
from runs_app.runner.isolation.program import FIRST_LINE, digest, program

# More than a packet has room for in one piece is never sent; a lone surrogate is a file's name.
VALUES = [
    {},
    {"run": "4711", "list": [1, -2, 0.5, None, True, False, []]},
    {"open": ["/srv/실험", "결과\udcff.csv"], 'quote "': "\\ \n \x00"},
]


def test_the_program_has_the_fence_and_its_version_in_it() -> None:
    text = program()
    assert text.startswith(FIRST_LINE)
    filled: dict[str, object] = {"__name__": "guardianflow_script"}
    exec(compile(text, "guardianflow-script", "exec"), filled)  # noqa: S102
    assert filled["DIGEST"] == digest()
    assert filled["FENCE_SOURCE"] == Path(fence.__file__).read_text(encoding="utf-8")


@pytest.mark.parametrize("file", [helper, helper_client], ids=["helper", "client"])
def test_it_needs_the_standard_library_of_python_3_8_alone(file: object) -> None:
    path = Path(file.__file__)  # type: ignore[attr-defined]
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {
        name.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    } | {
        str(node.module).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    assert imported <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("is_usual", [True, False])
def test_messages_are_read_as_they_were_written(
    monkeypatch: pytest.MonkeyPatch, value: dict[str, object], is_usual: bool
) -> None:
    if not is_usual:  # the inside of the json module is not what it is now
        monkeypatch.setitem(sys.modules, "_json", None)
    write, read = helper.json_tools()
    assert read(write(value)) == value


@pytest.mark.parametrize("text", ["", "{", "nonsense", "\x00"])
def test_what_is_no_message_is_a_plain_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        helper.from_json(text)
