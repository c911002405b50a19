"""The security headers of every page, and what differs under https."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from runs_app.choices import RunStatus
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db

PAGES = (
    *("index", "auth_user_add", "runs_app_run_changelist", "registry_app_experiment_changelist"),
    *("registry_app_experiment_add", "registry_app_proposal_changelist", "password_change"),
    *("registry_app_scanjob_add", "registry_app_customer_add", "runs_app_hostheartbeat_changelist"),
)
# Code in the page itself: a script without an address that is no data, or a handler.
INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*\btype=\"application/json\")|<[^>]* on[a-z]+=")


def directives(header: str) -> dict[str, str]:
    pairs = (part.strip().partition(" ") for part in header.split(";"))
    return {name: value for name, _space, value in pairs}


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("jiwoo"))
    return client


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_page_says_where_code_may_come_from_and_has_none_itself(
    jiwoo: Client, page: str, language: str
) -> None:
    answer = jiwoo.get(reverse(f"admin:{page}"), headers={"accept-language": language})
    assert answer.status_code == 200
    reported = directives(answer["Content-Security-Policy"])
    # Alpine needs to compile expressions; nothing lets code in the page run.
    assert reported["script-src"] == "'self' 'unsafe-eval'"
    assert (reported["object-src"], reported["base-uri"], reported["frame-ancestors"]) == (
        "'none'",
    ) * 3
    assert not INLINE.search(answer.content.decode())


def test_refusals_errors_and_the_log_in_have_it_too(jiwoo: Client) -> None:
    run = make_run(make_experiment(), RunStatus.SUCCEEDED)
    for address, status in (
        ("/admin/nowhere/", 404),
        (reverse("admin:runs_app_run_change", args=[run.pk]), 200),
        ("/healthz", 503),
    ):
        answer = jiwoo.get(address)
        assert answer.status_code in {status, 200}
        assert "script-src" in answer["Content-Security-Policy"], address
    assert "script-src" in Client().get("/admin/login/")["Content-Security-Policy"]


ANSWERS = """\
import django
django.setup()
from django.test import Client
for address in ("/admin/login/", "/healthz", "/metrics"):
    answer = Client().get(address, headers={"host": "portal.example.com"})
    print(address, answer.status_code, answer.get("Location", "-"))
for sender in ("127.0.0.1", "203.0.113.9"):
    headers = {"host": "portal.example.com", "x-forwarded-proto": "https"}
    answer = Client().get("/admin/login/", headers=headers, REMOTE_ADDR=sender)
    hsts = answer.get("Strict-Transport-Security", "-")
    print("said https by", sender, answer.status_code, hsts)
answer = Client().get("/admin/login/", headers={"host": "portal.example.com"}, secure=True)
print("hsts", answer.get("Strict-Transport-Security", "-"))
"""


def under_https(tmp_path: Path, *argv: str, hsts_s: str = "", proxies: str = "127.0.0.1") -> str:
    (tmp_path / "experiments").mkdir(exist_ok=True)
    (tmp_path / "home").mkdir(mode=0o700, exist_ok=True)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "GUARDIANFLOW_HOME": str(tmp_path / "home"),
        "GUARDIANFLOW_ROOTS": str(tmp_path / "experiments"),
        "GUARDIANFLOW_URL": "https://portal.example.com",
        "GUARDIANFLOW_HSTS_S": hsts_s,
        "GUARDIANFLOW_TRUSTED_PROXIES": proxies,
    }
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, *argv],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.processes
def test_djangos_own_look_at_a_deployment_finds_nothing(tmp_path: Path) -> None:
    output = under_https(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert "no issues (1 silenced)" in output


@pytest.mark.processes
@pytest.mark.parametrize(
    ("hsts_s", "header"),
    [
        pytest.param("", "-", marks=pytest.mark.proof),
        pytest.param("0", "-", marks=pytest.mark.proof),
        ("3600", "max-age=3600"),
    ],
)
def test_under_https_pages_lead_there_and_this_machine_may_still_ask(
    tmp_path: Path, empty_database: Path, hsts_s: str, header: str
) -> None:
    (tmp_path / "home").mkdir(mode=0o700)
    shutil.copy(empty_database, tmp_path / "home/portal.sqlite3")
    output = under_https(tmp_path, "-c", ANSWERS, hsts_s=hsts_s)
    assert "/admin/login/ 301 https://portal.example.com/admin/login/" in output
    assert "/healthz 503 -" in output
    assert "/metrics 301" not in output
    assert f"hsts {header}\n" in output
    assert f"said https by 127.0.0.1 200 {header}\n" in output
    assert "said https by 203.0.113.9 301 -\n" in output


@pytest.mark.proof
@pytest.mark.processes
def test_without_a_trusted_proxy_nothing_leads_in_circles(
    tmp_path: Path, empty_database: Path
) -> None:
    (tmp_path / "home").mkdir(mode=0o700)
    shutil.copy(empty_database, tmp_path / "home/portal.sqlite3")
    output = under_https(tmp_path, "-c", ANSWERS, hsts_s="3600", proxies="")
    assert "/admin/login/ 200 -" in output
    assert "said https by 127.0.0.1 200 -\n" in output
