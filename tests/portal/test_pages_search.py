"""The search of the menu: what it finds, and what it offers if it finds nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db


def found(client: Client, word: str) -> str:
    return client.get("/admin/search/", {"s": word}, headers={"accept-language": "en"}).text


@pytest.fixture
def minsu(client: Client) -> Client:
    client.force_login(make_member("Viewer", "minsu"))
    return client


def test_a_page_is_found_by_its_name(minsu: Client) -> None:
    text = found(minsu, "proposal")
    assert 'href="/admin/registry_app/proposal/"' in text
    assert "No page has this name" not in text


def test_where_no_page_is_found_the_lists_are_searched_on(minsu: Client) -> None:
    text = found(minsu, 'busan & <b>"')
    assert "No page has this name." in text
    assert "Search the experiments for “busan &amp; &lt;b&gt;&quot;”" in text
    for page in ("registry_app/experiment", "runs_app/run"):
        assert f'href="/admin/{page}/?q=busan%20%26%20%3Cb%3E%22"' in text


def test_no_user_is_sent_to_a_list_that_is_not_theirs(client: Client) -> None:
    client.force_login(make_user("newcomer", is_staff=True))
    text = found(client, "busan")
    assert "No page has this name." in text
    assert "<a " not in text
