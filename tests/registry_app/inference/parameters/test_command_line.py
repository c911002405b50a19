"""The template that is drafted from a command line passes the rule of templates."""

from __future__ import annotations

import pytest

from registry_app.arguments.parameters import Parameter
from registry_app.arguments.template import MAX_TEMPLATE_LENGTH, parse_template
from registry_app.inference.parameters.command_line import CommandLine, draft_template


@pytest.mark.parametrize("flag", ["--it's", "--{x}", "--a{", "--back\\"])
def test_an_option_that_no_template_can_hold_is_left_to_its_flag(flag: str) -> None:
    odd = Parameter(name="odd", flag=flag, required=True)
    plain = Parameter(name="data", flag="--data", required=True)
    line = CommandLine(parameters=(odd, plain), owners=("", ""))
    assert draft_template(line) == "--data {data}"


def test_a_template_ends_before_the_option_that_would_make_it_too_long() -> None:
    many = tuple(
        Parameter(name=f"option_{number}", flag=f"--option-{number}", required=True)
        for number in range(200)
    )
    template = draft_template(CommandLine(parameters=many, owners=("",) * len(many)))
    names = [name for word in parse_template(template) for name in word.names]
    assert names == [item.name for item in many[: len(names)]]
    assert len(template) <= MAX_TEMPLATE_LENGTH
    assert len(f"{template} --option-{len(names)} {{option_{len(names)}}}") > MAX_TEMPLATE_LENGTH
