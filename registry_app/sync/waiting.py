"""What a sync agrees on where the portal's changes could not be written into the file."""

from __future__ import annotations

from dataclasses import replace

from registry_app.fields.names import is_empty
from registry_app.sync.merge import Known, Merged, Object, Objects
from registry_app.sync.wanted import same_field


def without_file_changes(merged: Merged, file: Objects) -> Merged:
    """Return a merge as it is if the file stays as it was.

    The portal has what came from the file. For what the file should have got, both sides agree on
    what it says now: so that stays a change of the portal, which the next sync offers again, and
    an answered question is not asked again.
    """
    agreed: dict[str, Known] = {}
    for id_, known in merged.known.items():
        if id_ in file and id_ in merged.file:
            agreed[id_] = _as_in_file(known, file[id_], merged.file[id_])
        elif id_ not in merged.file:
            agreed[id_] = known
        # What is new in the portal stays new.
    for id_ in file.keys() - merged.file.keys():
        agreed[id_] = Known(fields=dict(file[id_]))
    return replace(merged, file=file, known=agreed)


def _as_in_file(known: Known, before: Object, after: Object) -> Known:
    written = {
        name
        for name in {**before, **after}
        if not same_field(name, before.get(name), after.get(name))
    }
    fields = {name: value for name, value in known.fields.items() if name not in written}
    for name in written:
        if not is_empty(value := before.get(name)):
            fields[name] = value
    return Known(fields=fields, unknown=known.unknown - written)
