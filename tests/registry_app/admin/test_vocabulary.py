"""A PM extends the vocabulary; others read it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from registry_app.changes.undo import undo
from registry_app.models import ChangeSet, VocabularyWord
from tests.factories import make_member

pytestmark = pytest.mark.django_db
LIST = reverse("admin:registry_app_vocabularyword_changelist")
ADD = reverse("admin:registry_app_vocabularyword_add")


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(make_member("PM", "jiwoo"))
    return client


def add(client: Client, **fields: Any) -> str:
    data = {"word": "", "task": "", "language": "", "note": "", "_save": "Save"}
    return client.post(ADD, data | fields, follow=True).text


def test_an_empty_vocabulary_shows_the_built_in_words(jiwoo: Client) -> None:
    page = jiwoo.get(LIST).text
    assert "No word has been added yet." in page
    assert re.search(r"<strong>ppe</strong>:[^<]*안전고리", page)
    assert re.search(r"<strong>says nothing</strong>:[^<]*안전모드", page)


def test_a_pm_adds_a_word_in_its_form_and_undoes_it(jiwoo: Client) -> None:
    page = add(jiwoo, word=" Tag-Line ", task="tag-line", note="rope of a lifted load")
    assert "tagline" in page
    row = VocabularyWord.objects.get()
    assert (row.word, row.task, row.language) == ("tagline", "tag-line", "en")
    made = ChangeSet.objects.get()
    assert "word tagline" in jiwoo.get(reverse("admin:registry_app_changeset_changelist")).text
    undo(made, by=None)
    assert not VocabularyWord.objects.exists()


def test_a_built_in_word_is_switched_off(jiwoo: Client) -> None:
    page = add(jiwoo, word="벨트")
    assert "says nothing" in page
    assert "Instead of the built-in word for" in page
    page = jiwoo.get(LIST).text
    assert "<s>벨트</s>" in page
    assert "No word has been added yet." not in page


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"word": "줄", "task": "ppe"}, "is too short"),
        ({"word": "a.*b", "task": "ppe"}, "not of ., *."),
        ({"word": "안전\u202e고리", "task": "ppe"}, "U+202E"),
        ({"word": "가" * 51, "task": "ppe"}, "at most 50 characters"),
        ({"word": "- -", "task": "ppe"}, "A word is missing."),
        ({"word": "hook", "task": "p\u202epe"}, "no invisible characters"),
        ({"word": "hook", "note": "a\nb"}, "no invisible characters"),
        ({"word": "안전 고리", "task": "fall"}, "This word is in the vocabulary already."),
    ],
)
def test_what_cannot_be_a_word_is_refused(
    jiwoo: Client, fields: dict[str, str], problem: str
) -> None:
    VocabularyWord.objects.create(word="안전고리", task="ppe", language="ko")
    assert problem in add(jiwoo, **fields)
    assert VocabularyWord.objects.count() == 1


def test_the_list_is_searched_and_filtered(jiwoo: Client) -> None:
    VocabularyWord.objects.create(word="안전고리", task="hook-state", language="ko")
    VocabularyWord.objects.create(word="outrigger", task="outrigger", language="en")
    VocabularyWord.objects.create(word="벨트", task="", language="ko")
    assert shown(jiwoo, "?q=고리") == ["안전고리"]
    assert shown(jiwoo, "?task=outrigger") == ["outrigger"]
    assert shown(jiwoo, "?task=-") == ["벨트"]
    assert shown(jiwoo, "?language__exact=ko") == ["벨트", "안전고리"]


def shown(client: Client, query: str) -> list[str]:
    page = client.get(LIST + query)
    return [row.word for row in page.context["cl"].result_list]


def test_the_list_takes_few_queries_however_many_words_there_are(
    jiwoo: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    VocabularyWord.objects.bulk_create(
        VocabularyWord(word=f"낱말{number}", task="x", language="ko") for number in range(60)
    )
    with django_assert_max_num_queries(12):
        jiwoo.get(LIST)


@pytest.mark.parametrize("group", ["Viewer", "Engineer"])
def test_others_read_the_vocabulary_and_change_nothing(client: Client, group: str) -> None:
    client.force_login(make_member(group))
    row = VocabularyWord.objects.create(word="안전고리", task="ppe", language="ko")
    page = client.get(LIST).text
    assert "안전고리" in page
    assert ADD not in page
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, {"word": "hook", "task": "ppe"}).status_code == 403
    delete = reverse("admin:registry_app_vocabularyword_delete", args=[row.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert VocabularyWord.objects.get() == row
