"""A disk that does not respond costs its own directory, not the scan."""

from __future__ import annotations

import threading

from registry_app.scan.looking import look_at_each

FOREVER = threading.Event()


def look(name: str) -> str:
    if name == "dead-mount":
        FOREVER.wait()
    return name.upper()


def silent(_place: str) -> None:
    pass


def test_places_are_looked_at_in_order() -> None:
    names = ["bct", "ppe", "fall"]
    assert list(look_at_each(look, names, waits=silent)) == ["BCT", "PPE", "FALL"]
    assert list(look_at_each(look, [], waits=silent)) == []


def test_one_that_never_responds_is_left_with_all_after_it() -> None:
    waited: list[str] = []
    names = ["bct", "dead-mount", "ppe"]
    seen = look_at_each(look, names, waits=waited.append, limit_s=240)
    assert next(seen) == "BCT"
    seen = look_at_each(look, names[1:], waits=waited.append, limit_s=0.01)
    assert list(seen) == [None, None]
    assert waited == ["dead-mount"]
