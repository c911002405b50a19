"""Run by path by the interpreter of a script: lists the installed packages without importing them.

Standard library only, Python 3.8 and newer. Output: a separate line that begins with the mark of
`specs_child`.
"""

import sys

MARK = "guardianflow-specs "
# Metadata files; the last is for an old `.egg-info` that is a file, as on Debian.
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
    for distribution in metadata.distributions():
        try:
            texts = (distribution.read_text(name) for name in METADATA)
            head = head_of(next(filter(None, texts), ""))
            if "name" in head:
                origin = distribution.read_text("direct_url.json")
                lines.append(line_of(head["name"], head["version"], origin))
        except Exception:  # noqa: BLE001, S112  corrupt or removed metadata
            continue
    return lines


def head_of(text: str) -> "dict[str, str]":
    """Return the first fields of the metadata, up to the name and the version.

    `importlib.metadata` parses all of it, including descriptions, which takes most of the time.
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
    # Python put this file's folder first; none of the script's modules are there.
    here = __file__.replace("\\", "/").rpartition("/")[0]
    if sys.path and sys.path[0].replace("\\", "/") == here:
        del sys.path[0]
    import json
    import platform

    main()
