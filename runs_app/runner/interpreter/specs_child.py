"""Run by path by the interpreter of a script: reports which modules it finds, importing none.

Standard library only, Python 3.5 and newer. Input: `{"modules": [...], "distributions": [...]}`
on standard input. Output: a separate line that begins with MARK, since an environment may print
text of its own at startup.
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
    """Return whether a top-level module has a spec, None if its finder failed."""
    if name in sys.builtin_module_names or name in sys.modules:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except Exception:  # noqa: BLE001  finders are third-party code
        return None


def versions_of(distributions: "list[str]") -> "dict[str, str]":
    """Return the versions of the installed distributions, read from their metadata."""
    try:
        from importlib import metadata
    except ImportError:  # before Python 3.8
        return {}
    found = {}  # type: dict[str, str]
    for name in distributions:
        try:
            found[name] = str(metadata.version(name))
        except Exception:  # noqa: BLE001, S112  missing, or its metadata is corrupt
            continue
    return found


if __name__ == "__main__":
    # Python put this file's folder first; none of the script's modules are there.
    here = __file__.replace("\\", "/").rpartition("/")[0]
    if sys.path and sys.path[0].replace("\\", "/") == here:
        del sys.path[0]
    import importlib.util
    import json

    main()
