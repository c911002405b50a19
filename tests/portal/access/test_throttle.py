"""Log-ins that fail too often, per pair of account and address."""

from __future__ import annotations

import ipaddress
import logging
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from portal import environment
from portal.access import throttle
from portal.access.client_address import client_address
from portal.models import AuditEntry, RightsKind
from tests.factories import make_user

LOG_IN = "/admin/login/"
PASSWORD = "sampyo gimhae 2026"


def try_in(client: Client, name: str, password: str, **extra: Any) -> Any:
    return client.post(LOG_IN, {"username": name, "password": password}, **extra)


def fail_often(client: Client, name: str, **extra: Any) -> Any:
    return [try_in(client, name, f"guess {number}", **extra) for number in range(5)][-1]


@pytest.mark.django_db
def test_the_fifth_failure_locks_the_pair_for_a_quarter_of_an_hour(client: Client) -> None:
    make_user("minsu", password=PASSWORD, is_staff=True)
    answer = fail_often(client, "minsu")
    assert answer.status_code == 429
    assert "Try again in 15 minutes." in answer.content.decode()
    assert 0 < int(answer["Retry-After"]) <= 900
    right = try_in(client, "minsu", PASSWORD)
    assert right.status_code == 429
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_others_and_other_addresses_are_let_in(client: Client) -> None:
    make_user("minsu", password=PASSWORD, is_staff=True)
    make_user("sora", password=PASSWORD, is_staff=True)
    fail_often(client, "minsu")
    assert try_in(client, "sora", PASSWORD).status_code == 302
    assert try_in(client, "minsu", PASSWORD, REMOTE_ADDR="10.0.0.7").status_code == 302


@pytest.mark.django_db
def test_an_account_that_is_none_gets_the_same_answers(client: Client) -> None:
    make_user("minsu", password=PASSWORD, is_staff=True)

    def seen(name: str) -> list[tuple[int, str]]:
        answers = [try_in(client, name, "guess") for _time in range(6)]
        return [(item.status_code, errors(item)) for item in answers]

    known = seen("minsu")
    assert [status for status, _text in known] == [200] * 4 + [429] * 2
    assert seen("nobody") == known


def errors(answer: Any) -> str:
    return " ".join(str(error) for error in answer.context_data["form"].non_field_errors())


@pytest.mark.django_db
def test_a_korean_reader_reads_korean(client: Client) -> None:
    answer = fail_often(client, "minsu", HTTP_ACCEPT_LANGUAGE="ko")
    assert "15분 뒤에" in answer.content.decode()


@pytest.mark.django_db
def test_trying_on_does_not_make_the_lock_longer_and_it_ends(client: Client) -> None:
    make_user("minsu", password=PASSWORD, is_staff=True)
    fail_often(client, "minsu")
    ago = timezone.now() - timedelta(minutes=14)
    AccessAttempt.objects.update(attempt_time=ago)
    assert "Try again in 1 minute." in try_in(client, "minsu", "guess").content.decode()
    assert list(AccessAttempt.objects.values_list("attempt_time", flat=True)) == [ago]
    AccessAttempt.objects.update(attempt_time=ago - timedelta(minutes=2))
    assert try_in(client, "minsu", PASSWORD).status_code == 302


@pytest.mark.django_db
def test_another_browser_does_not_begin_to_count_again(client: Client) -> None:
    for number in range(5):
        answer = try_in(client, "minsu", "guess", HTTP_USER_AGENT=f"browser {number}")
    assert answer.status_code == 429


@pytest.mark.django_db
def test_failures_are_logged_with_account_and_address_and_no_password(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        try_in(client, "minsu\nroot", "hunter2", REMOTE_ADDR="10.0.0.7")
        try_in(client, "minsu", "hunter2", REMOTE_ADDR="10.0.0.7")
    assert "log-in failed account='minsu' address=10.0.0.7" in caplog.text
    assert "hunter2" not in caplog.text
    stored = [*AccessFailureLog.objects.values(), *AccessAttempt.objects.values()]
    assert stored
    assert "hunter2" not in str(stored)
    assert "\nroot" not in caplog.text


@pytest.mark.django_db
def test_an_account_is_unlocked_by_command(client: Client) -> None:
    make_user("minsu", password=PASSWORD, is_staff=True)
    fail_often(client, "minsu")
    output = StringIO()
    call_command("unlock", "minsu", stdout=output)
    assert "minsu can log in again" in output.getvalue()
    assert try_in(client, "minsu", PASSWORD).status_code == 302
    assert AuditEntry.objects.filter(kind=RightsKind.UNLOCKED, subject="minsu").count() == 1
    call_command("unlock", "minsu", stdout=output)
    assert "No log-in of minsu has failed lately." in output.getvalue()
    with pytest.raises(CommandError, match="no account nobody"):
        call_command("unlock", "nobody")


@pytest.mark.django_db
def test_failures_of_several_browsers_end_the_lock_when_too_few_are_left() -> None:
    now = timezone.now()
    for minutes, failures, agent in ((14, 3, "a"), (4, 3, "b")):
        row = AccessAttempt.objects.create(
            username="minsu", ip_address="10.0.0.1", user_agent=agent, failures_since_start=failures
        )
        AccessAttempt.objects.filter(pk=row.pk).update(
            attempt_time=now - timedelta(minutes=minutes)
        )
    assert throttle.seconds_left("minsu", "10.0.0.1", now=now) == 60


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", "10.0.0.7", "203.0.113.9"),
        ("10.1.1.1", "203.0.113.9", "203.0.113.9"),
        ("10.1.1.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        ("10.1.1.1", "1.2.3.4, 203.0.113.9, 10.2.2.2", "203.0.113.9"),
        ("10.1.1.1", "10.9.9.9, 10.2.2.2", "10.9.9.9"),
        ("10.1.1.1", "", "10.1.1.1"),
        ("10.1.1.1", "nonsense", "10.1.1.1"),
        ("10.1.1.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.1.1.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:10.1.1.1", "203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "203.0.113.9", "fe80::1"),
        ("", "203.0.113.9", None),
    ],
)
def test_only_a_trusted_proxy_is_believed(
    rf: RequestFactory, settings: Settings, peer: str, forwarded: str, expected: str | None
) -> None:
    settings.GUARDIANFLOW_TRUSTED_PROXIES = [ipaddress.ip_network("10.0.0.0/8")]
    request = rf.get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == expected


def test_no_proxy_is_trusted_by_itself(rf: RequestFactory, settings: Settings) -> None:
    assert settings.GUARDIANFLOW_TRUSTED_PROXIES == []
    request = rf.get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert client_address(request) == "127.0.0.1"


def test_the_setting_takes_addresses_and_networks() -> None:
    read = environment.trusted_proxies({"GUARDIANFLOW_TRUSTED_PROXIES": "127.0.0.1, fd00::1/8,"})
    assert [str(item) for item in read] == ["127.0.0.1/32", "fd00::/8"]
    with pytest.raises(ImproperlyConfigured, match=r"proxy\.example"):
        environment.trusted_proxies({"GUARDIANFLOW_TRUSTED_PROXIES": "proxy.example"})
