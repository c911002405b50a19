"""The tables of signs: the type that each call's name, keyword or receiver suggests."""

from __future__ import annotations

import re

from registry_app.inference.purpose.script_names import DATA, DEMO, EVAL, INFER, QUANT, TRAIN
from registry_app.kinds import EntryPointType


def _table(*rows: tuple[EntryPointType, int, str]) -> dict[str, tuple[EntryPointType, int]]:
    return {name: (kind, points) for kind, points, names in rows for name in names.split()}


CALLS = _table(
    (TRAIN, 3, "train_one_epoch fit_generator train_on_batch train_detector train_loop"),
    (TRAIN, 3, "train_segmentor apply_gradients manual_backward do_train"),
    (TRAIN, 3, "training_loop run_training_loop TrainEpoch"),
    (TRAIN, 2, "train_model train_epoch run_training tune create_study"),
    (TRAIN, 3, "LightningCLI fine_tune fit_one_cycle fit_flat_cos"),
    (TRAIN, 3, "create_supervised_trainer trainModel SGDSolver AdamSolver get_solver"),
    (TRAIN, 3, "optimize_parameters FedMLRunner run_cross_silo_client"),
    (TRAIN, 3, "build_weighted_fed_avg build_unweighted_fed_avg"),
    (TRAIN, 3, "build_federated_averaging_process"),
    # Clients that learn together, and the server that lets them.
    (TRAIN, 3, "start_numpy_client start_client start_server start_simulation run_simulation"),
    (TRAIN, 3, "ClientApp ServerApp"),
    # JAX: gradients of a loss, and the step that takes them.
    (TRAIN, 2, "value_and_grad apply_updates"),
    (TRAIN, 2, "TrainingArguments Seq2SeqTrainingArguments"),
    (INFER, 3, "InferenceSession infer_new_request create_infer_request"),
    (INFER, 3, "start_async inference_detector inference_segmentor inference_model readtext"),
    (INFER, 3, "DefaultPredictor AsyncPredictor inference_on_dataset execute_async_v2"),
    (INFER, 3, "execute_async_v3 execute_v2 create_predictor get_sliced_prediction readNet"),
    (INFER, 3, "readNetFromDarknet readNetFromONNX readNetFromTensorflow readNetFromCaffe"),
    (INFER, 3, "MMInferencer DetInferencer do_inference run_inference InferVStreams"),
    (INFER, 3, "setBlobPath AclLiteModel execute_async AsyncInferQueue load_network"),
    # Runtimes of boards and of their processors.
    (INFER, 3, "create_infer_model get_roi_from_buffer Hailo IMX500 make_interpreter detectNet"),
    (INFER, 3, "segNet imageNet poseNet create_extractor runSession InferSession"),
    (INFER, 3, "NNModelDescription dnn_DetectionModel dnn_SegmentationModel submit_inference_job"),
    (INFER, 3, "image_to_string image_to_data image_to_boxes findNearest"),
    (INFER, 3, "queue_inference_with_fifo_elem queue_inference AllocateGraph LoadTensor"),
    (INFER, 3, "detect_with_image classify_with_image DetectWithImage ClassifyWithImage"),
    (INFER, 3, "DetectionEngine ClassificationEngine detect_image"),
    (INFER, 3, "detectObjectsFromImage detectObjectsFromVideo classifyImage"),
    (INFER, 3, "InferenceHTTPClient ImageImpulseRunner emplaceAndPop"),
    (INFER, 3, "RealESRGANer GFPGANer im_detect"),
    (INFER, 2, "encode_image"),
    (INFER, 3, "run_yolo2 run_with_output GraphModule Engine"),
    (INFER, 2, "compare_faces face_distance get_frontal_face_detector"),
    (INFER, 2, "cnn_face_detection_model_v1"),
    (INFER, 3, "detectCustomObjectsFromImage get_current_visuals"),
    (INFER, 3, "predict_segmentation predict_multiple model_from_checkpoint_given_path"),
    # Functions and classes of OpenMMLab, and the pipelines of Open Model Zoo.
    (INFER, 3, "inference_mot inference_vid inference_sot inference_reid inference_topdown"),
    # Models that are made to be asked, of libraries that do nothing else.
    (INFER, 3, "SamPredictor SamAutomaticMaskGenerator SAM2ImagePredictor ocr_predictor"),
    (INFER, 3, "SAM2AutomaticMaskGenerator build_sam2_video_predictor FaceAnalysis"),
    (INFER, 3, "FaceDetectorYN FaceDetectorYN_create FaceRecognizerSF_create"),
    (INFER, 3, "inference_bottomup inference_recognizer inference_skeleton inferencer"),
    (INFER, 3, "MMSegInferencer MMOCRInferencer MMPoseInferencer MMAction2Inferencer"),
    (
        INFER,
        3,
        "TextDetInferencer TextRecInferencer Pose2DInferencer ImageClassificationInferencer",
    ),
    (INFER, 2, "init_track_model init_recognizer AsyncPipeline submit_data"),
    (INFER, 2, "load_rknn loadEngine InferInput"),
    (INFER, 2, "init_detector init_segmentor deserialize_cuda_engine infer face_locations"),
    (INFER, 2, "detectMultiScale PaddleOCR load_predictor single_gpu_test"),
    (INFER, 1, "non_max_suppression LoadImages LoadStreams load_state_dict"),
    (INFER, 1, "no_grad inference_mode load_weights"),
    (QUANT, 3, "quantize_dynamic quantize_static prepare_qat prepare_fx convert_fx"),
    (QUANT, 3, "export_onnx convert_model from_keras_model from_frozen_graph torch2trt"),
    (QUANT, 3, "from_concrete_functions build_serialized_network build_cuda_engine"),
    (QUANT, 3, "export_rknn create_compressed_model torch_quantizer export_quant_config"),
    (QUANT, 3, "export_xmodel save_inference_model optimize_for_mobile quantize_model"),
    (QUANT, 3, "prepare_pt2e convert_pt2e convert_to_tflite from_saved_model pytorch2onnx"),
    (QUANT, 2, "OnnxParser export_saved_model convert_float_to_float16 build_engine"),
    (QUANT, 3, "dynamo_export convert_keras convert_sklearn onnx_to_keras pytorch_to_keras"),
    (QUANT, 3, "compress_weights freeze_graph make_model engine_from_network"),
    (QUANT, 2, "write_graph convert_variables_to_constants convert_variables_to_constants_v2"),
    (QUANT, 1, "simplify infer_shapes"),
    (QUANT, 3, "package_model onnx2trt save_trt_engine onnx2tensorrt quant_modules"),
    (QUANT, 3, "serialize PrePostProcessor"),
    (QUANT, 3, "SavedModelBuilder simple_save"),
    (QUANT, 3, "to_onnx to_torchscript to_executorch translate_onnx_model main_export"),
    (QUANT, 3, "post_training_quantization run_calibration calibrate_model"),
    (QUANT, 3, "ClientRunner hybrid_quantization_step1 hybrid_quantization_step2"),
    (QUANT, 3, "export_rknn_precompile_model export_encrypted_rknn_model buildEngine"),
    (QUANT, 3, "compile_from_torch mxq_compile submit_compile_job submit_quantize_job"),
    (QUANT, 3, "gencode_tobytes use_ptq Opt set_optimize_out"),
    (QUANT, 3, "TrtGraphConverterV2 ORTQuantizer OVQuantizer INCQuantizer QuantoConfig"),
    # Filters and weights that are taken away before a model is deployed.
    (QUANT, 3, "L1NormPruner L2NormPruner FPGMPruner L1FilterPruner LevelPruner SlimPruner"),
    (QUANT, 3, "ModelSpeedup MagnitudePruner MetaPruner GroupNormPruner BNScalePruner"),
    (QUANT, 3, "prune_low_magnitude ln_structured l1_unstructured global_unstructured"),
    (EVAL, 3, "COCOeval CocoEvaluator ap_per_class mean_average_precision"),
    (EVAL, 3, "get_model_complexity_info FlopCountAnalysis TSNE submit_profile_job"),
    (EVAL, 2, "COCOEvaluator MeanAveragePrecision LVISEvaluator"),
    (EVAL, 1, "evaluate evaluate_generator"),
    (DATA, 3, "ratio Roboflow auto_annotate"),
    (DATA, 2, "urlretrieve snapshot_download extractall StratifiedKFold StratifiedGroupKFold"),
    (DATA, 2, "getElementsByTagName TFRecordWriter"),
    (DATA, 1, "train_test_split copyfile copy2 copytree move rename unzip KFold fromstring"),
    (DEMO, 3, "QApplication Tk CTk Interface Blocks TeleBot ApplicationBuilder"),
    (DEMO, 2, "Flask FastAPI"),
)
# Everyday names count only with a library that has such a function or class.
OF_LIBRARIES: dict[str, frozenset[str]] = {
    name: frozenset(libraries.split())
    for names, libraries in (
        ("make_model infer_shapes", "onnx"),
        ("build_engine OnnxParser", "tensorrt polygraphy"),
        ("engine_from_network", "polygraphy"),
        (
            "convert_model",
            "tensorflow tf2onnx onnxmltools openvino nncf onnxruntime onnx paddle2onnx mmdeploy",
        ),
        ("quantize_model", "tensorflow tensorflow_model_optimization nncf torch onnxruntime"),
        ("Interface Blocks", "gradio"),
        ("serialize PrePostProcessor", "openvino"),
        ("ratio", "splitfolders split_folders"),
        ("Tk CTk", "tkinter Tkinter customtkinter"),
        ("simplify", "onnxsim onnxslim"),
        ("Opt set_optimize_out", "paddlelite"),
        ("package_model", "model_archiver torch ts"),
        ("execute_async", "tensorrt pycuda"),
        ("load_network", "openvino darknet"),
        ("detect_image", "darknet"),
        ("DetectionEngine ClassificationEngine", "edgetpu"),
        ("detect_with_image classify_with_image DetectWithImage ClassifyWithImage", "edgetpu"),
        ("queue_inference_with_fifo_elem queue_inference AllocateGraph LoadTensor", "mvnc"),
        ("start_numpy_client start_client start_server", "flwr"),
        ("start_simulation ClientApp ServerApp", "flwr"),
        ("run_simulation", "flwr fedml"),
        ("GraphModule", "tvm"),
        ("encode_image", "clip open_clip"),
        ("im_detect", "caffe"),
        ("Engine", "sophon"),
        ("run_yolo2 run_with_output", "KPU maix"),
        ("get_frontal_face_detector cnn_face_detection_model_v1", "dlib"),
        ("compare_faces face_distance", "face_recognition"),
        ("trainModel classifyImage detectObjectsFromImage", "imageai"),
        ("detectObjectsFromVideo detectCustomObjectsFromImage", "imageai"),
        ("SGDSolver AdamSolver get_solver", "caffe"),
        ("predict_segmentation predict_multiple", "keras_segmentation"),
        ("Hailo IMX500", "picamera2"),
        ("detectNet segNet imageNet poseNet", "jetson jetson_inference"),
        ("create_extractor", "ncnn"),
        ("runSession", "MNN"),
        ("make_interpreter", "pycoral"),
        ("FaceAnalysis", "insightface"),
        ("ocr_predictor", "doctr"),
        ("value_and_grad", "jax mlx flax"),
        ("apply_updates", "optax jax"),
        ("image_to_string image_to_data image_to_boxes", "pytesseract tesserocr"),
    )
    for name in names.split()
}
# Steps before quantization; without saving anything, they only load what was quantized.
PREPARING = frozenset(
    "prepare_qat prepare_fx prepare_pt2e prepare initialize quantize_model quantize_apply".split()
)
SAVING = frozenset(
    "save export dump save_model save_pretrained to_onnx write serialize convert convert_fx"
    " convert_pt2e save_weights saved_model write_bytes export_onnx torch2trt".split()
)
PLOTTING = frozenset({"plot", "subplot", "subplots", "scatter"})
CLOCKS = frozenset("time perf_counter monotonic time_ns perf_counter_ns process_time Event".split())
IMPORTS: dict[str, tuple[EntryPointType, int]] = {
    **dict.fromkeys(("gradio", "streamlit", "flask", "fastapi", "telebot"), (DEMO, 3)),
    **dict.fromkeys(("litserve", "sanic", "quart", "starlette", "robyn", "cherrypy"), (DEMO, 3)),
    **dict.fromkeys(("nncf", "tf2onnx", "coremltools", "onnx2tf", "pytorch_nndct"), (QUANT, 2)),
    "hailo_sdk_client": (QUANT, 2),
    "gf_base": (TRAIN, 3),
    **dict.fromkeys(("pytorch_quantization", "brevitas", "aimet_torch"), (QUANT, 2)),
    "autodistill": (DATA, 2),
    **dict.fromkeys(("roboflow", "labelme", "splitfolders", "fiftyone"), (DATA, 1)),
}
# Libraries of pages, and of windows with controls.
PAGES = frozenset(
    "flask fastapi gradio streamlit django starlette uvicorn quart sanic bottle tornado aiohttp"
    " flask_socketio flask_cors socketio dash nicegui panel shiny taipy chainlit eel flet pywebio"
    " PyQt5 PyQt6 PySide2 PySide6 kivy kivymd wx tkinter Tkinter customtkinter PySimpleGUI"
    " dearpygui webview telebot telegram discord litserve robyn cherrypy".split()
)
# Calls that switch off training, needed for inference and for evaluation.
SWITCHING = frozenset({"eval", "no_grad", "inference_mode"})
# The same, and calls that load weights, after which a model may be trained on.
GENERIC = SWITCHING | {"load_state_dict", "load_weights"}
# Metrics of a model's quality.
METRICS = frozenset(
    "confusion_matrix classification_report precision_recall_curve accuracy_score roc_auc_score"
    " f1_score average_precision_score precision_score recall_score mean_iou compute_ap"
    " box_iou_eval ConfusionMatrixDisplay from_predictions".split()
)
# Receivers whose `fit` only learns to scale, encode or cluster.
FITTED_ASIDE = (
    "scaler encoder pca binarizer imputer vectorizer tokenizer transform kmeans selector datagen"
    " tsne umap le lda smote normalizer generator metric imageops polynomial spline"
).split()
# Classes of scikit-learn of the same kind, in lower case: `DBSCAN(eps=2).fit(points)`. Autoencoders
# and nearest neighbours are none of them: an anomaly detector is trained by their `fit`.
FITTED_ASIDE_CLASSES = frozenset(
    "standardscaler minmaxscaler robustscaler maxabsscaler onehotencoder labelencoder"
    " ordinalencoder labelbinarizer multilabelbinarizer simpleimputer knnimputer"
    " tfidfvectorizer countvectorizer"
    # Lines, planes and curves through points.
    " ransac ransacregressor polynomialfeatures quantiletransformer powertransformer kernelpca nmf"
    " pca incrementalpca truncatedsvd fastica kmeans minibatchkmeans dbscan hdbscan optics"
    " meanshift birch agglomerativeclustering spectralclustering affinitypropagation".split()
)
TRAIN_KEYWORDS = frozenset(
    "epochs data imgsz resume cfg dataset_dir batch_size lr0 num_epochs max_epochs".split()
)
EXPORT_KEYWORDS = frozenset(
    {"format", "imgsz", "half", "int8", "dynamic", "opset", "simplify", "export_type"}
)
# Ends of files that other engines run.
EXPORTED = (".onnx", ".engine", ".trt", ".tflite", ".mlmodel", ".mlpackage", ".torchscript")
PREDICT_KEYWORDS = frozenset({"source", "conf", "stream", "show", "save", "imgsz"})
# Classical computer vision detectors, without a trained model.
SEEING = frozenset(
    "createBackgroundSubtractorMOG2 createBackgroundSubtractorKNN HOGDescriptor CascadeClassifier"
    " detectMultiScale QRCodeDetector detectAndDecode findContours HoughCircles"
    " HoughLines HoughLinesP matchTemplate calcOpticalFlowPyrLK calcOpticalFlowFarneback"
    # Faces that are told apart by their patterns.
    " LBPHFaceRecognizer_create EigenFaceRecognizer_create FisherFaceRecognizer_create"
    " SimpleBlobDetector_create TrackerKCF_create TrackerCSRT_create TrackerMOSSE_create".split()
)
# Calls through which an optimizer changes weights, also in a library.
STEPPING = frozenset("step backward fit train train_model train_epoch minimize".split())
# Calls that make up an input.
MADE_UP = frozenset({"rand", "randn", "zeros", "ones", "randint"})
# Patterns that people print to measure distances and cameras by.
MARKERS = frozenset("detectMarkers findChessboardCorners calibrateCamera ArucoDetector".split())
# Receivers whose `convert` or `save` converts a model to another format.
CONVERTERS = frozenset(
    "ct coremltools converter tf2onnx mo ov trt onnxmltools keras2onnx onnx2tf onnx2torch"
    " onnx2keras quantization tf2tflite blobconverter".split()
)
# Ambiguous calls, with the receivers for which they create a model for another engine:
# `onnx_mxnet.export_model`, `rknn.build`, `onnx.save`.
MAKERS: dict[str, tuple[tuple[str, ...], int]] = {
    "export_model": (("onnx", "mxnet"), 3),
    "build": (("rknn",), 3),
    "compile": (("trt", "torch_tensorrt", "hailo"), 2),
    "save": (("onnx", "saved_model", "jit"), 3),
    "save_model": (("onnx", "ov", "openvino", "bentoml"), 3),
    "prepare": (("quantization",), 3),
}
# Elements of GStreamer that run a model, each with the file of its weights or of its settings.
PIPELINE_ELEMENT = re.compile(
    r"(?<![\w-])(nvinfer(?:server|bin)?|nvinferserver-grpc|hailonet\w*|tensor_filter|mlpinference"
    r"|gva(?:detect|classify|inference|segment)|edgeimpulse\w*infer|qtiml(?:tflite|snpe|qnn))(?![\w-])"
)
