"""Tests of what the text of a launcher shows as a whole."""

from __future__ import annotations

from registry_app.inference.purpose.evidence.launcher_texts import (
    only_checks,
    only_talks,
    program_for_arguments,
)


def test_a_launcher_of_tests_alone_starts_nothing_else() -> None:
    assert only_checks("set -e\npython -m pytest tests/inference -q")
    assert not only_checks("python -m pytest tests\npython infer.py")


def test_a_launcher_may_only_print_its_options() -> None:
    options = 'while getopts "a:b" opt; do\ncase $opt in\na) name="$OPTARG";;\nesac\ndone\n'
    assert only_talks(f'#!/bin/bash\n{options}printf "%s\\n" "$name"\necho $name')
    assert not only_talks(f"{options}./build/learn $name")
    assert not only_talks('CMD="run"\n$CMD a.yaml')
    assert not only_talks("make train")
    assert not only_talks("")


def test_a_launcher_may_prepare_the_way_of_a_compiled_program() -> None:
    path = 'ROOT="$(pwd)"\nBIN="${ROOT}/build/look"\nexport LD_LIBRARY_PATH=a\n'
    assert program_for_arguments(f'{path}exec "${{BIN}}" "$@"') == "look"
    assert program_for_arguments('./build/look "$@"') == "look"
    assert program_for_arguments(f'{path}cmake --build . "$@"\n"$BIN" --version') == ""
    assert program_for_arguments('./scripts/go.sh "$@"') == ""
