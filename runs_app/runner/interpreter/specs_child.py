"""Run by path by the interpreter of a script: says which modules it would find, importing none.

Standard library only, for Python 3.5 and newer. In: `{"modules": [...], "distributions": [...]}`
on standard input. Out: a line of its own that begins with MARK, since an environment may greet
whoever starts its Python.
"""

import sys

MARK = "guardianflow-specs "


def main() -> None:
    request = json.load(sys.stdin)
    answer = {
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "modules": {name: is_found(name) for name in request["modules"]},
        "versions": versions_of(request["distributions"]),
    }
    sys.stdout.write("\n" + MARK + json.dumps(answer) + "\n")
    sys.stdout.flush()


def is_found(name: str) -> "bool | None":
    """Return whether a top-level module has a spec, None where its finder failed."""
    if name in sys.builtin_module_names or name in sys.modules:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except Exception:  # noqa: BLE001  finders are anybody's code
        return None


def versions_of(distributions: "list[str]") -> "dict[str, str]":
    """Return the versions of those distributions that are installed, read from their metadata."""
    try:
        from importlib import metadata
    except ImportError:  # before Python 3.8
        return {}
    found = {}  # type: dict[str, str]
    for name in distributions:
        try:
            found[name] = str(metadata.version(name))
        except Exception:  # noqa: BLE001, S112  absent, or its metadata is broken
            continue
    return found


if __name__ == "__main__":
    # Python put the folder of this file first, where nothing of the script's can be.
    here = __file__.replace("\\", "/").rpartition("/")[0]
    if sys.path and sys.path[0].replace("\\", "/") == here:
        del sys.path[0]
    import importlib.util
    import json

    main()
