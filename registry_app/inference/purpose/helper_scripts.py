"""Helper files that only test, package or document the work, so they are not entry points."""

from __future__ import annotations

import ast
import itertools
import posixpath
import re

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import PYTHON, SCRIPTS, Source

# With `test_tipc` the authors of Paddle test their own framework.
HELPER_FOLDERS = frozenset({"ci", "aws", "gcp", "test_tipc"})
# Few scripts in here do the work: a course's copy in `docs/training`.
_FOLDERS_BESIDE = frozenset({"docs", "docker"})
TEST_FOLDERS = frozenset({"test", "tests", "testing"})
HELPER_NAMES = frozenset(
    {"setup.py", "conftest.py", "__init__.py", "noxfile.py", "versioneer.py", "hubconf.py"}
)
# What people call the tests of a project, below a folder of tests.
_KINDS_OF_TESTS = frozenset("smoke unit integration e2e functional regression".split())
_TEST_NAME = re.compile(r"^(test_.+|.+_test)\.py$")
# A launcher of several tests: `gpu_tests.sh`; `test.sh` may measure a model.
_SUITE = re.compile(r"(?:^|[_-])tests\.(?:sh|bash|bat|cmd|ps1)$")
_FRAMEWORK = re.compile(r"^[ \t]*(?:import|from)\s+(?:pytest|unittest)\b", re.MULTILINE)
_CHECK = re.compile(r"^[ \t]*(?:def test_|class Test|async def test_)", re.MULTILINE)
_ARGUMENTS = re.compile(r"\bparse_args\b|\bsys\.argv\b")
_ASSERTION = re.compile(r"^[ \t]*assert\b", re.MULTILINE)
# Packages of frameworks that repositories hold a copy of.
_PACKAGES = frozenset(
    "ultralytics mmdet mmseg mmcv mmengine mmpose mmcls mmpretrain mmaction mmrotate mmocr mmtrack"
    " detectron2 anomalib paddleocr ppocr ppdet paddleseg torchvision super_gradients yolox"
    " segment_anything groundingdino transformers diffusers lightning pytorch_lightning"
    " mrcnn apex boxmot".split()
)
# What a trial shows to its user, and a check does not.
_LIVE = ("VideoCapture", "imshow", "waitKey", "imread", "imwrite")
_REMEMBERED = "folders of tests"


def is_helper(path: str, project: Project) -> bool:
    """Whether a file only tests, packages or documents the work."""
    *folders, name = path.split("/")
    if name in HELPER_NAMES or name.startswith("._") or name.endswith("-checkpoint.ipynb"):
        return True
    if _is_of_package(folders, project):
        return True
    lowered = [folder.lower() for folder in folders]
    return any(folder in HELPER_FOLDERS for folder in lowered) or any(
        _checks("/".join(folders[: number + 1]), project)
        for number, folder in enumerate(lowered)
        if folder in TEST_FOLDERS
    )


def is_beside_work(path: str) -> bool:
    """Whether a file is in a folder of documents or containers."""
    return any(folder.lower() in _FOLDERS_BESIDE for folder in path.split("/")[:-1])


def _is_of_package(folders: list[str], project: Project) -> bool:
    """Whether a file is inside a framework's own package, which people import and do not start."""
    return any(
        folder.lower() in _PACKAGES and "/".join([*folders[: number + 1], "__init__.py"]) in project
        for number, folder in enumerate(folders)
    )


def is_test(source: Source) -> bool:
    """Whether a file checks code; `test_quant.py` may instead try a model on images."""
    if not _TEST_NAME.match(posixpath.basename(source.path)) or source.tree is None:
        return False
    names = {node.name for node in source.nodes(ast.FunctionDef, ast.ClassDef)}
    is_named = any(name.startswith(("test_", "Test")) for name in names)
    if is_named and not any(source.nodes(ast.Assert)) and source.calls(*_LIVE):
        is_named = False  # `test_helmet_detection()` tries the model on a camera
    return is_named or _FRAMEWORK.search(source.text) is not None


def _checks(folder: str, project: Project) -> bool:
    """Whether any file in a folder of tests checks code: some such folders only try models."""
    known = project.remembered.setdefault(_REMEMBERED, {})
    verdicts: dict[str, bool] = known if isinstance(known, dict) else {}
    if folder not in verdicts:
        inside = (path for path in project.paths if path.startswith(f"{folder}/"))
        verdicts[folder] = any(_is_check(path, project) for path in inside)
    return verdicts[folder]


def _is_kind_of_tests(path: str) -> bool:
    """Whether a script is in a folder such as `tests/smoke`."""
    folders = [folder.lower() for folder in path.split("/")[:-1]]
    pairs = itertools.pairwise(folders)
    return path.endswith(SCRIPTS) and any(
        above in TEST_FOLDERS and folder in _KINDS_OF_TESTS for above, folder in pairs
    )


def _is_check(path: str, project: Project) -> bool:
    name = posixpath.basename(path)
    if name == "conftest.py" or _is_kind_of_tests(path) or _SUITE.search(name):
        return True
    source = project.source(path) if path.endswith(PYTHON) else None
    text = source.text if source is not None else ""
    return _FRAMEWORK.search(text) is not None or (
        _CHECK.search(text) is not None and not _is_started(text)
    )


def _is_started(text: str) -> bool:
    """Whether a file calls its `test_image(...)` itself, with arguments of its user."""
    has_guard = "__main__" in text and _ARGUMENTS.search(text) is not None
    return has_guard and _ASSERTION.search(text) is None
