"""The vocabulary in a sync and an export: objects of the merge, and entries of the file.

A word that one side lacks was added or deleted there, as an experiment is; its id is its form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from registry_app.document.model import WordDocument
from registry_app.document.spans.edits import Edit
from registry_app.document.vocabulary_reader import SECTION, WORD_KEYS
from registry_app.fields.names import is_empty, same
from registry_app.fields.vocabulary import completed
from registry_app.sync.identity import WORD
from registry_app.sync.objects import WHOLE, Key, Object, Objects
from registry_app.word_forms import joined_word, language_of

Content = dict[str, Any]


def objects_of(words: Iterable[WordDocument]) -> Objects:
    """Return words as objects of the merge, with the language that their letters show."""
    found: Objects = {}
    for word in words:
        whole = completed(word, None)
        fields = {"task": whole.task, "language": whole.language, "note": whole.note}
        found[id_of(word.word)] = {
            "name": shown_name(word.word),
            "path": id_of(word.word),
            **{key: value for key, value in fields.items() if value},
        }
    return found


def document_of(id_: str, entry: Object) -> WordDocument:
    """Return an object as the word that it is."""
    return WordDocument(
        word=id_.removeprefix(WORD),
        task=entry.get("task") or "",
        language=entry.get("language") or language_of(id_.removeprefix(WORD)),
        note=entry.get("note") or "",
    )


def id_of(written: str) -> str:
    """Return the id of a word, however it is written."""
    return f"{WORD}{joined_word(written)}"


def shown_name(word: str) -> str:
    """Return the name of a word beside those of experiments and customers."""
    return f"{SECTION}.{word}"


def is_word(id_: str) -> bool:
    return id_.startswith(WORD)


def words_among(objects: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words among objects, questions or edits that are keyed by ids of a merge."""
    return {id_: entry for id_, entry in objects.items() if is_word(id_)}


def section_with(
    there: Mapping[str, Any], wanted: Iterable[WordDocument], *, keeps_others: bool
) -> Content | None:
    """Return the section that the file should have, in its spelling of the words; None for none.

    `keeps_others`: words that are not wanted stay, as those that an export does not know.
    """
    by_id = {id_of(word.word): word for word in wanted}
    found: Content = {}
    for name, entry in there.items():
        word = by_id.pop(id_of(name), None)
        if word is not None:
            found[name] = _entry_with(entry, word)
        elif keeps_others:
            found[name] = entry
    found |= {word.word: _entry_with({}, word) for word in by_id.values()}
    return found or None


def _entry_with(entry: Any, word: WordDocument) -> Any:
    """Return a word's entry with these values; a language that its letters show may be missing."""
    wanted = {"task": word.task, "language": word.language, "note": word.note}
    result = dict(entry) if isinstance(entry, dict) else {}
    is_new = not result
    for key in WORD_KEYS:
        present = result.get(key)
        if key == "language" and is_empty(present) and not is_new:
            present = language_of(word.word)
        if key == "task" and key not in result:
            result[key] = wanted[key]
        elif not same(present, wanted[key]):
            result[key] = wanted[key]
            if is_empty(wanted[key]) and key != "task":
                del result[key]
    return result


def keys_of(edit: Edit) -> list[Key]:
    """Return the keys of the merge that an edit of this section was made for."""
    _section, *rest = edit.path
    if len(rest) > 1:
        return [(id_of(rest[0]), rest[1])]
    names = rest or [*(edit.new or edit.old or ())]
    return [(id_of(name), WHOLE) for name in names]
