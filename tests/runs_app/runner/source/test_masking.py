"""No secret is written down; what explains a run is."""

from __future__ import annotations

import pytest

from runs_app.runner.source.masking import MASKED, masked


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WANDB_API_KEY", "x"),
        ("HF_TOKEN", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("db_password", "x"),
        ("PGPASSWORD", "x"),
        ("MYSQL_PWD", "x"),
        ("SENTRY_DSN", "x"),
        ("GITHUBTOKEN", "x"),
        ("SESSION_COOKIE", "x"),
        ("SLACK_WEBHOOK", "https://hooks.example/T0/B0"),
        ("SETTING", "ghp_0123456789abcdefghij"),
        ("SETTING", "hf_abcdefghijklmnop"),
        ("SETTING", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"),
        ("SETTING", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
        ("SETTING", "Server=db;Password=hunter2"),
        ("SETTING", "0123456789abcdef0123456789abcdef"),
    ],
)
def test_secrets_are_masked(name: str, value: str) -> None:
    assert masked({name: value}) == {name: MASKED}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATH", "/usr/bin:/bin"),
        ("LANG", "ko_KR.UTF-8"),
        ("CUDA_VISIBLE_DEVICES", "0,1"),
        ("OMP_NUM_THREADS", "8"),
        ("PWD", "/data/experiments/동화"),
        ("PYTHONUNBUFFERED", "1"),
        ("LD_LIBRARY_PATH", "/opt/conda/envs/very-long-name-of-environment/lib"),
        ("GUARDIANFLOW_RUN_ID", "0b8e7a2e-3c58-4a37-9a53-0c9b1f6c1c11"),
        ("MONKEY", "banana"),
        ("KEYBOARD_LAYOUT", "kr"),
        ("EMPTY_TOKEN", ""),
    ],
)
def test_what_explains_a_run_is_kept(name: str, value: str) -> None:
    assert masked({name: value}) == {name: value}


def test_address_keeps_all_but_name_and_password() -> None:
    shown = masked({"PIP_INDEX_URL": "https://jiwoo:hunter2@pypi.example/simple"})
    assert shown == {"PIP_INDEX_URL": f"https://{MASKED}@pypi.example/simple"}


def test_long_values_are_cut() -> None:
    assert len(masked({"LS_COLORS": "a:" * 10_000})["LS_COLORS"]) < 5000
