"""Launchers that take functions from files which they source, also from odd files."""

from __future__ import annotations

import pytest

from registry_app.inference.purpose.evidence.shell_functions import with_sourced

STARTS = "go() {\n  python train.py\n}\n"


@pytest.mark.parametrize(
    ("text", "files", "starts"),
    [
        ("source lib.sh\ngo", {"lib.sh": STARTS}, 1),
        ("source lib.sh\necho", {"lib.sh": STARTS}, 0),
        ("source lib.sh", {"lib.sh": STARTS + "go"}, 1),
        ("source a.sh\ngo", {"a.sh": "source lib.sh", "lib.sh": STARTS}, 1),
        # Files that source each other, the same file many times, functions that call themselves.
        ("source a.sh\ngo", {"a.sh": "source b.sh\n" + STARTS, "b.sh": "source a.sh"}, 1),
        ("source lib.sh\n" * 300 + "go", {"lib.sh": STARTS + "source lib.sh\n" * 300}, 1),
        ("source lib.sh\ngo", {"lib.sh": "go() {\n  go\n  python train.py\n}\n"}, 1),
    ],
)
def test_what_a_launcher_takes_from_others(text: str, files: dict[str, str], starts: int) -> None:
    assert with_sourced(text, files.get).count("python train.py") == starts


def test_a_long_chain_of_functions_is_followed_to_its_end() -> None:
    chain = "".join(f"f{n}() {{\n  f{n + 1}\n}}\n" for n in range(3000))
    text = with_sourced("source lib.sh\nf0", {"lib.sh": chain + "f3000() {\n  done\n}\n"}.get)
    assert text.endswith("  done")
