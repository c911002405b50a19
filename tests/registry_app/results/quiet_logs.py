"""Two hundred logs without any result: fifty-one kinds of output, four of each.

What differs between the four is what differs between two runs of the same program.
"""

from __future__ import annotations

from random import Random

_PACKAGES = "torch numpy pandas ultralytics opencv-python pillow scipy tqdm matplotlib onnx".split()
_CLASSES = "headgear harness hook vest crack person".split()

KINDS = {
    "pip": """\
Collecting {package}=={version}
  Downloading {package}-{version}-cp311-cp311-manylinux_2_17_x86_64.whl ({size} MB)
     ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ {size}/{size} MB {rate} MB/s eta 0:00:00
Requirement already satisfied: numpy>=1.23 in ./.venv/lib/python3.11/site-packages (1.26.4)
Installing collected packages: {package}
Successfully installed {package}-{version}
""",
    "pip list": """\
Package            Version
------------------ ---------
{package}          {version}
accuracy-tools     1.{n}
loss-landscape     0.{n}.1
""",
    "pip freeze": "{package}=={version}\nlosses==0.{n}\nmap-size==1.{n}.0\nf1==2.{n}\n",
    "conda": """\
    package                    |            build
    ---------------------------|-----------------
    {package}-{version}        |  py311h{n}          {size} MB
    ------------------------------------------------------------
                                           Total:        {size} MB
Preparing transaction: done
""",
    "apt": """\
Get:1 http://archive.example.org/debian bookworm/main amd64 libgl1 amd64 1.6.{n} [88.4 kB]
Need to get {n},{m} kB of archives.
After this operation, {n}.{m} MB of additional disk space will be used.
Fetched {n} kB in {small}s (1,{m} kB/s)
Setting up libgl1:amd64 (1.6.{n}-1) ...
""",
    "apt show": "Package: libgl1\nVersion: 1.6.{n}\nInstalled-Size: {n}.2 MB\nDownload-Size: 88.{n} kB\n",
    "git": """\
Cloning into 'experiments'...
remote: Enumerating objects: {m}, done.
Receiving objects: 100% ({m}/{m}), {size} MiB | {rate} MiB/s, done.
Resolving deltas: 100% ({n}/{n}), done.
HEAD is now at abc{n}def Fix loss of precision {n}
 {n} files changed, {m} insertions(+), {n} deletions(-)
""",
    "git log": "commit {n}abc{m}\nDate:   Mon Jan {n} 12:00:0{k} 2024 +0900\n\n    Improve accuracy of step {n}\n",
    "traceback": """\
Traceback (most recent call last):
  File "train.py", line {n}, in <module>
    loss = 0.{n}
  File "/opt/lib/loss.py", line {m}, in forward
    accuracy = 0.5 / {n}
ValueError: expected loss: {n}.5 but got accuracy: 0.{m}
""",
    "traceback of another library": """\
Traceback (most recent call last):
  File "/w/train.py", line {n}, in main
    assert acc == 0.{n}
AssertionError
""",
    "warnings": """\
/usr/lib/python3/dist-packages/torch/nn/_reduction.py:{n}: UserWarning: size_average and reduce args will be deprecated
  warnings.warn(warning.format(ret))
WARNING:root:step {n} was skipped
UserWarning: Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later
""",
    "warnings of Lightning": """\
Trainer will use only 1 of {n} GPUs because it is running inside an interactive environment.
/x/data_connector.py:{m}: The 'train_dataloader' does not have many workers which may be a bottleneck. Consider increasing the value of the `num_workers` argument` to `num_workers={n}`
GPU available: False, used: False
""",
    "hyperparameters": """\
lr: 0.0{n}
momentum: 0.9{k}
weight_decay: 0.000{n}
iou: 0.{n}
precision: 16
box: 7.{k}
size: 640
epochs: {n}
""",
    "hyperparameters in a table": """\
+--------------+---------+
| parameter    | value   |
+--------------+---------+
| lr           | 0.0{n}  |
| iou          | 0.{n}   |
| batch_size   | {n}     |
| seed         | {m}     |
| max_epochs   | {n}     |
+--------------+---------+
""",
    "hyperparameters as JSON": """\
{{
  "lr": 0.0{n},
  "batch_size": {n},
  "iou": 0.{n},
  "label_smoothing": 0.1,
  "epochs": {m}
}}
""",
    "hyperparameters in one line": "hyperparameters: lr0=0.0{n}, lrf=0.{k}, momentum=0.937, weight_decay=0.0005, box=0.05, cls=0.5, iou=0.{n}, iou_t=0.2, anchor_t=4.0\n",
    "arguments": "Namespace(epochs={n}, batch_size={n}, lr=0.0{n}, iou=0.{n}, loss='ce', seed={m})\n",
    "arguments of Ultralytics": "engine/trainer: agnostic_nms=False, amp=True, batch={n}, box=7.5, cls=0.5, dfl=1.5, epochs={m}, imgsz=640, iou=0.{n}, lr0=0.01, max_det=300, precision=16, workers={k}\n",
    "a dictionary of settings": "{{'lr': 0.0{n}, 'epochs': {m}, 'batch_size': {n}, 'iou': 0.{n}}}\n",
    "a command": "python train.py --epoch {n} --lr 0.0{n} --iou 0.{n} --batch-size {m}\n+ python val.py --weights best.pt --iou 0.{n}\n",
    "usage": "usage: train.py [-h] [--epochs N] [--lr LR]\n\n  --epochs N   number of epochs (default: {n})\n  --iou IOU    threshold (default: 0.{n})\n",
    "timestamps": "2024-01-{n} 12:{n}:0{k} INFO started\n2024-01-{n}T12:{n}:0{k}.{m}Z ready after {m} ms\n[01/{n}/2024 12:00:0{k}] loading\n",
    "addresses": "Listening on 192.168.{n}.{k}:80{n}\nhttp://10.0.{n}.{k}:6006/ (Press CTRL+C to quit)\nfe80::{n}:{m} up\n",
    "TensorBoard": "TensorBoard 2.{n}.{k} at http://localhost:60{n}/ (Press CTRL+C to quit)\n",
    "versions": "Python 3.11.{n} torch-2.{k}.0+cu121 CUDA:0 (NVIDIA GeForce RTX 3090, {m}MiB)\nONNX: starting export with onnx 1.{n}.0 opset {k}\n",
    "download": """\
Downloading: "https://example.org/yolo11n.pt" to /home/user/.cache/yolo11n.pt
\r  0%|          | 0.00/5.35M [00:00<?, ?B/s]\r 50%|█████     | 2.{n}M/5.35M [00:00<00:00, {rate}MB/s]\r100%|██████████| 5.35M/5.35M [00:00<00:00, {rate}MB/s]
""",
    "wget": """\
--2024-01-{n} 12:00:0{k}--  https://example.org/data.zip
Length: {m}{n} ({size}M) [application/zip]
     0K .......... .......... .......... .......... ..........  {k}%  {rate}M {n}s
2024-01-{n} 12:00:0{k} ({rate} MB/s) - 'data.zip' saved [{m}{n}/{m}{n}]
""",
    "curl": """\
  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
100  {m}k  100  {m}k    0     0  {rate}M      0  0:00:0{k}  0:00:0{k} --:--:-- {rate}M
""",
    "nvidia-smi": """\
+-----------------------------------------------------------------------------+
| NVIDIA-SMI 535.{n}       Driver Version: 535.{n}     CUDA Version: 12.{k}     |
|-------------------------------+----------------------+----------------------+
| GPU  Name        Persistence-M| Bus-Id        Disp.A | Volatile Uncorr. ECC |
| Fan  Temp  Perf  Pwr:Usage/Cap|         Memory-Usage | GPU-Util  Compute M. |
|===============================+======================+======================|
|   0  NVIDIA A100         On   | 00000000:00:04.0 Off |                    0 |
| N/A   3{k}C    P0    {n}W / 400W |   {m}MiB / 40960MiB |     {n}%      Default |
+-------------------------------+----------------------+----------------------+
""",
    "free": "              total        used        free      shared\nMem:           24{n}        1{m}       22{n}          {k}\nSwap:             0           0           0\n",
    "df": "Filesystem      Size  Used Avail Use% Mounted on\n/dev/sda1       {n}G   {k}G  {n}G  {k}% /\ntmpfs           {m}M     0  {m}M   0% /dev/shm\n",
    "ls": "total {m}\n-rw-r--r-- 1 root root {m} Jan {n} 12:00 best.pt\n-rw-r--r-- 1 root root {n} Jan {n} 12:00 loss.py\n",
    "make": "[ {n}%] Building CXX object CMakeFiles/loss.dir/iou.cpp.o\n[{n}/{m}] Linking CXX executable map\nmake[1]: *** [Makefile:{n}: all] Error {k}\n",
    "docker": """\
Step {k}/12 : RUN pip install {package}=={version}
 ---> Running in abc{n}def
#{n} [{k}/12] RUN apt-get update
#{n} DONE {small}s
Removing intermediate container abc{n}
""",
    "docker images": "REPOSITORY   TAG    IMAGE ID       CREATED       SIZE\nportal       {version}  abc{n}   {k} days ago    {n}.{k}GB\n",
    "ffmpeg": """\
Input #0, mov,mp4, from 'in.mp4':
  Duration: 00:0{k}:{n}.50, start: 0.000000, bitrate: {m} kb/s
    Stream #0:0(und): Video: h264 (High), yuv420p, 1920x1080, {m} kb/s, 25 fps, 25 tbr, 12800 tbn
frame=  {m} fps= {n} q=28.0 size=    {m}kB time=00:00:0{k}.00 bitrate= {m}.2kbits/s speed=1.{k}x
""",
    "video": "video 1/1 (frame {n}/{m}) in.mp4: 384x640 {k} persons, 1 helmet, {small}ms\nSpeed: {small}ms preprocess, {n}.1ms inference, 0.0ms loss, 1.{k}ms postprocess per image at shape (1, 3, 384, 640)\nOpened camera 0: 1280x720, camera fps: {n}.0\n",
    "predictions": "image {n}/{m} a.jpg: 640x640 {k} persons, {n}.{k}ms\nimage {m}/{m} b.jpg: 640x640 (no detections), {n}.{k}ms\n",
    "scanning a data set": "\rtrain: Scanning /data/labels...: {n}%|###| {n}/{m} [00:00<00:00, {rate}it/s]\rtrain: Scanning /data/labels... {m} images, {k} backgrounds, 0 corrupt: 100%|######| {m}/{m} [00:00<00:00, {rate}it/s]\ntrain: New cache created: /data/labels.cache\n",
    "a look at pictures": "train: Fast image access ✅ (ping: 0.{k}±0.0 ms, read: 1{n}.2±5.0 MB/s, size: 0.{n} KB)\nval: Slow image access detected (ping: {k}.3±1.0 ms, read: {n}.5±3.1 MB/s, size: {n}.{k} KB)\n",
    "a summary of a model": """\
                   from  n    params  module                                       arguments
  0                  -1  1       464  ultralytics.nn.modules.conv.Conv             [3, 16, 3, 2]
  1                  -1  1      4{n}2  ultralytics.nn.modules.conv.Conv             [16, 32, 3, 2]
YOLO11n summary: {m} layers, 2,6{n},{m} parameters, 2,6{n},{m} gradients, 6.{k} GFLOPs
""",
    "a summary of Keras": """\
 Layer (type)                Output Shape              Param #
 conv2d (Conv2D)             (None, 26, 26, {n})        3{n}0
Total params: {m}1 ({n}.{k} KB)
Trainable params: {m}1 ({n}.{k} KB)
Non-trainable params: 0 (0.00 Byte)
""",
    "a summary of Lightning": """\
  | Name  | Type             | Params | Mode
---------------------------------------------
0 | model | Sequential       | {n}.{k} K | train
1 | loss  | CrossEntropyLoss | 0      | train
---------------------------------------------
{n}.{k} K    Trainable params
0.1{n}     Total estimated model params size (MB)
""",
    "a data set": "Loaded {m} images, {n} labels\nclass 0: {n} instances\nclass 1: {m} instances\ntrain: {m}, val: {n}\nImage size: 640\nBatch size: {n}\n",
    "classes": "names: ['{word}', 'hook']\nnc: {n}\n0: {word}\n1: hook\n2: person\n",
    "export": "ONNX: slimming with onnxslim 0.1.{n}...\nONNX: export success ✅ {small}s, saved as 'best.onnx' ({size} MB)\nExport complete ({small}s)\nInput size: 640\nopset: {n}\n",
    "ping": "PING 10.0.0.{n} (10.0.0.{n}) 56(84) bytes of data.\n64 bytes from 10.0.0.{n}: icmp_seq=1 ttl=64 time=0.{n} ms\n{k} packets transmitted, {k} received, 0% packet loss, time {m}ms\nrtt min/avg/max/mdev = 0.0{n}/0.0{n}/0.0{n}/0.00{k} ms\n",
    "a resumed training": "Resuming from runs/train/weights/last.pt, epoch {n}\nStarting training for {m} epochs...\nImage sizes 640 train, 640 val\nUsing {k} dataloader workers\nTransferred {n}/{m} items from pretrained weights\n",
    "an early stop": "EarlyStopping: Training stopped early as no improvement observed in last {n} epochs. Best results observed at epoch {k}, best model saved as best.pt.\n{n} epochs completed in 0.0{k} hours.\nOptimizer stripped from runs/train/weights/best.pt, {size}MB\n",
    "Korean": "데이터 {m}개를 불러왔습니다\n이미지 크기: 640\n배치 크기: {n}\n총 {m}장 처리 완료 ({small}초)\n학습을 시작합니다\n경과 시간: {n}.{k}초\n",
    "a server": '127.0.0.1 - - [01/Jan/2024 12:00:0{k}] "GET /loss/{n} HTTP/1.1" 200 {m}\nINFO:     127.0.0.1:5{n}1 - "POST /predict HTTP/1.1" 200 OK\n',
}  # fmt: skip


def quiet_logs() -> list[tuple[str, str]]:
    """Return the name and the text of each log."""
    found = []
    for name, text in KINDS.items():
        for number in range(4):
            chance = Random(f"{name} {number}")  # noqa: S311
            values = {
                "package": chance.choice(_PACKAGES),
                "version": f"{chance.randint(0, 9)}.{chance.randint(0, 30)}.{chance.randint(0, 9)}",
                "size": f"{chance.uniform(1, 900):.1f}",
                "rate": f"{chance.uniform(1, 99):.1f}",
                "small": f"{chance.uniform(0.1, 9):.1f}",
                "n": chance.randint(10, 59),
                "m": chance.randint(100, 999),
                "k": chance.randint(1, 9),
                "word": chance.choice(_CLASSES),
            }
            found.append((f"{name} {number}", text.format(**values)))
    return found
