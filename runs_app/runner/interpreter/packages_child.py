"""Run by path by the interpreter of a script: says what is installed for it, importing none.

Standard library only, for Python 3.8 and newer. Out: a line of its own that begins with the mark
of `specs_child`.
"""

import sys

MARK = "guardianflow-specs "
# Where metadata stand; by the last an old `.egg-info` is read that is a file, as of Debian.
METADATA = ("METADATA", "PKG-INFO", "")


def main() -> None:
    json.load(sys.stdin)
    answer = {
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "implementation": platform.python_implementation(),
        "prefix": sys.prefix,
        "path": [part for part in sys.path if part],
        "packages": sorted(set(packages()), key=str.lower),
    }
    sys.stdout.write("\n" + MARK + json.dumps(answer) + "\n")
    sys.stdout.flush()


def packages() -> "list[str]":
    """Return a line for each distribution, as `pip freeze` writes them."""
    from importlib import metadata

    lines = []  # type: list[str]
    for one in metadata.distributions():
        try:
            texts = (one.read_text(name) for name in METADATA)
            head = head_of(next(filter(None, texts), ""))
            if "name" in head:
                origin = one.read_text("direct_url.json")
                lines.append(line_of(head["name"], head["version"], origin))
        except Exception:  # noqa: BLE001, S112  metadata that is broken, or went away
            continue
    return lines


def head_of(text: str) -> "dict[str, str]":
    """Return what metadata say first, up to the name and the version.

    `importlib.metadata` parses all of it, descriptions too, which takes longer than all the rest.
    """
    head = {}  # type: dict[str, str]
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.lower() in ("name", "version"):
            head[key.lower()] = value.strip()
        if not line or len(head) == 2:
            break
    return head


def line_of(name: str, version: str, direct_url: "str | None") -> str:
    """Return `NAME==VERSION`, or where the distribution was installed from."""
    origin = json.loads(direct_url) if direct_url else {}
    url = str(origin.get("url", ""))
    if "@" in url.partition("://")[2].partition("/")[0]:  # a name and a password before the host
        scheme, _, rest = url.partition("://")
        url = scheme + "://" + rest.partition("@")[2]
    if "vcs_info" in origin:
        commit = str(origin["vcs_info"].get("commit_id", ""))
        return name + " @ " + str(origin["vcs_info"].get("vcs", "")) + "+" + url + "@" + commit
    if origin.get("dir_info", {}).get("editable"):
        return "-e " + url + "  # " + name + "==" + version
    return name + "==" + version


if __name__ == "__main__":
    # Python put the folder of this file first, where nothing of the script's can be.
    here = __file__.replace("\\", "/").rpartition("/")[0]
    if sys.path and sys.path[0].replace("\\", "/") == here:
        del sys.path[0]
    import json
    import platform

    main()
