"""Words with labels: choices of a column, translated where they are shown."""

from __future__ import annotations

import os
import subprocess
import sys

from django.utils import translation

from registry_app.words import Confidence


def test_words_are_choices_of_a_column() -> None:
    assert Confidence.values == ["sure", "likely", "unsure"]
    with translation.override("en"):
        assert [(value, str(label)) for value, label in Confidence.choices] == [
            ("sure", "Sure"),
            ("likely", "Likely"),
            ("unsure", "Unsure"),
        ]


def test_a_label_is_in_the_language_of_its_reader() -> None:
    label = Confidence("sure").label
    with translation.override("ko"):
        assert str(label) == "확실"


def test_readers_of_directories_load_no_database() -> None:
    """A scan starts many of them; half of their start would be `django.db`."""
    code = (
        "import sys; import registry_app.scan.reader, registry_app.scan.draft;"
        "print(*sorted(name for name in sys.modules if name.startswith('django.db')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.stdout.strip() == ""
