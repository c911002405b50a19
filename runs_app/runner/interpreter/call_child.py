"""Run by path by the interpreter of a script: calls one of the script's functions.

    python call_child.py SCRIPT FUNCTION ARGUMENTS...

This is what a console script of an installed package does, without an installation. The folder
above the script's packages comes first in the module path, the current folder second. Needs
Python 3.6.
"""

import importlib
import os
import sys
from typing import Any, List, Tuple  # noqa: UP035  scripts may have an old Python


def main(script: str, function: str, arguments: List[str]) -> Any:  # noqa: UP006
    """Call the function and return what it returns: the exit status, as for console scripts."""
    root, module = place_of(script)
    sys.path[:0] = list(dict.fromkeys([root, os.getcwd()]))
    sys.argv = [script, *arguments]
    target: Any = importlib.import_module(module)
    for name in function.split("."):
        target = getattr(target, name)
    return target()


def place_of(script: str) -> Tuple[str, str]:  # noqa: UP006
    """Return the folder above a script's packages, and the name of its module from there.

    Packages without `__init__.py` begin below a folder `src`, if there is one.
    """
    path = os.path.splitext(os.path.abspath(script))[0]
    folder, stem = os.path.split(path)
    parts = [] if stem in {"__init__", "__main__"} else [stem]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    inside = os.path.relpath(folder, os.getcwd()).split(os.sep)
    if "src" in inside[:-1]:
        below = inside[inside.index("src") + 1 :]
        parts[:0] = below
        folder = os.path.abspath(os.path.join(folder, *[os.pardir] * len(below)))
    return folder, ".".join(parts)


if __name__ == "__main__":
    # Python put this file's folder first; none of the script's modules are there.
    if sys.path and os.path.abspath(sys.path[0]) == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
