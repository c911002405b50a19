"""Stubs for whatever a script imports, and the finder that gives them out.

Needs the standard library alone: scripts under test are started with it.
"""

from __future__ import annotations

import builtins
import importlib.abc
import importlib.machinery
import os
import re
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

# What libraries say that they are: one for which scripts have all their options.
VERSION = "1.13.1"
# A module with one of these is imported as it is: the parser may lie in it.
_PARSES = re.compile(rb"argparse|add_argument|ArgumentParser|parse_args|args?_parser")


class StubBase:
    """What classes of the script inherit instead of a stub."""

    def __init__(self, *_args: object, **_options: object) -> None:
        """Accept anything."""

    def __getattr__(self, name: str) -> Any:
        return _attribute("instance", name)


class Stub:
    """Accepts every use: call, attribute, item, comparison, decorator, base class, context."""

    def __init__(self, name: str) -> None:
        self._stub_name = name

    def __getattr__(self, name: str) -> Any:
        return _attribute(self._stub_name, name)

    def __call__(self, *args: Any, **_options: object) -> Any:
        # A decorator returns what it decorates: the script's own function.
        if len(args) == 1 and isinstance(args[0], types.FunctionType | type):
            return args[0]
        return Stub(f"{self._stub_name}()")

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        first = next(base for base in bases if isinstance(base, Stub))
        return (StubBase,) if first is self else ()

    def __repr__(self) -> str:
        return f"<stub {self._stub_name}>"

    def __fspath__(self) -> str:
        return "stub"

    def __getitem__(self, _key: object) -> Stub:
        return Stub(f"{self._stub_name}[]")

    def __setitem__(self, _key: object, _value: object) -> None: ...

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __contains__(self, _value: object) -> bool:
        return True

    def __index__(self) -> int:
        return 0

    def __float__(self) -> float:
        return 0.0

    def __enter__(self) -> Stub:
        return self

    def __exit__(self, *_error: object) -> None: ...

    def __instancecheck__(self, _instance: object) -> bool:
        return False

    def __subclasscheck__(self, _class: object) -> bool:
        return False

    def __lt__(self, _other: object) -> bool:
        return True

    __le__ = __gt__ = __ge__ = __lt__

    def __add__(self, _other: object) -> Stub:
        return self

    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __add__
    __or__ = __ror__ = __and__ = __rand__ = __mod__ = __floordiv__ = __neg__ = __pow__ = __add__


class StubModule(types.ModuleType):
    """A module that has every name."""

    def __getattr__(self, name: str) -> Any:
        return _attribute(self.__name__, name)


def _attribute(owner: str, name: str) -> Any:
    if name == "__version__":
        return VERSION
    if name == "__all__":
        StubNames.is_open = True
    if name.startswith("__"):
        raise AttributeError(name)
    return Stub(f"{owner}.{name}")


class StubNames(dict[str, Any]):
    """The built-in names of a module that imports `*` from a stub: every name is there."""

    def __missing__(self, name: str) -> Any:
        if name.startswith("__") or not self.is_open:
            raise KeyError(name)
        return Stub(name)

    # Once a stub was asked for `*`, it may have had any name.
    is_open = False


class OwnLoader(importlib.machinery.SourceFileLoader):
    """Loads a module beside the script, which may import `*` from a stub."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the module with names for all that a stub may have had."""
        vars(module)["__builtins__"] = StubNames(vars(builtins))
        super().exec_module(module)


class StubFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a stub for each module, except those of the standard library and with a parser."""

    def __init__(self, root: str, *, started: str, own: bool) -> None:
        self._root = root
        self._started = started
        self._takes_all = own

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of the own file, of a stub, or None for the standard library."""
        if fullname.partition(".")[0] in sys.stdlib_module_names:
            return None
        folders = [os.path.abspath(folder) for folder in (sys.path if path is None else path)]
        inside = [folder for folder in folders if f"{folder}/".startswith(f"{self._root}/")]
        found = importlib.machinery.PathFinder.find_spec(fullname, inside, target)
        if found is not None and found.origin and self._is_real(fullname, found.origin):
            found.loader = OwnLoader(fullname, found.origin)
            return found
        stub = importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        where = found.submodule_search_locations if found is not None else None
        stub.submodule_search_locations = list(where or [])
        return stub

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return the stub."""
        return StubModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Leave the stub as it is."""

    def _is_real(self, name: str, file: str) -> bool:
        if self._takes_all or name in {self._started, f"{self._started}.__main__"}:
            return True
        return bool(_PARSES.search(Path(file).read_bytes()))
