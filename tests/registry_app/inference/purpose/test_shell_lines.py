"""What command lines start."""

from __future__ import annotations

import pytest

from registry_app.inference.purpose.shell_lines import (
    scripts_behind_pipes,
    started_by,
)


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("python train.py --epochs 3", ["train.py"]),
        ("python3 -u -m tools.train x", ["tools/train.py"]),
        ("CUDA_VISIBLE_DEVICES=0,1 nohup python3.10 src/train.py &", ["src/train.py"]),
        ("python -m torch.distributed.launch --nproc_per_node=4 \\\n  t/train.py", ["t/train.py"]),
        ("torchrun --nproc_per_node 2 train.py", ["train.py"]),
        ("accelerate launch --mixed_precision fp16 train.py", ["train.py"]),
        ('exec python3 "${ROOT}/src/train.py" "$@"', ["src/train.py"]),
        ('python "$(dirname "$0")/train.py"', ["train.py"]),
        ("%PYTHON% %~dp0detect.py --weights a.pt", ["detect.py"]),
        ("C:\\Python310\\python.exe .\\tools\\detect.py ^\n --a 1", ["tools/detect.py"]),
        ('bash -c "cd work && python train.py"', ["train.py"]),
        ("docker run -it image python /app/train.py", ["/app/train.py"]),
        ("apptainer exec box.sif \\\n python mm/tools/test.py cfg.py", ["mm/tools/test.py"]),
        ("for v in *.mp4; do python detect.py --source $v; done", ["detect.py"]),
        ("if [ -f a.pt ]; then ./run_train.sh; fi", ["run_train.sh"]),
        ("source scripts/train.sh && sh val.sh", ["scripts/train.sh", "val.sh"]),
        ("uv run train.py", ["train.py"]),
        ("run detect.py --source 0", ["detect.py"]),
        ("$_ train.py", []),
        ("# python old.py\npython a.py && python -m tools.b x\n", ["a.py", "tools/b.py"]),
        ("REM python old.py\n:: python old.py\npython new.py", ["new.py"]),
        ("echo python train.py\necho.\necho   2. Infer: cd a ^&^& python infer.py", []),
        ('info "then run python train.py"', []),
        ("cat <<'EOF'\n  python train.py\nEOF\npython real.py", ["real.py"]),
        ("python -c 'import train.py'", []),
        ("python -m pip install torch && python3 -m venv .venv", []),
        ("python export.py --help >/dev/null && python train.py -h", []),
        ("cp train.py backup/train.py", []),
        ("python train.py\npython train.py --resume", ["train.py"]),
        ("python train.py 2>&1 | tee -a log.txt", ["train.py"]),
        ('echo \\" ; python train.py', ["train.py"]),
        ("ps | grep -E 'go.sh|train.py|infer.py'", []),
        ('call "%~dp0scripts\\start.cmd" --now', ["scripts/start.cmd"]),
        ('RUN="$ROOT/scripts/go.sh"\nbash "$RUN" "$@"', ["scripts/go.sh"]),
        # A list is a command if it is run as such, or if its members are.
        ('cmd=(\n  "$PY" a.py\n  --n $(nproc)\n)\ncmd+=(--x b.py)\n"${cmd[@]}"', ["a.py"]),
        ('cmd=("$PY" a.py)\nrun_it "${cmd[@]}"', ["a.py"]),
        ('given=(a.py --n 3)\nlocal x=1\npython "${given[@]}"', ["a.py"]),
        ('steps=(a.py b.sh)\nfor s in "${steps[@]}"; do\n  bash "$D/$s"\ndone', ["a.py", "b.sh"]),
        ('steps=(a.py b.py)\nfor s in "${steps[@]}"; do python -u $s; done', ["a.py", "b.py"]),
        ('saved=(\n  "a.py"\n  b.sh\n)\nfor f in "${saved[@]}"; do cp "$f" old/; done', []),
        (
            'needed=(a.py)\nfor f in "${needed[@]}"; do [ -f "$f" ] || exit 1; done\n./c.sh',
            ["c.sh"],
        ),
        ("odd=( ';('\npython a.py", ["a.py"]),
        ('tools=(python3 a.py)\necho "${tools[@]}"', []),
        # A queue runs a script, or a command, later.
        ("for c in ${all[@]}; do\n  sbatch --gres=gpu:1 -p long train.sh $c\ndone", ["train.sh"]),
        ("qsub -N yard go.sh", ["go.sh"]),
        ('sbatch --wrap="python train.py --n 3"', ["train.py"]),
        ("sbatch --test-only", []),
        # These words end what was started, or ask about it.
        ("./go.sh stop\nbash go.sh status\n./go.sh start", ["go.sh"]),
        ("bash go.sh --help\n./view.sh", ["view.sh"]),
    ],
)
def test_scripts_that_are_started(text: str, scripts: list[str]) -> None:
    found = [started.script for started in started_by(text) if started.script]
    assert list(dict.fromkeys(found)) == scripts


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("yolo detect train data=a.yaml", "train"),
        ("yolo task=detect mode=predict model=a.pt source=b", "infer"),
        ("yolo mode=export model=a.pt format=onnx", "quant"),
        ("yolo val model=a.pt", "eval"),
        ("./darknet detector train a.data b.cfg", "train"),
        ("caffe train --solver=a.prototxt", "train"),
        ("anomalib predict --model a", "infer"),
        ("mim train mmdet a.py", "train"),
        ("optimum-cli export onnx --model a out", "quant"),
        ("./darknet detector demo a.data b.cfg c.weights", "infer"),
        ("trtexec --onnx=a.onnx --saveEngine=a.trt", "quant"),
        ("python -m tf2onnx.convert --saved-model a --output b.onnx", "quant"),
        ("toco --graph_def_file=a.pb --output_file=b.tflite", "quant"),
        ("./tools/onnx2ncnn a.onnx a.param a.bin", "quant"),
        ("MNNConvert -f ONNX --modelFile a.onnx --MNNModel a.mnn", "quant"),
        ("wget -q https://example.com/data.zip", "data"),
        ("streamlit run app.py", "demo"),
        ("hailomz compile --ckpt a.onnx --hw-arch hailo8", "quant"),
        ("hailo optimize a.har --use-random-calib-set", "quant"),
        ("hailomz eval --har a.har", "eval"),
        ("trtexec --loadEngine=a.engine --iterations=100", "eval"),
        ("deepstream-app -c config.txt", "infer"),
        ("docker run -it --rm -v a:/b --gpus all box \\\n deepstream-app -c a.txt", "infer"),
        ("sudo docker exec box /usr/bin/trtexec --onnx=a.onnx --saveEngine=a.trt", "quant"),
        ("gst-launch-1.0 filesrc location=a.mp4 ! nvinfer config-file-path=b ! fakesink", "infer"),
        # A program of the author's own, built from C++.
        ("./build/helmets models/ppe.engine yard.jpg", "infer"),
        ('"${BIN}" --engine "$ENGINE" --video "$1"', "infer"),
        ("C:\\kit\\x64\\Release\\helmets.exe --source a --model b.ncnn --save", "infer"),
        ("%RELEASE%\\helmets.exe --source=%1 --model=ppe.onnx", "infer"),
        # Programs that are looked for, or that the environment may replace, and lists of options.
        ('T=$(command -v trtexec || echo /usr/bin/trtexec)\n"${T}" --onnx=a.onnx', "quant"),
        ('BIN="${YARD_BIN:-/opt/yard/bin/look}"\n"$BIN" --engine a.plan --csi', "infer"),
        ('args=(\n --engine $E\n)\nargs+=(--rtsp $U)\nexec stdbuf -oL $BIN "${args[@]}"', "infer"),
        # A known program in a container.
        ("docker run --rm -it -v $PWD:/w box edgetpu_compiler -s /w/$1 -o /w", "quant"),
        ("docker exec trt /usr/src/bin/trtexec --onnx=a.onnx --saveEngine=a.trt", "quant"),
        ("docker run --rm box:trt --weights=/w/ppe.onnx --source=/data/yard.mp4", "infer"),
    ],
)
def test_programs_whose_work_is_known(text: str, kind: str) -> None:
    assert [item.kind for item in started_by(text)] == [kind]


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("python train.py 2>&1 | tee log.txt", ["train.py"]),
        ("python train.py |& tee log.txt\npython infer.py", ["train.py"]),
        ("set -euo pipefail\npython train.py | tee log.txt", []),
        ("python train.py | tee log.txt\nexit ${PIPESTATUS[0]}", []),
        ("python train.py || exit 1", []),
        ("ls | head\npython train.py > log.txt", []),
    ],
)
def test_a_pipe_hides_a_failure(text: str, scripts: list[str]) -> None:
    assert scripts_behind_pipes(text) == scripts


