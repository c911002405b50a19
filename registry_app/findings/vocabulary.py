"""The company's own words, in the form that a scan needs."""

from __future__ import annotations

from registry_app.inference.task.vocabulary import Vocabulary
from registry_app.models import VocabularyWord


def vocabulary_of_rows() -> Vocabulary:
    """Return the built-in words with those of the rows before them; one query."""
    return Vocabulary(added=dict(VocabularyWord.objects.values_list("word", "task")))
