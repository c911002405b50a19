"""The runner knows no Django, and yet refuses in the language of whoever reads it."""

from __future__ import annotations

import pytest
from django.utils import translation

from registry_app.arguments.parameters import Parameter
from runs_app.runner import language
from runs_app.runner.command.build import build_command
from runs_app.runner.exceptions import CommandError

EPOCHS = Parameter(name="epochs", flag="--epochs", type="int")


def refusal_of(template: str = "", **values: object) -> str:
    with pytest.raises(CommandError) as refused:
        build_command(
            launcher=("python", "train.py"),
            template=template,
            parameters=[EPOCHS],
            parameters_known=True,
            values=values,
        )
    return str(refused.value)


@pytest.mark.parametrize(
    ("template", "values", "korean"),
    [
        ("", {"epoch": 3}, "스크립트에 'epoch' 매개변수가 없습니다. 혹시 epochs인가요?"),
        ("", {"epochs": "abc"}, "epochs: 'abc' 대신 정수를 주세요."),
        ("", {"epochs": [1, 2]}, "epochs: 값을 1개만 받는데 2개를 주었습니다: 1, 2."),
        ('--name "', {}, "인자 템플릿의 따옴표가 닫히지"),
    ],
)
def test_a_refusal_is_told_in_korean(template: str, values: dict[str, object], korean: str) -> None:
    with translation.override("ko"):
        assert refusal_of(template, **values).startswith(korean)


def test_without_the_portal_it_is_told_as_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_translator", [language._as_written])
    with translation.override("ko"):
        assert refusal_of(epochs="abc") == "epochs: give a whole number, not 'abc'."
