"""The vocabulary's rows as documents, and a document written into a row."""

from __future__ import annotations

from registry_app.document.model import WordDocument
from registry_app.models import VocabularyWord
from registry_app.word_forms import language_of


def words_of_rows() -> dict[str, WordDocument]:
    """Return every word by its form; one query."""
    return {row.word: word_of_row(row) for row in VocabularyWord.objects.order_by("word")}


def word_of_row(row: VocabularyWord) -> WordDocument:
    return WordDocument(word=row.word, task=row.task, language=row.language, note=row.note)


def completed(word: WordDocument, row: WordDocument | None) -> WordDocument:
    """Return a word with what it does not mention taken from its row, or as for a new one."""
    language = word.language or (row and row.language) or language_of(word.word)
    note = word.note if word.note is not None else (row and row.note) or ""
    return WordDocument(word=word.word, task=word.task, language=language, note=note)
