"""What a script has written into itself is shown with its line."""

from __future__ import annotations

from registry_app.inference.fixed_values import fixed_values
from tests.registry_app.inference.projects import make_source


def test_constants_and_keywords_of_ultralytics_by_their_line() -> None:
    source = make_source("""
    from ultralytics import YOLO
    from pathlib import Path
    ROOT = Path(__file__).parent
    EPOCHS = 100
    CLASSES = ["안전모", "조끼"]
    lower = 3
    TEXT = '''two
    lines'''
    if __name__ == "__main__":
        WEIGHTS: str = "yolo11n.pt"
        model = YOLO(WEIGHTS)
        model.train(
            data=ROOT / "ppe.yaml",
            epochs=EPOCHS,
            **more,
        )
        other.eval(batch=2)
    """)
    assert [(one.source, one.name, one.value) for one in fixed_values(source)] == [
        ("train.py:4", "ROOT", "Path(__file__).parent"),
        ("train.py:5", "EPOCHS", "100"),
        ("train.py:6", "CLASSES", "['안전모', '조끼']"),
        ("train.py:11", "WEIGHTS", "yolo11n.pt"),
        ("train.py:12", "YOLO", "WEIGHTS"),
        ("train.py:14", "train.data", "ROOT / 'ppe.yaml'"),
        ("train.py:15", "train.epochs", "EPOCHS"),
    ]


def test_train_of_others_says_nothing() -> None:
    assert fixed_values(make_source("model.train(epochs=3)\n")) == ()


def test_a_file_that_cannot_be_parsed_has_none() -> None:
    assert fixed_values(make_source("EPOCHS = 3\nprint EPOCHS\n")) == ()
