"""Scripts that Python cannot parse: their text and name say what they are for."""

from __future__ import annotations

import pytest

from registry_app.choices import Confidence
from registry_app.inference.purpose.entry_points import find_entry_scripts
from tests.registry_app.inference.projects import make_project


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        ("train_svm.py", "model.fit(x, y)\nprint('done'\n", ("train",)),
        ("look.py", "model = YOLO('a'\nmodel.predict(source='b')\n", ("infer",)),
        ("go.py", "loss.backward()\noptimizer.step(,)\n", ("train",)),
        ("to_onnx.py", "torch.onnx.export(net, 'a', )(\n", ("quant",)),
        ("create_tfrecord.py", "set.train(x)\nprint('a'\n", ("data",)),  # the name decides
        ("notes.py", "print('hello'\n", ()),
        # Each of what is compared is fitted before; a test may as well train.
        ("model_comparison.py", "model.fit(x)\nmodel.predict(y)\nprint('a'\n", ("eval",)),
        ("model_test.py", "model.fit(x)\nprint('a'\n", ("train",)),
        ("pallet_detection.py", "!ls data\nYOLO('a').train(data='b', epochs=3)\n", ("train",)),
    ],
)
def test_text_and_name_say_it_unsurely(path: str, text: str, types: tuple[str, ...]) -> None:
    [script] = find_entry_scripts(make_project({path: text}))
    assert script.types.value == types
    assert script.types.confidence is Confidence.UNSURE or text.startswith("!")
    assert script.warnings  # with the line that is wrong


def test_a_broken_module_that_only_defines_is_no_script() -> None:
    assert not find_entry_scripts(make_project({"parts.py": "def a(:\n    pass\n"}))
