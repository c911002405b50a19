"""Which parameters are taken for secrets."""

from __future__ import annotations

from typing import Any

import pytest

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.secret_names import MASKED, is_secret, shown


@pytest.mark.parametrize(
    "name",
    [
        *("password", "--password", "db.password", "dbPassword", "DB_PASSWORD", "passwords"),
        *("passwd", "--ftp-passwd", "secret", "aws_secret_access_key", "clientSecret", "secrets"),
        *("api_key", "--hf-api-key", "apiKey", "hfAPIKey", "API_KEYS", "apikey"),
        *("access-key", "accessKey", "credential", "--credentials", "token", "--hf-token"),
        *("authToken", "비밀_password"),
    ],
)
def test_the_words_of_a_name_tell_a_secret(name: str) -> None:
    assert is_secret(name, "hunter2")
    assert shown(name, "hunter2") == MASKED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("passwordless", "x"),
        ("secretary", "x"),
        ("keyboard", "x"),
        ("key", "x"),
        ("api", "key"),
        ("monkey_access", "x"),
        ("--max-tokens", "512"),
        ("--stop-tokens", "end"),
        ("--token-type", "bpe"),
        ("--n-token", "5"),
        ("--n-token", 5),
        ("--n-token", 1e5),
        ("--n-token", "1e5"),
        ("--pad-token", "<pad>"),
        ("--mask-token", "[MASK]"),
        ("--use-token", "true"),
        ("--use-token", True),
        ("--password", ""),
        ("--password", [""]),
        ("--password", None),
        ("epochs", "3"),
    ],
)
def test_what_only_looks_alike_is_none(name: str, value: Any) -> None:
    assert not is_secret(name, value)
    assert shown(name, value) == value


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        (Parameter(name="pin", secret=True), "1234", True),
        (Parameter(name="pin"), "1234", False),
        (Parameter(name="password_file", secret=False), "/etc/x", False),
        (Parameter(name="p", flag="--password"), "x", True),
        (Parameter(name="p", flag="--password", secret=False), "x", False),
        (Parameter(name="token", type="int"), "x", False),
        (Parameter(name="password", type="int"), 1234, True),
        (Parameter(name="password", action="store_true"), True, False),
    ],
)
def test_a_person_may_say_otherwise(parameter: Parameter, value: Any, expected: bool) -> None:
    assert parameter.hides(value) is expected


def test_what_a_user_decided_is_kept_both_ways() -> None:
    for output in (True, False):
        row = Parameter(name="a", secret=output).to_json(curated_only=True)
        assert row == {"name": "a", "secret": output}
        assert Parameter.from_json(row).secret is output
    assert Parameter(name="a").to_json() == {"name": "a"}
