"""Scripts that Python cannot parse: their text and name say what they are for."""

from __future__ import annotations

import pytest

from registry_app.choices import Confidence
from registry_app.inference.purpose.entry_points import find_entry_scripts
from tests.registry_app.inference.projects import make_project


@pytest.mark.parametrize(
    ("path", "text", "types"),
    [
        ("train_svm.py", 'print "reading"\nmodel.fit(x, y)\n', ("train",)),
        ("look.py", "model = YOLO('a'\nmodel.predict(source='b')\n", ("infer",)),
        ("go.py", "loss.backward()\noptimizer.step(,)\n", ("train",)),
        ("to_onnx.py", "torch.onnx.export(net, 'a', )(\n", ("quant",)),
        ("create_tfrecord.py", "print 'a'\nset.train(x)\n", ("data",)),  # the name decides
        ("notes.py", "print 'hello'\n", ()),
    ],
)
def test_text_and_name_say_it_unsurely(path: str, text: str, types: tuple[str, ...]) -> None:
    [script] = find_entry_scripts(make_project({path: text}))
    assert (script.types.value, script.types.confidence) == (types, Confidence.UNSURE)
    assert script.warnings  # with the line that is wrong


def test_a_broken_module_that_only_defines_is_no_script() -> None:
    assert not find_entry_scripts(make_project({"parts.py": "def a(:\n    pass\n"}))
