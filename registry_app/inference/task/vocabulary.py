"""The words that name a task: those built in, and those that a company adds.

A word is a single Latin word, two Latin words joined (`hardhat` for `hard hat`), or a Korean word
that may be part of a longer one (`안전모` in `안전모착용`). A word of the task '' is no evidence:
`안전모드` contains 안전모, and is none. A company's Korean word of two syllables counts only where
a word begins: 고리 is not in 카테고리.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from registry_app.inference.task.task_words import EVERYDAY, OBJECTS, TASKS
from registry_app.messages import Message
from registry_app.texts.reasons import VOCABULARY
from registry_app.word_forms import LATIN_PART, joined_word

# Tasks that are one where both are looked for: who looks for fire looks for smoke.
_KINDRED: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"fire", "smoke"}), "fire"),
    (frozenset({"ppe", "face-mask"}), "ppe"),
    (frozenset({"ocr", "gauge"}), "gauge"),
)
# Phrases that are not tasks: a smoke test does not detect smoke, retina masks are an option.
_NO_TASKS = frozenset(
    {
        ("fall", "back"),
        *(("smoke", word) for word in ("test", "tests", "testing", "run", "check")),
        *(("retina", word) for word in ("mask", "masks", "net", "head")),
        *((word, "harness") for word in ("test", "testing", "evaluation", "eval", "bench")),
        ("detect", "anomaly"),
        ("plate", "form"),
        ("hugging", "face"),
    }
)
# Words that begin such a phrase.
_BEGINS_NO_TASK = frozenset(one for one, _two in _NO_TASKS)
# What people write together with the word before it, which is no shorter than this.
_ENDS = ("detection", "segmentation", "classification", "recognition", "tracking", "counting")
_LEAST_BEFORE = 3
# The capital first: capitals are rare, so this takes half the time of looking back everywhere.
_CAMEL = re.compile(r"[A-Z](?=[a-z])(?<=[a-z0-9][A-Z])")
# Korean words of this length are known with a gap too: 안전 벨트.
_WITH_GAPS = 3
_HANGUL = "[가-힣]"


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words that name a task; `added` are the company's own, and win over those built in."""

    added: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def words(self) -> dict[str, str]:
        """The task of each word, in lower case and without separators."""
        return TASKS | self.own

    @cached_property
    def own(self) -> dict[str, str]:
        """The task of each added word."""
        return {joined_word(word): task for word, task in self.added.items()}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """The pattern of all words: the longest first, those that begin with Latin before all."""
        korean = sorted(
            (word for word in self.words if not word.isascii()), key=lambda word: (-len(word), word)
        )
        mixed = [_spelled(word) for word in korean if word[0].isascii()]
        hangul = [_spelled(word) for word in korean if not word[0].isascii()]
        short = [word for word in hangul if self._begins_words(word)]
        inside = "|".join(word for word in hangul if word not in short)
        first = "".join(sorted({word[0] for word in hangul}))
        begins = f"|(?<!{_HANGUL})(?:{'|'.join(short)})" if short else ""
        # Few places begin a word; one look saves trying every word at every place.
        return re.compile(
            "|".join((*mixed, LATIN_PART.pattern, f"(?=[{first}])(?:{inside}){begins}"))
        )

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        """Every beginning of a word: most words of a text begin no known pair."""
        return frozenset(word[:length] for word in self.words for length in range(1, len(word) + 1))

    def _begins_words(self, word: str) -> bool:
        """Whether a word counts only where a word of the text begins."""
        return len(word) < _WITH_GAPS and word in self.own and word not in TASKS

    def words_in(self, text: str) -> list[str]:
        """Return the words of a text in its order: Latin ones in lower case, known Korean ones."""
        plain = _CAMEL.sub(r" \g<0>", text).lower()
        pattern = LATIN_PART if plain.isascii() else self._pattern  # they find the same there
        found = pattern.findall(plain)
        # A text repeats its words, and few are written as one.
        parts = {word: parts for word in set(found) if (parts := self._parts(word)) != (word,)}
        return [part for word in found for part in parts.get(word, (word,))] if parts else found

    def _parts(self, word: str) -> tuple[str, ...]:
        """Return the words that are written as one: `objectdetection` has object and detection."""
        if not word.isascii():
            return (joined_word(word),)
        if not word.endswith(_ENDS):
            return (word,)
        end = next(end for end in _ENDS if word.endswith(end))
        if len(word) - len(end) < _LEAST_BEFORE or word in self.words:
            return (word,)
        return (word.removesuffix(end), end)

    def task_of(self, word: str) -> str | None:
        """Return the task that a word names; `ppe+intrusion` names both."""
        parts = [part for part in re.split(r"[+&]", word.lower()) if part]
        tasks = [self._task_of_part(part) for part in parts]
        return "+".join(dict.fromkeys(tasks)) if parts and all(tasks) else None

    def _task_of_part(self, part: str) -> str:
        known = self.known(part)
        if known:
            return self.words[known]
        return "" if part.isascii() else next(iter(self.tasks_in(self.words_in(part))), "")

    def known(self, word: str) -> str | None:
        """Return the singular under which a word is known."""
        if word in self.words:
            return word
        if not word.endswith("s"):
            return None
        return next((stem for stem in (word[:-1], word[:-2]) if stem in self.words), None)

    def tasks_in(self, words: Sequence[str], *, but: frozenset[str] = frozenset()) -> list[str]:
        """Return the tasks that words name, in their order; everyday words come after pairs.

        A word in a known pair does not count again: a seat belt is not a belt.
        """
        pairs = dict(self._pairs(words))
        # A text repeats its words, and few of them are known.
        known = {word: known for word in set(words) if (known := self.known(word))}
        if not pairs and not known:
            return []
        places = [
            n
            for n, (one, two) in enumerate(itertools.pairwise(words))
            if one in _BEGINS_NO_TASK and (one, two) in _NO_TASKS
        ]
        taken = {n + half for n in (*pairs, *places) for half in (0, 1)}
        alone = {n: known[word] for n, word in enumerate(words) if word in known and n not in taken}
        found = pairs | {n: word for n, word in alone.items() if word}
        # An everyday word says less than a pair, wherever it is: a fall and a safety harness.
        order = sorted(found, key=lambda n: (bool(pairs) and found[n] in EVERYDAY, n))
        return [task for n in order if found[n] not in but and (task := self.words[found[n]])]

    def parts_of_pairs(self, words: Sequence[str]) -> set[str]:
        """Return the words that are half of a known pair: safety and belt of a safety belt."""
        return {words[n + half] for n, _known in self._pairs(words) for half in (0, 1)}

    def _pairs(self, words: Sequence[str]) -> Iterator[tuple[int, str]]:
        first = {word for word in set(words) if word in self._beginnings or word[:-1] in self.words}
        for number, (one, two) in enumerate(itertools.pairwise(words)):
            if one not in first:
                continue
            known = self.known(one + two) if (one, two) not in _NO_TASKS else None
            if known:
                yield number, known

    def own_word(self, words: Sequence[str], task: str) -> str:
        """Return the first added word among these through which they name a task, '' for none."""
        pairs = [known for _number, known in self._pairs(words)]
        for word in (*pairs, *map(self.known, words)):
            named = self.own.get(word or "")
            if named and any(as_one([part, named]) == [part] for part in task.split("+")):
                return word or ""
        return ""

    def reasons(self, words: Sequence[str], task: str) -> tuple[Message, ...]:
        """Return the reason to add where an added word made the words name this task."""
        word = self.own_word(words, task) if self.added else ""
        return (VOCABULARY(word=word),) if word else ()

    def is_silenced(self, word: str) -> bool:
        """Whether people decided that a word says nothing."""
        return self.own.get(word) == ""


BUILT_IN = Vocabulary()


@lru_cache(maxsize=1)
def vocabulary_with(added: tuple[tuple[str, str], ...]) -> Vocabulary:
    """Return the vocabulary with these words and their tasks; kept, as every directory asks."""
    return Vocabulary(added=dict(added)) if added else BUILT_IN


def _spelled(word: str) -> str:
    """Return the pattern of a word that holds Hangul; it was checked to hold no other signs."""
    return r"[\s_\-]?".join(word) if len(word) >= _WITH_GAPS else word


def as_one(tasks: Sequence[str]) -> list[str]:
    """Return different tasks in order, with kindred ones as one: fire and smoke are fire."""
    found = list(dict.fromkeys(tasks))
    for kin, task in _KINDRED:
        if kin <= set(found):
            found = list(dict.fromkeys(task if one in kin else one for one in found))
    return found


def foremost(tasks: Sequence[str]) -> str | None:
    """Return the first task that is more than an object."""
    merged = as_one(tasks)
    own = [task for task in merged if task not in OBJECTS]
    return next(iter(own or merged), None)
