"""What is typed at the log-in, however long."""

from __future__ import annotations

import pytest
from axes.models import AccessAttempt
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["9" * 151, "9" * 300, "가" * 5000])
def test_a_name_that_no_account_can_have_is_refused_and_not_recorded(
    client: Client, name: str
) -> None:
    answer = client.post("/admin/login/", {"username": name, "password": "x"})
    assert answer.status_code == 200
    assert "150" in " ".join(answer.context["form"].errors["username"])
    assert not AccessAttempt.objects.exists()


def test_the_longest_name_is_tried(client: Client) -> None:
    client.post("/admin/login/", {"username": "9" * 150, "password": "x"})
    assert AccessAttempt.objects.get().username == "9" * 150
