"""Stand-ins for modules that are not installed; a process imports this file as `sitecustomize`.

What they are asked to do is written to the file that STAND_INS_LOG names, one call a line. The
first call that would train, predict or export is the last one: the process ends there. No value
is computed, so scripts run up to their work without the libraries, weights and data.
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

WORK = frozenset("train fit export backward predict quantize simplify convert test val".split())
WORK_STATUS, LIMIT_STATUS = 77, 78
MAX_CALLS = 400
_PLAIN = (str, int, float, bool, bytes, type(None))
# The names of all calls so far.
made: list[str] = []


def shown(value: object) -> str:
    """A value as it is the same in every process: no address, no name of the main module."""
    if isinstance(value, Thing):
        return str(value._name)
    if isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {shown(item)}' for key, item in value.items())}}}"
    return type(value).__name__


def called(name: str, args: tuple[object, ...], options: dict[str, object]) -> None:
    made.append(name)
    words = [*map(shown, args), *(f"{key}={shown(item)}" for key, item in options.items())]
    with open(os.environ["STAND_INS_LOG"], "a", encoding="utf-8") as log:
        log.write(f"{name}({', '.join(words)})\n")
    is_work = name.rpartition(".")[2] in WORK
    if is_work or len(made) >= MAX_CALLS:
        sys.stdout.flush()
        os._exit(WORK_STATUS if is_work else LIMIT_STATUS)


class Thing(types.ModuleType):
    """A module, class, function or value of a library that is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__dict__.update(_name=name, __path__=[], __file__=f"<{name}>", __all__=[])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        return "9.9.9" if name == "__version__" else Thing(f"{self._name}.{name}")

    def __call__(self, *args: object, **options: object) -> Any:
        is_decorator = len(args) == 1 and not options and isinstance(args[0], types.FunctionType)
        if is_decorator:
            return args[0]
        called(self._name, args, options)
        return Thing(f"{self._name}()")

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return (Base,)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> Thing:
        return self

    def __exit__(self, *_raised: object) -> None:
        return None

    def __getitem__(self, key: object) -> Thing:
        return Thing(f"{self._name}[]")

    def __setitem__(self, key: object, value: object) -> None:
        return None

    def __contains__(self, key: object) -> bool:
        return False

    def __len__(self) -> int:
        return 1

    def __int__(self) -> int:
        return 1

    __index__ = __int__

    def __float__(self) -> float:
        return 1.0

    def __fspath__(self) -> str:
        return "stand-in"

    def __repr__(self) -> str:
        return str(self._name)

    __str__ = __repr__

    def __hash__(self) -> int:
        return 1

    def _same(self, *_others: object) -> Thing:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _same
    __rtruediv__ = __floordiv__ = __mod__ = __pow__ = __matmul__ = __neg__ = __or__ = _same

    def __eq__(self, _other: object) -> bool:
        return True

    __lt__ = __le__ = __gt__ = __ge__ = __eq__


class Base:
    """What classes inherit from whose base is not there."""

    def __init__(self, *args: object, **options: object) -> None:
        called(f"{type(self).__name__}.__init__", args, options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Thing(f"{type(self).__name__}.{name}")

    def __call__(self, *args: object, **options: object) -> Any:
        called(type(self).__name__, args, options)
        return Thing(f"{type(self).__name__}()")


class Finder(MetaPathFinder, Loader):
    """Comes last: finds what none of the others has found."""

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top in {"usercustomize", "sitecustomize", "gf_base"}:
            return None
        parent = sys.modules.get(name.rpartition(".")[0])
        if parent is not None and not isinstance(parent, Thing):
            return None
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> Thing:
        return Thing(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        return None


if __name__ == "sitecustomize":
    sys.meta_path.append(Finder())