@pytest.mark.parametrize(
    ("text", "script", "kind"),
    [
        ('PY=python3\nWHAT="tools/look.py"\n$PY ${WHAT} --size 3', "tools/look.py", None),
        ('GO="python tools/train_net.py"\n$GO --eval-only', "tools/train_net.py", "eval"),
        # Commands of a script, and switches without a value.
        ("python -m work.cli fit --config a.yaml", "work/cli.py", "train"),
        ("python cli.py test --config a.yaml", "cli.py", "eval"),
        ("python make_dataset.py test", "make_dataset.py", None),
        ("python main.py -test -bs 1", "main.py", "eval"),
        ("python main.py --test data/test", "main.py", None),
        ("python train.py --test", "train.py", None),
        ("set PY=python\n%PY% look.py", "look.py", None),
        ("@echo off\nset GO=python kit\\look.py --a b\n%GO%", "kit/look.py", None),
        ('@echo off\nset "GO=venv\\Scripts\\python.exe look.py --a"\n%GO%', "look.py", None),
        ("python main.py --mode predict", "main.py", "infer"),
        ("python main.py --phase=train", "main.py", "train"),
        ("python o/model_main_tf2.py --checkpoint_dir=m", "o/model_main_tf2.py", "eval"),
        ("python o/model_main_tf2.py --model_dir=m", "o/model_main_tf2.py", None),
    ],
)
def test_variables_and_options_of_a_command_are_followed(
    text: str, script: str, kind: str | None
) -> None:
    [started] = started_by(text)
    assert (started.script, started.kind) == (script, kind)


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        (
            '[ -s $E ] || die "no engine; build it with\n\n  ./build.sh --fp16\n"\npython a.py',
            ["a.py"],
        ),
        ("echo -e 'Usage:\n  python train.py --epochs 3\n'\npython a.py", ["a.py"]),
        ('echo "about to start"\npython train.py "$@"\necho "done"', ["train.py"]),
        # A batch file has no messages of several lines, and ends its lines as it likes.
        ('@echo off\necho "start\npython train.py\necho "done', ["train.py"]),
        ('bash -c "python train.py"\necho "\n"', ["train.py"]),
    ],
)
def test_what_a_message_of_several_lines_names_is_not_started(
    text: str, scripts: list[str]
) -> None:
    assert [item.script for item in started_by(text)] == scripts


@pytest.mark.parametrize(
    "text",
    [
        "trtexec --version",
        "./build/yolov5 -s best.wts best.engine s",
        "./configure --model yard",
        'args=(--engine $E)\nargs+=(--verbose)\n$BIN "${args[@]}"',
        'BIN="${YARD_BIN:-/opt/yard/bin/look}"\n"$BIN" --help',
        "T=$(command -v trtexec)\necho $T",
        "C:\\kit\\x64\\Release\\helmets.exe --save",
        "docker build -t trtexec .",
        "docker run --name trtexec box ls",
        "docker run --gpus all box",
        "gst-launch-1.0 v4l2src ! autovideosink",
        "cp best.engine yard.jpg /data",
        "hailortcli fw-control identify",
    ],
)
def test_programs_that_run_no_model(text: str) -> None:
    assert started_by(text) == []
