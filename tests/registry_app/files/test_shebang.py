"""The first line of a script names the program that runs it."""

from __future__ import annotations

import pytest

from registry_app.files.shebang import Shebang, parse_shebang


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"#!/bin/bash\n", Shebang(program="/bin/bash")),
        (b"#!/bin/bash -eu\necho\n", Shebang(program="/bin/bash", options=("-eu",))),
        (b"#! /bin/zsh\r\n", Shebang(program="/bin/zsh")),
        (b"#!/usr/bin/env zsh\n", Shebang(program="zsh", is_searched=True)),
        (
            b"#!/usr/bin/env -S python3 -u\n",
            Shebang(program="python3", options=("-u",), is_searched=True),
        ),
        (b"#!/usr/bin/env LANG=C fish", Shebang(program="fish", is_searched=True)),
        (b"#!\n", None),
        (b"echo a\n", None),
        (b"", None),
        (b"# !/bin/zsh\n", None),
    ],
)
def test_a_first_line_is_read_as_linux_reads_it(line: bytes, expected: Shebang | None) -> None:
    assert parse_shebang(line) == expected


@pytest.mark.parametrize(
    ("program", "is_python", "is_shell"),
    [
        ("/usr/bin/python3.11", True, False),
        ("pypy3", True, False),
        ("/bin/dash", False, True),
        ("/usr/bin/fish", False, False),
        ("/usr/bin/perl", False, False),
    ],
)
def test_what_kind_of_program_it_is(program: str, is_python: bool, is_shell: bool) -> None:
    shebang = Shebang(program=program)
    assert (shebang.is_python, shebang.is_bourne_shell) == (is_python, is_shell)
