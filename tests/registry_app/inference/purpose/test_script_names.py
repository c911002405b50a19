"""What the name of a script says."""

from __future__ import annotations

import pytest

from registry_app.choices import EntryPointType
from registry_app.inference.purpose.script_names import (
    deciding_type,
    distance_of_name,
    exports_labels,
    makes_labels,
    names_a_score,
    names_only_a_format,
    names_only_a_trial,
    type_by_name,
    type_of_function,
)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("train_yolov11_v2.py", "train"),
        ("src/finetune.py", "train"),
        ("TrainModel.py", "train"),
        ("학습.py", "train"),
        ("model_main_tf2.py", "train"),
        ("infer_benchmark.py", "infer"),
        ("view_anomaly_map.py", None),
        ("HeatMap.py", None),
        ("compute_map.py", "eval"),
        ("test_heatmap.py", "eval"),
        ("detect.py", "infer"),
        ("추론.py", "infer"),
        ("webcam_demo.py", "infer"),
        ("make_submission.py", "infer"),
        ("export_openvino.py", "quant"),
        ("quantize_int8.py", "quant"),
        ("train_qat.py", "quant"),
        ("channel_pruning.py", "quant"),
        ("prune_old_runs.py", None),
        ("pytorch2onnx.py", "quant"),
        ("inference_onnx.py", "infer"),
        ("onnx_benchmark.py", "eval"),
        ("TiledInferencer.py", "infer"),
        ("convert_to_onnx.py", "quant"),
        ("convert_weights.py", "quant"),
        ("convert_weights_to_ckpt.py", "quant"),
        ("convert_ckpt_to_weights_known.py", "quant"),
        ("convert_labels.py", "data"),
        ("convert_tfjs.py", "quant"),
        # Numbers of classes; an identity card is learned.
        ("trainID2labelID.py", "data"),
        ("createTrainIdLabelImgs.py", "data"),
        ("train_id_card.py", "train"),
        ("coco_to_model_input.py", "data"),
        ("coco2yolo.py", "data"),
        ("detection_dataset.py", "data"),
        ("video_scraping.ipynb", "data"),
        ("count_cells_in_dataset.py", "data"),
        ("vehicle_counting.py", "infer"),
        ("plate_detector.py", "infer"),
        ("detection_metrics.py", "eval"),
        ("dataset_analysis.ipynb", "data"),
        ("failure_analysis.py", "eval"),
        ("yolo_tflite.py", "quant"),
        ("eval_confusion.py", "eval"),
        ("val.py", "eval"),
        ("split_dataset.py", "data"),
        ("app.py", "demo"),
        ("smoke_train/__main__.py", "train"),
        ("model.py", None),
        ("restrain.py", None),
        ("contest.py", None),
        ("road2onward.py", None),
        # What is made for training, and no program that trains.
        ("make_train_npy.py", "data"),
        ("create_train_list.py", "data"),
        ("create_train_job.py", "train"),
        ("train_make_npy.py", "train"),
        ("voc_to_tfrecord_old.py", "data"),
        ("train_tfrecords.py", "train"),
        # How fast a model is; pictures of real time.
        ("inference_time_with_nms.py", "eval"),
        ("calc_fps.py", "eval"),
        ("real_time_inference.py", "infer"),
        ("webcam_fps.py", "infer"),
        ("fps_demo.py", "demo"),
        ("yolo_generate_predictions.py", "infer"),
        ("plot_predictions.py", None),
    ],
)
def test_a_name_speaks_of_a_type(path: str, kind: str | None) -> None:
    assert type_by_name(path) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("benchmark_gpu.py", "eval"),
        ("download_weights.py", "data"),
        ("convert_to_onnx.py", None),
        ("yolo_tutorial.ipynb", "demo"),
        ("make_pseudo_labels.py", "data"),
        ("auto_labeling.ipynb", "data"),
        ("vit_priority-labeling_k400.sh", None),
        ("export_pack.py", "quant"),
        ("train_net.py", "train"),
        ("gpu_benchmark.py", None),
        # Behind the number of a step.
        ("s4_train_classifier.py", "train"),
        ("step1_convert_voc_to_yolo.py", "data"),
        ("03_evaluate_all.py", "eval"),
        ("v5.py", None),
        ("resnet50_train.py", None),
    ],
)
def test_some_words_decide(path: str, kind: str | None) -> None:
    assert deciding_type(path)[0] == kind


@pytest.mark.parametrize(
    ("path", "distance"),
    [("infer.py", 0), ("inference_v2.py", 0), ("tracking.py", 1), ("main.py", 1), ("net.py", 2)],
)
def test_plain_names_come_first(path: str, distance: int) -> None:
    assert distance_of_name(EntryPointType.INFER, path) == distance


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("trt_yolo.py", True),
        ("export_trt.py", False),
        ("pytorch2onnx.py", False),
        ("onnx_to_tensorrt.py", False),
        ("infer_onnx.py", False),
        ("main.py", False),
    ],
)
def test_names_that_tell_only_a_format(path: str, expected: bool) -> None:
    assert names_only_a_format(path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("test.py", True),
        ("yolo_test.py", True),
        ("testing_fusion.py", True),
        ("test_speed_benchmark.py", False),
        ("evaluate.py", False),
        ("crack_analysis.py", False),
        ("contest.py", False),
    ],
)
def test_the_word_test_may_mean_a_trial(path: str, expected: bool) -> None:
    assert names_only_a_trial(path) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", True),
        ("gt_boxes", True),
        ("meanLoss", True),
        ("num_correct", True),
        ("evaluate", True),
        ("정답", True),
        ("f1_score", True),
        # Nothing to compare with.
        ("evaluate_one_image", False),
        ("correct_yolo_boxes", False),
        ("lossless", False),
        ("f1", False),  # the first of several files
        ("map", False),
        ("model", False),
    ],
)
def test_names_of_scores_and_of_the_truth(name: str, expected: bool) -> None:
    assert names_a_score(name) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("make_smaller_bboxes.py", True),
        ("extract_sift.py", True),
        ("s1_extract_skeletons.py", True),
        ("extract.py", False),
        ("extract_coco_from_mixed.py", True),
        ("extract_from_tflite.py", False),
        ("extract_text.py", False),
        ("extract_state_dict.py", False),
        ("extract_weights.py", False),
        ("convert_det_to_seg.py", True),
        ("generate_masks.py", True),
        ("convert_model.py", False),
        ("make_video.py", False),
        ("detect_masks.py", False),
        ("masks.py", False),
    ],
)
def test_a_name_that_begins_with_making_labels_is_of_data(path: str, expected: bool) -> None:
    assert makes_labels(path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("export_coco_labelbox.py", True),
        ("export_augmentations.py", True),
        ("export_dataset.py", True),
        ("openapi-export.py", True),
        ("export.py", False),
        ("export_yolo.py", False),
        ("export_seg_onnx.py", False),
        ("export_det_model.py", False),
        ("coco_split.py", False),
    ],
)
def test_what_an_export_is_of(path: str, expected: bool) -> None:
    assert exports_labels(path) is expected


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("detect_helmets", "infer"),
        ("detect_x_col", None),
        ("detect_device", None),
        ("device_detection", "infer"),
        ("track_objects", "infer"),
        ("track_progress", None),
        ("make_train_split", None),
        ("make_train_step", "train"),
        ("train_split", "train"),
        ("export_to_onnx", "quant"),
        ("export_to_drive", None),
        ("quantize_to_drive", "quant"),
    ],
)
def test_a_function_is_named_for_a_type(name: str, kind: str | None) -> None:
    assert type_of_function(name) == kind
