"""What scripts were given without being asked for it, and what they are given now, as a table.

    .venv/bin/python benchmarks/compare_arguments.py ROOT [ROOT ...] > arguments.tsv

Each direct child folder of a root is scanned in a data directory of its own. For each script and
type, one line: the arguments of a request that gives nothing, with the defaults that a scan read
passed and left out, and whether the script's own parser makes the same namespace of both. The
parser is rebuilt from the literal arguments of its `add_argument` calls; nothing of a script is
executed. The last lines are the totals, on standard error.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import os
import shlex
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
TYPES = {"int": int, "float": float, "str": str}
# What a parser is told that changes no value.
UNREAD = frozenset({"help", "metavar"})
UNCHANGED, SAME, OTHER = "unchanged", "same", "OTHER"
REFUSED, UNKNOWN = "refused", "not compared"


class NotRebuiltError(Exception):
    """The parser of a script is not made of literal calls alone."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise argparse.ArgumentError(None, message)


def rebuilt_parser(source: str) -> argparse.ArgumentParser:
    """Return the parser that a script makes. Raises NotRebuiltError."""
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError) as error:
        raise NotRebuiltError from error
    named = [(call.func.attr, call) for call in calls if isinstance(call.func, ast.Attribute)]
    names = {name for name, _call in named}
    added = [call for name, call in named if name == "add_argument"]
    if not added or names & {"add_subparsers", "set_defaults", "add_argument_group"}:
        raise NotRebuiltError
    parser = _Parser(add_help=False, allow_abbrev=False)
    for call in sorted(added, key=lambda call: (call.lineno, call.col_offset)):
        _add(parser, call)
    return parser


def _add(parser: argparse.ArgumentParser, call: ast.Call) -> None:
    options: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            raise NotRebuiltError
        if keyword.arg not in UNREAD:
            options[keyword.arg] = _value(keyword.arg, keyword.value)
    options = {name: value for name, value in options.items() if value is not NotRebuiltError}
    try:
        parser.add_argument(*[ast.literal_eval(word) for word in call.args], **options)
    except (ValueError, TypeError, argparse.ArgumentError) as error:
        raise NotRebuiltError from error


def _value(name: str, node: ast.expr) -> Any:
    """Return a literal; a computed default is its own text, a type of the script's own is none."""
    if name == "type":
        return (
            TYPES.get(node.id, NotRebuiltError) if isinstance(node, ast.Name) else NotRebuiltError
        )
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        if name == "default":
            return f"<{ast.unparse(node)}>"
        raise NotRebuiltError from error


def compared(source: str, before: tuple[str, ...], now: tuple[str, ...]) -> str:
    """Return whether a script's parser makes the same of both."""
    try:
        parser = rebuilt_parser(source)
        one, other = (vars(parser.parse_args(list(words))) for words in (before, now))
    except NotRebuiltError:
        return UNKNOWN
    except argparse.ArgumentError as error:
        return f"{OTHER}: {error}"
    differing = [name for name in one if one[name] != other[name]]
    return f"{OTHER}: {', '.join(differing)}" if differing else SAME


def lines(roots: list[Path]) -> Iterator[tuple[str, str, str, str]]:
    """Yield script and type, what is no longer passed, what is passed, and the comparison."""
    from registry_app.files.paths import resolve_directory
    from registry_app.findings.store import store
    from registry_app.models import Experiment
    from registry_app.scan.run import scan
    from runs_app.preflight.older_commands import arguments_before, arguments_now
    from runs_app.preflight.script_choices import script_choice

    store(scan(roots))
    for experiment in Experiment.objects.prefetch_related("entry_points", "scripts"):
        for script in experiment.scripts.all():
            for kind in script.types:
                choice = script_choice(experiment, kind, script.path)
                before, now = arguments_before(choice), arguments_now(choice)
                name = f"{experiment.name}/{script.path} {kind}"
                if before is None or now is None:
                    said = REFUSED if before is None else f"{REFUSED} newly"
                    yield name, shlex.join(before or ()), "", said
                    continue
                file = resolve_directory(experiment.path, roots) / script.path
                said = UNCHANGED
                if before != now:
                    said = compared(file.read_text(errors="replace"), before, now)
                yield name, shlex.join(before), shlex.join(now), said


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the arguments of scripts.")
    parser.add_argument("roots", nargs="+", type=Path)
    roots = [root.resolve() for root in parser.parse_args().roots]
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {
            "GUARDIANFLOW_HOME": home,
            "GUARDIANFLOW_ROOTS": ":".join(map(str, roots)),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        sys.path.insert(0, str(PROJECT))
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
        totals: Counter[str] = Counter()
        print("script and type\tpassed before\tpassed now\tnamespace")
        for line in lines(roots):
            print("\t".join(line))
            totals["pairs"] += 1
            totals["passed something before"] += bool(line[1])
            totals["passes something now"] += bool(line[2])
            totals[line[3].partition(":")[0]] += 1
        for name, count in totals.items():
            print(f"{count:6} {name}", file=sys.stderr)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
