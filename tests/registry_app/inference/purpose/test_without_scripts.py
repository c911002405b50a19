"""Directories without a script that are experiments all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry_app.scan.run import scan


@pytest.mark.parametrize(
    ("files", "listed"),
    [
        ({"best.onnx": "x"}, True),
        ({"weights/best.pt": "x", "data.yaml": "names: [a]"}, True),
        ({"main.cpp": "#include <NvInfer.h>\n"}, True),
        ({"src/eye.cpp": "#include <jetson-inference/detectNet.h>\n"}, True),
        ({"src/lib.rs": "use ort;\n// onnxruntime\n"}, True),
        ({"README.md": "# 헬멧 모델 전달본"}, True),
        ({"README.md": "# Gate counter on TensorRT"}, True),
        ({"README.md": "# Minutes of the meeting"}, False),
        ({"main.cpp": "#include <iostream>\n"}, False),
        ({"data.yaml": "names: [a]"}, False),
        ({"images/1.jpg": "x"}, False),
    ],
)
def test_what_makes_an_experiment(tmp_path: Path, files: dict[str, str], listed: bool) -> None:
    for name, text in files.items():
        path = tmp_path / "handed-over" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    result = scan([tmp_path])
    assert bool(result.experiments) is listed
    left = [child.path.name for child in result.left_out]
    assert left == ([] if listed else ["handed-over"])


@pytest.mark.parametrize(
    ("code", "types"),
    [
        ("#include <jetson-inference/detectNet.h>\n", ["infer"]),
        ("#include <iostream>\n", []),
    ],
)
def test_code_of_another_language_tells_what_a_launcher_starts(
    tmp_path: Path, code: str, types: list[str]
) -> None:
    folder = tmp_path / "gate-follower"
    folder.mkdir()
    (folder / "eye.cpp").write_text(code)
    (folder / "follow.sh").write_text("./follow --input-width=1280 csi://0\n")
    (folder / "data.yaml").write_text("names: [a]\n")
    [experiment] = scan([tmp_path]).experiments
    assert list(experiment.document.entry_points) == types
