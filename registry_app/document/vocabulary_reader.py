"""Read the section `vocabulary` of a registry file."""

from __future__ import annotations

from collections.abc import Mapping

from registry_app.document.model import WordDocument
from registry_app.document.nodes import Reader
from registry_app.document.yaml_nodes import Node
from registry_app.texts import vocabulary as texts
from registry_app.word_forms import ENGLISH, KOREAN, is_plain_text, joined_word, word_problem

WORD_KEYS = ("task", "language", "note")
LANGUAGES = (KOREAN, ENGLISH)
SECTION = "vocabulary"
MAX_TASK, MAX_NOTE = 100, 200


class VocabularyReader(Reader):
    """Read words with their tasks; a word that could not be found is a problem of its line."""

    def vocabulary(self, node: Node | None) -> tuple[WordDocument, ...]:
        section = self.mapping(node, SECTION)
        found: dict[str, WordDocument] = {}
        written: dict[str, str] = {}
        for name, entry in section.entries.items():
            line, word = section.keys[name], joined_word(name)
            problem = word_problem(name)
            if problem is None and word in written:
                problem = texts.WORD_TWICE(word=name, other=written[word])
            if problem is not None:
                self.report(problem.at(SECTION), line)
                continue
            written[word] = name
            found[word] = self._word(word, f"{SECTION}.{name}", entry, line)
        return tuple(document for _word, document in sorted(found.items()))

    def _word(self, word: str, where: str, node: Node, line: int) -> WordDocument:
        entries = self.mapping(node, where, known=WORD_KEYS).entries
        if "task" not in entries:
            self.report(texts.WORD_NEEDS_TASK(where=where), line)
        return WordDocument(
            word=word,
            task=self._plain("task", entries, where, MAX_TASK) or "",
            language=self._language(entries.get("language"), f"{where}.language"),
            note=self._plain("note", entries, where, MAX_NOTE),
        )

    def _plain(self, key: str, entries: Mapping[str, Node], where: str, limit: int) -> str | None:
        """Return a text without control and formatting characters, None if it is not mentioned."""
        if key not in entries:
            return None
        text = self.text(entries[key], f"{where}.{key}", limit=limit).strip()
        if not is_plain_text(text):
            self.report(texts.TEXT_SIGNS().at(f"{where}.{key}"), entries[key].line)
        return text

    def _language(self, node: Node | None, where: str) -> str | None:
        written = self.text(node, where)
        if node is not None and written and written not in LANGUAGES:
            self.report(texts.NO_LANGUAGE(where=where), node.line)
        return written or None
