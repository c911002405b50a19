"""Logs of loops that people write themselves."""

from __future__ import annotations

from math import inf, nan

from tests.registry_app.results.writers.labels import Writer, log

LOOPS = [
    log(
        "tutorial of PyTorch, both phases in one line",
        """
Epoch [1/3] | Train Loss: 1.0000 | Val Loss: 2.0000 | Train Acc: 0.90 | Val Acc: 0.80
Epoch [2/3] | Train Loss: 0.5000 | Val Loss: 1.0000 | Train Acc: 0.91 | Val Acc: 0.81
Epoch [3/3] | Train Loss: 0.3333 | Val Loss: 0.6667 | Train Acc: 0.92 | Val Acc: 0.82
""",
        {
            "Train Loss": [1, 0.5, 0.3333],
            "Val Loss": [2, 1, 0.6667],
            "Train Acc": [0.9, 0.91, 0.92],
            "Val Acc": [0.8, 0.81, 0.82],
        },
    ),
    log(
        "tutorial of PyTorch, a line for each phase below the epoch",
        """
Epoch 0/1
----------
train Loss: 0.7012 Acc: 0.6434
val Loss: 0.3521 Acc: 0.8889

Epoch 1/1
----------
train Loss: 0.4512 Acc: 0.8074
val Loss: 0.2421 Acc: 0.9346

Training complete in 1m 12s
Best val Acc: 0.934600
""",
        {
            "train Loss": {0: 0.7012, 1: 0.4512},
            "train Acc": {0: 0.6434, 1: 0.8074},
            "val Loss": {0: 0.3521, 1: 0.2421},
            "val Acc": {0: 0.8889, 1: 0.9346},
            "Best val Acc": {1: 0.9346},
        },
    ),
    log(
        "MNIST example of PyTorch",
        """
Train Epoch: 1 [0/60000 (0%)]\tLoss: 2.305400
Train Epoch: 1 [640/60000 (1%)]\tLoss: 1.380100

Test set: Average loss: 0.0500, Accuracy: 9840/10000 (98%)

Train Epoch: 2 [0/60000 (0%)]\tLoss: 0.200300
Train Epoch: 2 [640/60000 (1%)]\tLoss: 0.150200

Test set: Average loss: 0.0340, Accuracy: 9890/10000 (99%)
""",
        {
            "Loss": {0: 2.3054, 640: 1.3801, 60000: 0.2003, 60640: 0.1502},
            "Test Average loss": [0.05, 0.034],
            "Test Accuracy": [98, 99],
        },
    ),
    log(
        "ImageNet example of PyTorch",
        """
Epoch: [0][  1/100]\tTime  1.52 ( 1.52)\tData  0.91 ( 0.91)\tLoss 6.9e+00 (6.9e+00)\tAcc@1   0.00 (  0.00)\tAcc@5   1.56 (  1.56)
Epoch: [0][ 11/100]\tTime  0.22 ( 0.35)\tData  0.01 ( 0.10)\tLoss 6.8e+00 (6.9e+00)\tAcc@1   1.56 (  0.20)\tAcc@5   3.12 (  1.80)
Epoch: [1][  1/100]\tTime  1.50 ( 1.50)\tData  0.90 ( 0.90)\tLoss 5.9e+00 (5.9e+00)\tAcc@1   6.25 (  6.25)\tAcc@5  18.75 ( 18.75)
""",
        {
            "Loss": {1: 6.9, 11: 6.8, 101: 5.9},
            "Acc@1": {1: 0.0, 11: 1.56, 101: 6.25},
            "Acc@5": {1: 1.56, 11: 3.12, 101: 18.75},
        },
    ),
    log(
        "steps inside epochs, with commas",
        """
Epoch [1/2], Step [100/200], Loss: 0.9000
Epoch [1/2], Step [200/200], Loss: 0.7000
Epoch [2/2], Step [100/200], Loss: 0.5000
Epoch [2/2], Step [200/200], Loss: 0.3000
Accuracy of the model on the 10000 test images: 97.5 %
""",
        {
            "Loss": {100: 0.9, 200: 0.7, 300: 0.5, 400: 0.3},
            "Accuracy": {2: 97.5},
        },
    ),
    log(
        "language model example of PyTorch",
        """
| epoch   1 |   200/  600 batches | lr 20.00 | ms/batch 12.34 | loss  7.63 | ppl  2050.12
| epoch   1 |   400/  600 batches | lr 20.00 | ms/batch 11.92 | loss  6.85 | ppl   943.90
-----------------------------------------------------------------------------------------
| end of epoch   1 | time:  8.12s | valid loss  6.10 | valid ppl   445.86
-----------------------------------------------------------------------------------------
""",
        {
            "lr": {200: 20, 400: 20},
            "loss": {200: 7.63, 400: 6.85},
            "ppl": {200: 2050.12, 400: 943.9},
            "valid loss": [6.1],
            "valid ppl": [445.86],
        },
    ),
    log(
        "logging to stderr",
        """
2024-01-01 12:00:00,123 INFO epoch 0 loss=1.000 acc=0.500
2024-01-01 12:00:10,456 INFO epoch 1 loss=0.500 acc=0.600
""",
        {"loss": {0: 1.0, 1: 0.5}, "acc": {0: 0.5, 1: 0.6}},
    ),
    log(
        "a diverging training",
        "Epoch 1: loss=0.5 grad=1.5 lr=1e-3\nEpoch 2: loss=nan grad=inf lr=1e-3\n",
        {"loss": [0.5, nan], "grad": [1.5, inf], "lr": [1e-3, 1e-3]},
    ),
    log(
        "tqdm, the bar over the batches of an epoch",
        "\rEpoch 1/2:  50%|█████     | 5/10 [00:01<00:01,  9.50it/s, loss=1.500, acc=0.400]"
        "\rEpoch 1/2: 100%|██████████| 10/10 [00:02<00:00,  9.50it/s, loss=1.000, acc=0.500]\n"
        "\rEpoch 2/2: 100%|██████████| 10/10 [00:02<00:00,  9.50it/s, loss=0.500, acc=0.600]\n",
        {"loss": [1.0, 0.5], "acc": [0.5, 0.6]},
    ),
    log(
        "tqdm, the bar over the epochs",
        "\r  0%|          | 0/3 [00:00<?, ?it/s]"
        "\r 33%|███▎      | 1/3 [00:01<00:02,  1.00s/it, epoch=1, loss=0.9]\n"
        "\r 67%|██████▋   | 2/3 [00:02<00:01,  1.00s/it, epoch=2, loss=0.8]\n",
        {"loss": [0.9, 0.8]},
    ),
    log(
        "a printed dictionary",
        "{'loss': 0.5, 'lr': 0.001, 'epoch': 1}\n{'loss': 0.4, 'lr': 0.001, 'epoch': 2}\n",
        {"loss": [0.5, 0.4], "lr": [0.001, 0.001]},
    ),
    log(
        "a line of JSON for each step",
        '{"step": 10, "loss": 0.5, "grad_norm": 1.25}\n{"step": 20, "loss": 0.4, "grad_norm": 1.5}\n',
        {"loss": {10: 0.5, 20: 0.4}, "grad_norm": {10: 1.25, 20: 1.5}},
    ),
    log(
        "Korean words",
        """
에폭 1/2 - 학습 손실: 0.9000, 검증 손실: 1.1000, 정확도: 85.5%
에폭 2/2 - 학습 손실: 0.7000, 검증 손실: 0.9000, 정확도: 90.1%
최종 정확도: 90.1%
""",
        {
            "학습 손실": [0.9, 0.7],
            "검증 손실": [1.1, 0.9],
            "정확도": [85.5, 90.1],
            "최종 정확도": {2: 90.1},
        },
    ),
    Writer(
        name="Korean in CP949",
        data="에폭 1 손실: 0.9\n에폭 2 손실: 0.8\n".encode("cp949"),
        points={"손실": [0.9, 0.8]},
    ),
    log(
        "counters in brackets",
        "[1/3] train_loss: 0.9 val_loss: 1.0\n[2/3] train_loss: 0.8 val_loss: 0.9\n",
        {"train_loss": [0.9, 0.8], "val_loss": [1.0, 0.9]},
    ),
    log(
        "tabs and no colons",
        "1/2\tloss 1.000\tacc 0.9\n2/2\tloss 0.500\tacc 0.92\n",
        {"loss": [1.0, 0.5], "acc": [0.9, 0.92]},
    ),
    log(
        "glued to its signs",
        "epoch:1 loss:1.000 acc:0.5\nepoch:2 loss:0.500 acc:0.6\n",
        {"loss": [1.0, 0.5], "acc": [0.5, 0.6]},
    ),
    log(
        "phases as headings inside a line",
        """
Epoch 01 train: loss 0.91 acc 0.51 | val: loss 0.95 acc 0.49
Epoch 02 train: loss 0.81 acc 0.61 | val: loss 0.85 acc 0.59
""",
        {
            "train loss": [0.91, 0.81],
            "train acc": [0.51, 0.61],
            "val loss": [0.95, 0.85],
            "val acc": [0.49, 0.59],
        },
    ),
    log(
        "phases by lines",
        """
[Train] Epoch: 1, Loss: 0.91, Acc: 0.51
[Valid] Epoch: 1, Loss: 0.95, Acc: 0.49
[Train] Epoch: 2, Loss: 0.81, Acc: 0.61
[Valid] Epoch: 2, Loss: 0.85, Acc: 0.59
""",
        {
            "Loss": [0.91, 0.81],
            "Acc": [0.51, 0.61],
            "Valid Loss": [0.95, 0.85],
            "Valid Acc": [0.49, 0.59],
        },
    ),
    log(
        "colours and a level",
        "\x1b[32m2024-01-01 12:00:00\x1b[0m | \x1b[1mINFO\x1b[0m | main:train:42 - Epoch 3: "
        "loss=0.5321, mIoU=71.20%\n",
        {"loss": {3: 0.5321}, "mIoU": {3: 71.2}},
    ),
    log(
        "segmentation with times and memory",
        """
Epoch: 5, time: 12.3s, mem: 4.5G, data: 0.02, eta: 0:10:00, loss: 0.3210, mIoU: 0.7120, dice: 0.82
""",
        {"loss": {5: 0.321}, "mIoU": {5: 0.712}, "dice": {5: 0.82}},
    ),
    log(
        "GAN",
        "[Epoch 0/200] [Batch 0/938] [D loss: 0.693000] [G loss: 0.701000]\n"
        "[Epoch 0/200] [Batch 400/938] [D loss: 0.420000] [G loss: 1.530000]\n",
        {"D loss": {0: 0.693, 400: 0.42}, "G loss": {0: 0.701, 400: 1.53}},
    ),
    log(
        "a training that is read at its end",
        """
Training finished in 123.4 s
Test accuracy: 0.9123
Test loss: 0.2871
mAP@0.5: 0.874
mAP@0.5:0.95: 0.612
""",
        {
            "Test accuracy": {0: 0.9123},
            "Test loss": {0: 0.2871},
            "mAP@0.5": {0: 0.874},
            "mAP@0.5:0.95": {0: 0.612},
        },
    ),
    log(
        "a benchmark",
        """
Device: cpu, threads: 4, runs: 100
FPS: 81.3
mean latency 12.30 ms
p99 latency: 20.1 ms
Model size: 5.2 MB
Average inference time: 12.3 ms
""",
        {
            "FPS": {0: 81.3},
            "mean latency": {0: 12.3},
            "p99 latency": {0: 20.1},
            "Model size": {0: 5.2},
            "Average inference time": {0: 12.3},
        },
    ),
    log(
        "a benchmark in Markdown",
        """
| model | mAP50 | FPS |
|-------|-------|-----|
| yolo11n | 0.912 | 81.3 |
| yolo11s | 0.934 | 40.2 |
""",
        {
            "yolo11n/mAP50": {0: 0.912},
            "yolo11n/FPS": {0: 81.3},
            "yolo11s/mAP50": {0: 0.934},
            "yolo11s/FPS": {0: 40.2},
        },
    ),
    log(
        "quantization, before and after",
        """
FP32 mAP: 0.912, size: 22.5 MB, latency: 35.2 ms
INT8 mAP: 0.905, size: 6.1 MB, latency: 12.9 ms
Accuracy drop: 0.7%
""",
        {
            "FP32 mAP": {0: 0.912},
            "INT8 mAP": {0: 0.905},
            "size": {0: 22.5, 1: 6.1},
            "latency": {0: 35.2, 1: 12.9},
        },
    ),
]
