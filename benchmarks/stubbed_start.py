"""Run by path: starts a script up to the end of its parser, with stubs for what it imports.

    python stubbed_start.py     one line of JSON for each start, see `main`

What is not of the standard library is replaced by a stub that accepts everything, also the modules
beside the script, unless they make or use a parser. Each time that the command line is parsed, one
line of JSON is written: the namespace, the words left over, and what the options of the given
values make of their texts. `parse_args` then ends the process.
"""

from __future__ import annotations

import argparse
import builtins
import importlib
import json
import os
import resource
import runpy
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

from import_stubs import Stub, StubFinder, StubNames

_MEBIBYTE = 2**20
# What most scripts import; imported once for all starts.
COMMON = ("asyncio", "logging", "multiprocessing", "subprocess", "unittest.mock", "urllib.request")


class Reports:
    """Writes a line for each parse of the words of the process."""

    def __init__(self, descriptor: int, given: dict[str, dict[str, Any]]) -> None:
        self._descriptor = descriptor
        self._given = given

    def of_argparse(
        self, parser: argparse.ArgumentParser, found: argparse.Namespace, left: Sequence[str]
    ) -> None:
        """Report a namespace of argparse."""
        actions = list(_actions(parser))
        made = {}
        for name, told in self._given.items():
            action = next((row for row in actions if _is_of(row, name, told["flag"])), None)
            if action is not None:
                made[name] = _made(parser, action, told["texts"])
        self._write(namespace=_shown(vars(found)), left=list(left), made=made)

    def _write(self, **line: Any) -> None:
        os.write(self._descriptor, json.dumps(line).encode() + b"\n")


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for other in action.choices.values():
                yield from _actions(other)


def _is_of(action: argparse.Action, name: str, flag: str) -> bool:
    return flag in action.option_strings if flag else action.dest == name


def _made(
    parser: argparse.ArgumentParser, action: argparse.Action, texts: Sequence[str]
) -> dict[str, Any]:
    values = [parser._get_value(action, text) for text in texts]
    return {
        "dest": action.dest,
        "values": [repr(value) for value in values],
        "const": repr(action.const),
        "nargs": action.nargs,
    }


def _shown(namespace: dict[str, Any]) -> dict[str, Any]:
    """Return values as comparable texts; a list as the list of its values."""
    return {
        name: [repr(item) for item in value] if isinstance(value, list) else repr(value)
        for name, value in namespace.items()
    }


def hook_argparse(reports: Reports, *, needs_nothing: bool) -> None:
    """Report each parse of the words of the process; `needs_nothing` lifts what is required."""
    parser_class: Any = argparse.ArgumentParser
    parse_known, parse_all, add = (
        parser_class.parse_known_args,
        parser_class.parse_args,
        argparse._ActionsContainer.add_argument,
    )
    depth = [0]

    def parse_known_args(self: Any, args: Any = None, namespace: Any = None) -> Any:
        words = sys.argv[1:] if args is None else list(args)
        if depth[0] or (words != sys.argv[1:] and not _are_left_of(words)):
            return parse_known(self, args, namespace)
        if needs_nothing:
            _lift(self)
        depth[0] += 1
        try:
            found, left = parse_known(self, args, namespace)
            reports.of_argparse(self, found, left)
        finally:
            depth[0] -= 1
        return found, left

    def parse_args(self: Any, args: Any = None, namespace: Any = None) -> Any:
        words = sys.argv[1:] if args is None else list(args)
        found = parse_all(self, args, namespace)
        if words == sys.argv[1:] or _are_left_of(words):
            os._exit(0)
        return found

    def add_argument(self: Any, *names: Any, **options: Any) -> Any:
        kept = {
            key: value
            for key, value in options.items()
            if not (isinstance(value, Stub) and key in {"action", "type", "choices", "nargs"})
        }
        if not kept.get("choices", True):  # made of what a stub listed
            del kept["choices"]
        return add(self, *names, **kept)

    parser_class.parse_known_args, parser_class.parse_args = parse_known_args, parse_args
    container: Any = argparse._ActionsContainer
    container.add_argument = add_argument


def _are_left_of(words: Sequence[str]) -> bool:
    """Whether these are words of the process, in their order: what another parser left."""
    given = iter(sys.argv[1:])
    return bool(words) and all(word in given for word in words)


def _lift(parser: argparse.ArgumentParser) -> None:
    for group in parser._mutually_exclusive_groups:
        group.required = False
    for action in _actions(parser):
        action.required = False


def limit(seconds: int) -> None:
    """Limit time, memory, processes and the size of written files."""
    for name, value in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, 2048 * _MEBIBYTE),
        (resource.RLIMIT_FSIZE, _MEBIBYTE),
    ):
        resource.setrlimit(name, (value, value))


def start(asked: dict[str, Any]) -> None:
    """Start a script, as `main` describes it, in this process."""
    os.chdir(asked["folder"])
    descriptor = os.open(asked["report"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    hook_argparse(Reports(descriptor, asked["given"]), needs_nothing=asked["needs_nothing"])
    sys.path = [folder for folder in sys.path[1:] if folder and "site-packages" not in folder]
    first, root, module = asked["script"], asked["root"], asked.get("module", "")
    sys.meta_path.insert(0, StubFinder(root, started=module, own=asked["own"]))
    sys.argv = [first, *asked["words"]]
    limit(asked["seconds"])
    if module:
        sys.path.insert(0, root)
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        return
    # Packages of the experiment are found, as if they were installed.
    sys.path[:] = [os.path.dirname(os.path.abspath(first)), *sys.path, root]
    names = {"__builtins__": StubNames(vars(builtins))}
    function = asked.get("function", "")
    if not function:
        runpy.run_path(first, names, run_name="__main__")
        return
    called: Any = runpy.run_path(first, names, run_name="script")
    called[function]()


def forked(asked: dict[str, Any]) -> int:
    """Start a script in a process of its own, and return the exit status of that."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.alarm(asked["seconds"] * 3)
    code = 1
    try:
        silent = os.open(os.devnull, os.O_RDWR)
        errors = os.open(asked["errors"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for place, descriptor in enumerate((silent, silent, errors)):
            os.dup2(descriptor, place)
        start(asked)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001  whatever a script raises
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Start what each line of JSON asks for; answer each with the exit status.

    Keys: `folder` to start in, `script` in it, or `module`, or `script` with `function`; `root` of
    the experiment; `words`, `given` ({name: {flag, texts}}), `needs_nothing`: what is required is
    not; `own`: import the experiment's own modules; `seconds`; files for `report` and `errors`.
    """
    for name in COMMON:
        importlib.import_module(name)
    for line in sys.stdin:
        print(forked(json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
