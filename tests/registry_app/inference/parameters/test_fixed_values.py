"""What a script has written into itself is shown with its line."""

from __future__ import annotations

import pytest

from registry_app.inference.parameters.fixed_values import fixed_values
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
    assert [(value.source, value.name, value.value) for value in fixed_values(source)] == [
        ("train.py:5", "EPOCHS", "100"),
        ("train.py:6", "CLASSES", "['안전모', '조끼']"),
        ("train.py:11", "WEIGHTS", "yolo11n.pt"),
        ("train.py:12", "YOLO", "WEIGHTS"),
        ("train.py:14", "train.data", "ROOT / 'ppe.yaml'"),
        ("train.py:15", "train.epochs", "EPOCHS"),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # Where the script itself lies is nothing to set; what lies beside it is.
        ("FILE = Path(__file__).resolve()\nROOT = FILE.parents[0]", []),
        ("ROOT = Path(__file__)\nROOT = Path(os.path.relpath(ROOT, Path.cwd()))", []),
        ("BASE_DIR = os.path.dirname(os.path.abspath(__file__))", []),
        ("UP = os.path.join(os.path.dirname(__file__), '..')", []),
        ("here = Path(__file__).parent\nROOT = here.parent", []),
        ("ROOT = Path(__file__).parent\nWEIGHTS = ROOT / 'best.pt'", ["WEIGHTS"]),
        ("ROOT = Path('/data/ppe')", ["ROOT"]),
        # Nor is what only a run makes, or a launcher sets.
        ("LOGGER = logging.getLogger(__name__)\nLOCK = Lock()", []),
        ("RANK = int(os.getenv('RANK', -1))", []),
        ("DEVICE = torch.device('cuda:0')", ["DEVICE"]),
        ("SIZE = 640\nSHAPE = tuple(SIZE, SIZE)", ["SIZE", "SHAPE"]),
        ("THRESHOLD = 0.5", ["THRESHOLD"]),
    ],
)
def test_what_no_user_would_set_is_left_out(text: str, names: list[str]) -> None:
    assert [value.name for value in fixed_values(make_source(text))] == names


def test_a_variable_is_shown_by_its_value_or_not_at_all() -> None:
    source = make_source("""
    from ultralytics import YOLO
    weights = "best.pt"
    def main(epochs):
        YOLO(weights).train(epochs=epochs, data=args.data)
    """)
    assert [(value.name, value.value) for value in fixed_values(source)] == [
        ("YOLO", "best.pt"),
        ("train.data", "args.data"),
    ]


def test_train_of_others_says_nothing() -> None:
    assert fixed_values(make_source("model.train(epochs=3)\n")) == ()


def test_a_file_that_cannot_be_parsed_has_none() -> None:
    assert fixed_values(make_source("EPOCHS = 3\nprint(EPOCHS\n")) == ()
