"""Every sign by the lines that tools really print, and lines that are no sign of anything."""

from __future__ import annotations

import pytest

from runs_app.runner.ending.signs import SIGNS, read_line

EXAMPLES: list[tuple[str, str, dict[str, str]]] = [
    (
        (
            "torch.OutOfMemoryError: CUDA out of memory. Tried to "
            "allocate 2.00 GiB. GPU 0 has a total "
            "capacity of 23.64 GiB of which 1.12 GiB is free."
        ),
        "cuda_out_of_memory",
        {"size": "2.00 GiB", "gpu": "0"},
    ),
    ("RuntimeError: CUDA error: out of memory", "cuda_out_of_memory", {}),
    ("RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling", "cuda_out_of_memory", {}),
    (
        "Out of memory error on GPU 1. Cannot allocate 1.29GB memory on GPU 1, 15.1GB memory",
        "cuda_out_of_memory",
        {"size": "1.29GB", "gpu": "1"},
    ),
    (
        (
            "tensorflow.python.framework.errors_impl.ResourceExhaustedErr"
            "or: OOM when allocating tensor "
            "with shape[64,512]"
        ),
        "cuda_out_of_memory",
        {},
    ),
    (
        (
            "RuntimeError: DataLoader worker (pid 12) is killed by "
            "signal: Bus error. It is possible "
            "that dataloader's workers are out of shared memory."
        ),
        "shared_memory",
        {},
    ),
    ("RuntimeError: DataLoader worker (pid 77) is killed by signal: Killed.", "killed", {}),
    ("run_train.sh: line 2:   311 Killed                  python train.py", "killed", {}),
    ("Killed", "killed", {}),
    ("Memory cgroup out of memory: oom-kill:constraint=CONSTRAINT_MEMCG", "killed_for_memory", {}),
    (
        "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 74.5 GiB for an array with",
        "out_of_memory",
        {"size": "74.5 GiB"},
    ),
    ("MemoryError", "out_of_memory", {}),
    (
        (
            "RuntimeError: [enforce fail at alloc_cpu.cpp:114] . "
            "DefaultCPUAllocator: can't allocate "
            "memory: you tried to allocate 400000000 bytes. Error code 12"
        ),
        "out_of_memory",
        {"size": "400000000 bytes"},
    ),
    ("terminate called after throwing an instance of 'std::bad_alloc'", "out_of_memory", {}),
    ("OSError: [Errno 28] No space left on device: 'runs/last.pt'", "disk_full", {}),
    ("cp: error writing 'best.pt': No space left on device", "disk_full", {}),
    ("OSError: [Errno 122] Disk quota exceeded", "disk_full", {}),
    ("_pickle.UnpicklingError: invalid load key, 'v'.", "lfs_pointer_loaded", {}),
    ("run_train.sh: line 2: $'\\r': command not found", "windows_line_ends", {}),
    ("/usr/bin/env: ‘python3\\r’: No such file or directory", "windows_line_ends", {}),
    (
        "RuntimeError: No CUDA GPUs are available",
        "no_gpu",
        {"problem": "No CUDA GPUs are available"},
    ),
    (
        "AssertionError: Torch not compiled with CUDA enabled",
        "no_gpu",
        {"problem": "Torch not compiled with CUDA enabled"},
    ),
    (
        "RuntimeError: CUDA error: device-side assert triggered",
        "gpu_error",
        {"problem": "CUDA error: device-side assert triggered"},
    ),
    (
        "RuntimeError: Error(s) in loading state_dict for ResNet:",
        "weights_mismatch",
        {"name": "ResNet"},
    ),
    (
        "RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central",
        "damaged_file",
        {},
    ),
    (
        "ModuleNotFoundError: No module named 'ultralytics'",
        "missing_module",
        {"name": "ultralytics"},
    ),
    (
        "/usr/bin/python3: No module named torch.distributed",
        "missing_module",
        {"name": "torch.distributed"},
    ),
    (
        "ImportError: cannot import name 'packaging' from 'pkg_resources' (/usr/lib/x.py)",
        "missing_name",
        {"name": "packaging", "module": "pkg_resources"},
    ),
    (
        "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
        "missing_library",
        {"name": "libGL.so.1"},
    ),
    ("run.sh: line 3: nvcc: command not found", "missing_program", {"name": "nvcc"}),
    ("run.sh: 3: nvcc: not found", "missing_program", {"name": "nvcc"}),
    ("zsh: command not found: yolo", "missing_program", {"name": "yolo"}),
    (
        "run_train.sh: line 3: conda: command not found",
        "environment_not_activated",
        {"name": "conda"},
    ),
    (
        "EnvironmentNameNotFound: Could not find conda environment: ppe-train",
        "environment_not_activated",
        {"name": "ppe-train"},
    ),
    (
        "run.sh: line 2: venv/bin/activate: No such file or directory",
        "environment_not_activated",
        {"name": "venv/bin/activate"},
    ),
    (
        "FileNotFoundError: [Errno 2] No such file or directory: 'data/ppe.yaml'",
        "missing_file",
        {"path": "data/ppe.yaml"},
    ),
    (
        "python: can't open file '/data/exp/train2.py': [Errno 2] No such file or directory",
        "missing_file",
        {"path": "/data/exp/train2.py"},
    ),
    ("cp: cannot stat 'best.pt': No such file or directory", "missing_file", {"path": "best.pt"}),
    (
        "cat: 데이터/목록.txt: No such file or directory",
        "missing_file",
        {"path": "데이터/목록.txt"},
    ),
    (
        "FileNotFoundError: 'coco9.yaml' does not exist",
        "missing_file",
        {"path": "coco9.yaml"},
    ),
    (
        "RuntimeError: Dataset 'ppe.yaml' error ❌ images not found, missing path '/d/val'",
        "missing_file",
        {"path": "ppe.yaml"},
    ),
    (
        "PermissionError: [Errno 13] Permission denied: '/data/out'",
        "no_permission",
        {"path": "/data/out"},
    ),
    (
        "train.py: error: unrecognized arguments: --epoch 3",
        "bad_argument",
        {"problem": "unrecognized arguments: --epoch 3"},
    ),
    ("Error: No such option: --epoch", "bad_argument", {"problem": "No such option: --epoch"}),
    (
        "Error: Invalid value for '--lr': 'x' is not a valid float.",
        "bad_argument",
        {"problem": "Invalid value for '--lr': 'x' is not a valid float."},
    ),
    (
        "FATAL Flags parsing error: Unknown command line flag 'epoch'",
        "bad_argument",
        {"problem": "Unknown command line flag 'epoch'"},
    ),
    (
        "SyntaxError: 'epoch' is not a valid YOLO argument. Similar arguments are i.e. ['epochs']",
        "bad_argument",
        {"problem": "'epoch' is not a valid YOLO argument"},
    ),
    ("OSError: [Errno 98] Address already in use", "port_taken", {}),
    (
        (
            "requests.exceptions.ConnectionError: "
            "HTTPSConnectionPool(host='huggingface.co', port=443): "
            "Max retries exceeded with url: /api"
        ),
        "no_network",
        {"host": "huggingface.co"},
    ),
    (
        "run.sh: line 9: syntax error: unexpected end of file",
        "shell_syntax",
        {"number": "9", "problem": "syntax error: unexpected end of file"},
    ),
    (
        'run.sh: 4: Syntax error: "(" unexpected',
        "shell_syntax",
        {"number": "4", "problem": 'Syntax error: "(" unexpected'},
    ),
    ("Segmentation fault (core dumped)", "crashed", {"problem": "Segmentation fault"}),
    (
        "Fatal Python error: Segmentation fault",
        "crashed",
        {"problem": "Segmentation fault"},
    ),
    ("Epoch 7/50  loss: nan  lr: 0.01", "nan", {"epoch": "7", "name": "loss"}),
    ("epoch=12 train_loss=nan", "nan", {"epoch": "12", "name": "train_loss"}),
    ("ValueError: Input contains NaN.", "nan_values", {}),
    ("Loss is nan, stopping training", "nan_values", {}),
]

NOTHING = [
    "Epoch 7/50 loss: 0.31 lr: 0.01",
    "Results saved to runs/detect/train",
    "training finished",
    "UserWarning: Named tensors and all their associated APIs are an experimental feature",
    "0 images killed by the filter",
    "INFO: no NaN was seen",
    "Downloading https://example.org/yolo11n.pt",
    "GPU memory: 11.2 GiB of 24 GiB",
    "loss: 0.4 (nanoseconds: 12)",
]


@pytest.mark.parametrize(("line", "code", "values"), EXAMPLES)
def test_a_line_that_tools_print_is_read(line: str, code: str, values: dict[str, str]) -> None:
    message = read_line(line)
    assert message is not None
    assert (message.code, dict(message.values)) == (code, values)
    assert "{" not in str(message)


@pytest.mark.parametrize("line", NOTHING)
def test_an_ordinary_line_is_no_sign(line: str) -> None:
    assert read_line(line) is None


def test_every_sign_has_an_example() -> None:
    assert {sign.text.code for sign in SIGNS} <= {code for _line, code, _values in EXAMPLES}
