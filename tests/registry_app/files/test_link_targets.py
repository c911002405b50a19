"""Which links out of an experiment are followed, by a table of examples."""

from __future__ import annotations

import pytest

from registry_app.files.link_targets import LinkRule

RULE = LinkRule(
    roots=("/data/experiments", "/srv/portal/demo"), closed=("/srv/portal", "/data/experiments/x")
)


@pytest.mark.parametrize(
    ("link", "target", "allowed"),
    [
        ("train.py", "/data/experiments/shared/train.py", True),
        ("train.py", "/data/experiments/shared/other_name.py", True),
        ("run.sh", "/data/experiments/shared/run.sh", True),
        ("train.py", "/srv/portal/demo/a/train.py", True),  # a root inside the portal's folder
        ("train.py", "/srv/portal/train.py", False),
        ("train.py", "/data/experiments/x/train.py", False),  # the portal's folder inside a root
        ("train.py", "/data/experiments_of_others/train.py", False),
        ("train.py", "/etc/train.py", False),
        ("train.py", "/data/experiments/shared/secret.yaml", False),
        ("data.yaml", "/data/experiments/shared/data.yaml", False),
        ("train", "/data/experiments/shared/train", False),
    ],
)
def test_only_scripts_inside_a_root_are_reached(link: str, target: str, allowed: bool) -> None:
    assert RULE.allows(link, target) is allowed


def test_without_roots_no_link_is_followed() -> None:
    assert not LinkRule().allows("train.py", "/data/experiments/train.py")
