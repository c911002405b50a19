"""Cells of environment variables: written and read the same, wrong ones refused."""

from __future__ import annotations

import pytest

from registry_app.resources.cells import VariablesWidget, widget_of
from registry_app.schema.fields import FieldKind


@pytest.mark.parametrize(
    "variables", [{}, {"A": ""}, {"PPE_DATA": "/nas/a=b, c", "EPOCHS": "3"}, {"NOTE": "용접 구역"}]
)
def test_variables_survive_a_sheet(variables: dict[str, str]) -> None:
    widget = VariablesWidget()
    assert widget.clean(widget.render(variables)) == variables


@pytest.mark.parametrize(
    ("cell", "reported"),
    [
        ("PPE_DATA", "NAME=value in a line of its own: PPE_DATA"),
        ("A=1\nA=2", "NAME=value in a line of its own: A=2"),
        ("LD_PRELOAD=/x\nA=1", "can start other code"),
        ("API_KEY=abc", "looks like a secret"),
    ],
)
def test_wrong_variables_are_refused(cell: str, reported: str) -> None:
    with pytest.raises(ValueError, match=reported):
        VariablesWidget().clean(cell)


def test_every_kind_of_fields_has_cells() -> None:
    names = {kind: type(widget_of(kind)).__name__ for kind in FieldKind}
    assert names[FieldKind.VARIABLES] == "VariablesWidget"
    assert names[FieldKind.TEXT] == names[FieldKind.FOLDER] == "TextWidget"
