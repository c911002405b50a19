"""What people may add to the vocabulary, and the form in which it is kept."""

from __future__ import annotations

import unicodedata

import pytest

from registry_app.word_forms import joined_word, language_of, word_problem


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("안전고리", "안전고리"),
        (" 안전 고리 ", "안전고리"),
        (unicodedata.normalize("NFD", "안전고리"), "안전고리"),
        ("Hard Hat", "hardhat"),
        ("hard-hat", "hardhat"),
        ("BCT", "bct"),
        ("H2S", "h2s"),
        ("BCT차량", "bct차량"),
        ("추락", "추락"),
    ],
)
def test_a_word_is_kept_as_it_is_looked_up(written: str, kept: str) -> None:
    assert word_problem(written) is None
    assert joined_word(written) == kept


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", "A word is missing."),
        (" - _ ", "A word is missing."),
        ("줄", "“줄” is too short: a word has at least two characters."),
        ("x", "“x” is too short: a word has at least two characters."),
        ("가" * 51, "A word has at most 50 characters."),
        ("a" * 100_000, "A word has at most 50 characters."),
        ("hook.*", "not of ., *."),
        ("(a+)+", "not of (, +, )."),
        ("안전\u202e고리", "not of U+202E."),
        ("안전\u200b고리", "not of U+200B."),
        ("hook\0", "not of U+0000."),
        ("ＢＣＴ", "not of ｂ, ｃ, ｔ."),
        ("安全帽", "not of 安, 全, 帽."),
        ("ㅋㅋ", "not of ㅋ."),
        ("4m", "“4m” begins with a digit; a word begins with a letter."),
        ("fall arrest system", "“fallarrestsystem” has more than two parts."),
    ],
)
def test_what_could_never_be_found_is_refused_with_the_reason(written: str, problem: str) -> None:
    assert problem in str(word_problem(written))


def test_the_letters_of_a_word_show_its_language() -> None:
    assert [language_of(word) for word in ("안전고리", "bct차량", "hook")] == ["ko", "ko", "en"]
