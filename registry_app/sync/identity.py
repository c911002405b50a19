"""Which entry of the file is which known object, and which new entry is which new row.

An entry is known by the name and the path that the file last said, not by those that were agreed
on: a name in question would not be found by those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from registry_app.changes.directories import place_of
from registry_app.sync.matching import matched

# The ids of customers, by their case-folded names.
CUSTOMER = "customer:"
# The ids of words of the vocabulary, in the form in which they are looked up.
WORD = "word:"
# The ids of what is not linked yet.
NEW_IN_FILE, NEW_IN_PORTAL = "file:", "portal:"


def place_text(path: str) -> str:
    """Return the directory of a path, or the path itself where it is not allowed."""
    return str(place_of(path) or path)


def identify(
    link: Mapping[str, tuple[str, str]],
    file: Mapping[str, str],
    unlinked: Mapping[str, tuple[str, str]],
    *,
    proposed: Sequence[Mapping[str, tuple[str, str]]] = (),
    place_of: Callable[[str], str] = str,
) -> dict[str, str]:
    """Return the id of each entry's name: of a link, of a row without one, or a new one.

    `link` and `unlinked` have a name and a path by id; `file` has the path by name. `proposed` are
    the places under which rows without a link may have come into the file, the likeliest first.
    """
    ids: dict[str, str] = {}
    left = {name: (name, place_of(path)) for name, path in file.items()}
    for known in (link, *proposed, unlinked):
        used = set(ids.values())
        places = {
            id_: (name, place_of(path)) for id_, (name, path) in known.items() if id_ not in used
        }
        found = matched(left, places)
        ids |= found
        left = {name: place for name, place in left.items() if name not in found}
    return ids | {name: f"{NEW_IN_FILE}{name}" for name in left}
