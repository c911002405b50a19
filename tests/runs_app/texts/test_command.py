"""The runner knows no Django, and its refusals are read in the language of the reader."""

from __future__ import annotations

import pytest
from django.utils import translation

from registry_app.arguments.parameters import Parameter
from registry_app.reading import error_text
from runs_app.runner.command.build import build_command
from runs_app.runner.exceptions import CommandError

EPOCHS = Parameter(name="epochs", flag="--epochs", type="int")


def refusal_of(template: str = "", **values: object) -> CommandError:
    with pytest.raises(CommandError) as refused:
        build_command(
            launcher=("python", "train.py"),
            template=template,
            parameters=[EPOCHS],
            parameters_known=True,
            values=values,
        )
    return refused.value


@pytest.mark.parametrize(
    ("template", "values", "english", "korean"),
    [
        (
            "",
            {"epoch": 3},
            "The script has no parameter 'epoch'; did you mean epochs?",
            "스크립트에 'epoch' 매개변수가 없습니다. 혹시 epochs인가요?",
        ),
        (
            "",
            {"epochs": "abc"},
            "epochs: give a whole number, not 'abc'.",
            "epochs: 'abc' 대신 정수를 주세요.",
        ),
        (
            "",
            {"epochs": [1, 2]},
            "epochs takes 1 value, not 2: 1, 2.",
            "epochs: 값을 1개만 받는데 2개를 주었습니다: 1, 2.",
        ),
        ('--name "', {}, "The argument template has an open quote", "인자 템플릿의 따옴표가"),
    ],
)
def test_a_refusal_is_read_in_both_languages(
    template: str, values: dict[str, object], english: str, korean: str
) -> None:
    refusal = refusal_of(template, **values)
    with translation.override("ko"):
        assert str(refusal).startswith(english), "the same in every language"
        assert error_text(refusal).startswith(korean)
