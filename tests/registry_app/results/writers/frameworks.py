"""Logs of frameworks of detection, segmentation and language."""

from __future__ import annotations

from tests.registry_app.results.writers.labels import log

FRAMEWORKS = [
    log(
        "Ultralytics, training and validation",
        """
Ultralytics 8.3.40 🚀 Python-3.11.7 torch-2.5.1+cpu CPU (Intel Xeon 2.20GHz)
engine/trainer: task=detect, mode=train, model=yolo11n.pt, epochs=2, batch=16, imgsz=640, iou=0.7, lr0=0.01, momentum=0.937, box=7.5, cls=0.5, dfl=1.5
YOLO11n summary: 319 layers, 2,590,425 parameters, 2,590,409 gradients, 6.4 GFLOPs
optimizer: AdamW(lr=0.002, momentum=0.9) with parameter groups 81 weight(decay=0.0), 88 weight(decay=0.0005), 87 bias(decay=0.0)

      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size
        1/2         0G      1.234      2.345      1.123         12        640: 100%|██████████| 4/4 [00:02<00:00,  1.90it/s]
                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|██████████| 1/1 [00:00<00:00,  2.50it/s]
                   all          4         17      0.612        0.5        0.6        0.4

      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size
        2/2         0G      1.034      2.045      1.023         12        640: 100%|██████████| 4/4 [00:02<00:00,  1.90it/s]
                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|██████████| 1/1 [00:00<00:00,  2.50it/s]
                   all          4         17      0.712       0.55       0.65       0.45
               hardhat          4         10      0.812       0.65       0.75       0.55
            safety vest          4          7      0.612       0.45       0.55       0.35
Speed: 1.2ms preprocess, 30.1ms inference, 0.0ms loss, 1.5ms postprocess per image
Results saved to runs/detect/train
""",
        {
            "box_loss": [1.234, 1.034],
            "cls_loss": [2.345, 2.045],
            "dfl_loss": [1.123, 1.023],
            "precision": [0.612, 0.712],
            "recall": [0.5, 0.55],
            "mAP50": [0.6, 0.65],
            "mAP50-95": [0.4, 0.45],
            "hardhat/precision": {2: 0.812},
            "hardhat/recall": {2: 0.65},
            "hardhat/mAP50": {2: 0.75},
            "hardhat/mAP50-95": {2: 0.55},
            "safety vest/precision": {2: 0.612},
            "safety vest/recall": {2: 0.45},
            "safety vest/mAP50": {2: 0.55},
            "safety vest/mAP50-95": {2: 0.35},
        },
    ),
    log(
        "Ultralytics 8.3.200, other bars",
        """
      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size
\x1b[K        1/1         0G      1.234      2.345      1.123         12        640: 100% ━━━━━━━━━━━━ 4/4 1.9it/s 2.1s
\x1b[K                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100% ━━━━━━━━━━━━ 1/1 2.5it/s 0.4s
                   all          4         17      0.612        0.5        0.6        0.4
""",
        {
            "box_loss": [1.234],
            "cls_loss": [2.345],
            "dfl_loss": [1.123],
            "precision": [0.612],
            "recall": [0.5],
            "mAP50": [0.6],
            "mAP50-95": [0.4],
        },
    ),
    log(
        "YOLOv5",
        """
hyperparameters: lr0=0.01, lrf=0.01, momentum=0.937, weight_decay=0.0005, box=0.05, cls=0.5, obj=1.0, iou_t=0.2

      Epoch    GPU_mem   box_loss   obj_loss   cls_loss  Instances       Size
        0/1      1.21G     0.1012     0.0431     0.0311         23        640: 100%|██████████| 8/8 [00:04<00:00,  1.95it/s]
                 Class     Images  Instances          P          R      mAP50   mAP50-95: 100%|██████████| 2/2 [00:00<00:00,  2.91it/s]
                   all         32         96      0.501      0.402      0.381      0.201
""",
        {
            "box_loss": {0: 0.1012},
            "obj_loss": {0: 0.0431},
            "cls_loss": {0: 0.0311},
            "precision": {0: 0.501},
            "recall": {0: 0.402},
            "mAP50": {0: 0.381},
            "mAP50-95": {0: 0.201},
        },
    ),
    log(
        "YOLOv7",
        """
     Epoch   gpu_mem       box       obj       cls     total    labels  img_size
       0/1      2.1G   0.07123   0.02131   0.01523    0.1078        31       640: 100%|##########| 8/8 [00:05<00:00,  1.51it/s]
               Class      Images      Labels           P           R      mAP@.5  mAP@.5:.95: 100%|##########| 2/2 [00:01<00:00,  1.91it/s]
                 all          32          96       0.521       0.412       0.391       0.211
""",
        {
            "box": {0: 0.07123},
            "obj": {0: 0.02131},
            "cls": {0: 0.01523},
            "total": {0: 0.1078},
            "precision": {0: 0.521},
            "recall": {0: 0.412},
            "mAP@.5": {0: 0.391},
            "mAP@.5:.95": {0: 0.211},
        },
    ),
    log(
        "YOLOX",
        """
2024-01-01 12:00:00 | INFO     | yolox.core.trainer:270 - epoch: 1/300, iter: 10/100, mem: 1000Mb, iter_time: 0.512s, data_time: 0.101s, total_loss: 15.2, iou_loss: 4.1, l1_loss: 0.0, conf_loss: 9.0, cls_loss: 2.1, lr: 1.000e-04, size: 640, ETA: 1:00:00
2024-01-01 12:00:09 | INFO     | yolox.core.trainer:270 - epoch: 2/300, iter: 10/100, mem: 1000Mb, iter_time: 0.512s, data_time: 0.101s, total_loss: 12.2, iou_loss: 3.1, l1_loss: 0.0, conf_loss: 7.0, cls_loss: 2.1, lr: 2.000e-04, size: 608, ETA: 0:59:00
""",
        {
            "total_loss": {10: 15.2, 110: 12.2},
            "iou_loss": {10: 4.1, 110: 3.1},
            "l1_loss": {10: 0, 110: 0},
            "conf_loss": {10: 9, 110: 7},
            "cls_loss": {10: 2.1, 110: 2.1},
            "lr": {10: 1e-4, 110: 2e-4},
        },
    ),
    log(
        "mmengine",
        """
01/01 12:00:00 - mmengine - INFO - Epoch(train)  [1][ 50/100]  lr: 1.0000e-03  eta: 0:01:00  time: 0.2012  data_time: 0.0102  memory: 1234  loss: 1.2345  loss_cls: 0.7000  loss_bbox: 0.5345
01/01 12:00:10 - mmengine - INFO - Epoch(train)  [1][100/100]  lr: 1.0000e-03  eta: 0:00:50  time: 0.2012  data_time: 0.0102  memory: 1234  loss: 1.1345  loss_cls: 0.6000  loss_bbox: 0.5345
01/01 12:00:12 - mmengine - INFO - Epoch(val)  [1][10/10]    coco/bbox_mAP: 0.1010  coco/bbox_mAP_50: 0.2020  data_time: 0.0100  time: 0.1000
01/01 12:00:20 - mmengine - INFO - Epoch(train)  [2][ 50/100]  lr: 1.0000e-04  eta: 0:00:30  time: 0.2012  data_time: 0.0102  memory: 1234  loss: 1.0345  loss_cls: 0.5000  loss_bbox: 0.5345
01/01 12:00:32 - mmengine - INFO - Epoch(val)  [2][10/10]    coco/bbox_mAP: 0.1110  coco/bbox_mAP_50: 0.2120  data_time: 0.0100  time: 0.1000
""",
        {
            "lr": {50: 1e-3, 100: 1e-3, 150: 1e-4},
            "loss": {50: 1.2345, 100: 1.1345, 150: 1.0345},
            "loss_cls": {50: 0.7, 100: 0.6, 150: 0.5},
            "loss_bbox": {50: 0.5345, 100: 0.5345, 150: 0.5345},
            "val coco/bbox_mAP": [0.101, 0.111],
            "val coco/bbox_mAP_50": [0.202, 0.212],
        },
    ),
    log(
        "mmengine, by iterations",
        """
2024/01/01 12:00:00 - mmengine - INFO - Iter(train) [  50/1000]  base_lr: 9.9e-03 lr: 9.9e-03  eta: 0:10:00  time: 0.50  data_time: 0.01  memory: 3000  loss: 2.10  decode.loss_ce: 1.50  decode.acc_seg: 45.1
2024/01/01 12:01:00 - mmengine - INFO - Iter(val) [10/10]    aAcc: 80.10  mIoU: 50.20  mAcc: 60.30  data_time: 0.01  time: 0.1
""",
        {
            "base_lr": {50: 9.9e-3},
            "lr": {50: 9.9e-3},
            "loss": {50: 2.1},
            "decode.loss_ce": {50: 1.5},
            "decode.acc_seg": {50: 45.1},
            "val aAcc": {50: 80.1},
            "val mIoU": {50: 50.2},
            "val mAcc": {50: 60.3},
        },
    ),
    log(
        "mmcv before mmengine",
        """
2023-01-01 12:00:00,000 - mmdet - INFO - Epoch [1][50/100]\tlr: 1.000e-02, eta: 0:05:00, time: 0.300, data_time: 0.010, memory: 3000, loss_cls: 0.9000, loss_bbox: 0.4000, acc: 80.1000, loss: 1.3000
2023-01-01 12:00:30,000 - mmdet - INFO - Epoch(val) [1][20]\tbbox_mAP: 0.3010, bbox_mAP_50: 0.5020
""",
        {
            "lr": {50: 0.01},
            "loss_cls": {50: 0.9},
            "loss_bbox": {50: 0.4},
            "acc": {50: 80.1},
            "loss": {50: 1.3},
            "val bbox_mAP": [0.301],
            "val bbox_mAP_50": [0.502],
        },
    ),
    log(
        "Detectron2",
        """
[01/01 12:00:00 d2.utils.events]:  eta: 0:10:00  iter: 19  total_loss: 2.301  loss_cls: 1.101  loss_box_reg: 0.801  time: 0.5001  last_time: 0.51  data_time: 0.0101  lr: 1.6068e-05  max_mem: 3210M
[01/01 12:00:10 d2.utils.events]:  eta: 0:09:50  iter: 39  total_loss: 2.101  loss_cls: 1.001  loss_box_reg: 0.701  time: 0.5001  last_time: 0.51  data_time: 0.0101  lr: 3.2718e-05  max_mem: 3210M
""",
        {
            "total_loss": {19: 2.301, 39: 2.101},
            "loss_cls": {19: 1.101, 39: 1.001},
            "loss_box_reg": {19: 0.801, 39: 0.701},
            "lr": {19: 1.6068e-05, 39: 3.2718e-05},
        },
    ),
    log(
        "DETR",
        """
Epoch: [0]  [  0/100]  eta: 0:01:40  lr: 0.000100  class_error: 95.00  loss: 30.5000 (30.5000)  loss_ce: 5.5000 (5.5000)  cardinality_error_unscaled: 90.0000 (90.0000)  time: 1.0000  data: 0.5000  max mem: 1000
Epoch: [0]  [ 10/100]  eta: 0:01:00  lr: 0.000100  class_error: 85.00  loss: 25.5000 (28.0000)  loss_ce: 4.5000 (5.0000)  cardinality_error_unscaled: 80.0000 (85.0000)  time: 0.6000  data: 0.0500  max mem: 1000
Epoch: [0] Total time: 0:01:00 (0.6000 s / it)
Averaged stats: lr: 0.000100  class_error: 85.00  loss: 25.5000 (28.0000)
 Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.123
 Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.234
 Average Recall     (AR) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = 0.345
""",
        {
            "lr": {0: 1e-4, 10: 1e-4},
            "class_error": {0: 95, 10: 85},
            "loss": {0: 30.5, 10: 25.5},
            "loss_ce": {0: 5.5, 10: 4.5},
            "cardinality_error_unscaled": {0: 90, 10: 80},
            "epoch/loss": {0: 25.5},
            "mAP@0.50:0.95": {0: 0.123},
            "mAP@0.50": {0: 0.234},
            "AR@0.50:0.95 small": {0: 0.345},
        },
    ),
    log(
        "timm",
        """
Train: 0 [   0/100 (  0%)]  Loss: 6.95 (6.95)  Time: 1.512s,   84.66/s  (1.512s,   84.66/s)  LR: 1.000e-06  Data: 0.912 (0.912)
Train: 0 [  50/100 ( 51%)]  Loss: 6.85 (6.91)  Time: 0.212s,  603.77/s  (0.252s,  507.94/s)  LR: 1.000e-06  Data: 0.011 (0.032)
Test: [   0/10]  Time: 0.812 (0.812)  Loss:  6.8210 (6.8210)  Acc@1:  1.5625 ( 1.5625)  Acc@5:  4.6875 ( 4.6875)
Test: [  10/10]  Time: 0.112 (0.212)  Loss:  6.7210 (6.8010)  Acc@1:  1.9625 ( 1.6625)  Acc@5:  5.6875 ( 4.7875)
*** Best metric: 1.6625 (epoch 0)
""",
        {
            "Loss": {0: 6.95, 50: 6.85},
            "LR": {0: 1e-6, 50: 1e-6},
            "Test Loss": {0: 6.721},
            "Test Acc@1": {0: 1.9625},
            "Test Acc@5": {0: 5.6875},
            "Best metric": {0: 1.6625},
        },
    ),
    log(
        "PaddleClas",
        """
[2024/01/01 12:00:00] ppcls INFO: [Train][Epoch 1/2][Iter: 0/20]lr(LinearWarmup): 0.00100000, top1: 0.10000, top5: 0.40000, CELoss: 4.60000, loss: 4.60000, batch_cost: 1.20000s, reader_cost: 0.30000, ips: 26.66000 samples/s, eta: 0:00:48
[2024/01/01 12:00:20] ppcls INFO: [Eval][Epoch 1][Avg]CELoss: 3.90000, loss: 3.90000, top1: 0.20000, top5: 0.50000
[2024/01/01 12:00:20] ppcls INFO: [Train][Epoch 2/2][Iter: 0/20]lr(LinearWarmup): 0.00200000, top1: 0.20000, top5: 0.50000, CELoss: 3.60000, loss: 3.60000, batch_cost: 1.20000s, reader_cost: 0.30000, ips: 26.66000 samples/s, eta: 0:00:24
""",
        {
            "lr(LinearWarmup)": {0: 0.001, 20: 0.002},
            "top1": {0: 0.1, 20: 0.2},
            "top5": {0: 0.4, 20: 0.5},
            "CELoss": {0: 4.6, 20: 3.6},
            "loss": {0: 4.6, 20: 3.6},
            "Eval CELoss": [3.9],
            "Eval loss": [3.9],
            "Eval top1": [0.2],
            "Eval top5": [0.5],
        },
    ),
    log(
        "PaddleDetection",
        """
[01/01 12:00:00] ppdet.engine INFO: Epoch: [0] [ 0/100] learning_rate: 0.000010 loss: 5.012345 loss_xy: 1.100000 eta: 0:10:00 batch_cost: 1.0000 data_cost: 0.1000 ips: 8.0000 images/s
[01/01 12:00:20] ppdet.engine INFO: Epoch: [0] [20/100] learning_rate: 0.000020 loss: 4.512345 loss_xy: 1.000000 eta: 0:09:40 batch_cost: 1.0000 data_cost: 0.1000 ips: 8.0000 images/s
""",
        {
            "learning_rate": {0: 1e-5, 20: 2e-5},
            "loss": {0: 5.012345, 20: 4.512345},
            "loss_xy": {0: 1.1, 20: 1.0},
        },
    ),
    log(
        "PaddleSeg",
        """
2024-01-01 12:00:00 [INFO]\t[TRAIN] epoch: 1, iter: 10/1000, loss: 0.9123, lr: 0.009910, batch_cost: 0.2100, reader_cost: 0.01000, ips: 19.0476 samples/sec | ETA 00:03:27
2024-01-01 12:00:10 [INFO]\t[TRAIN] epoch: 2, iter: 20/1000, loss: 0.8123, lr: 0.009820, batch_cost: 0.2100, reader_cost: 0.01000, ips: 19.0476 samples/sec | ETA 00:03:25
2024-01-01 12:00:12 [INFO]\t[EVAL] #Images: 76 mIoU: 0.5123 Acc: 0.9012 Kappa: 0.7012 Dice: 0.6512
""",
        {
            "loss": {10: 0.9123, 20: 0.8123},
            "lr": {10: 0.00991, 20: 0.00982},
            "EVAL mIoU": {2: 0.5123},
            "EVAL Acc": {2: 0.9012},
            "EVAL Kappa": {2: 0.7012},
            "EVAL Dice": {2: 0.6512},
        },
    ),
    log(
        "Paddle's high-level interface",
        """
Epoch 1/2
step 10/20 [==========>...] - loss: 0.9012 - acc: 0.7012 - 20ms/step
step 20/20 [==============] - loss: 0.5012 - acc: 0.8012 - 20ms/step
Epoch 2/2
step 20/20 [==============] - loss: 0.3012 - acc: 0.9012 - 20ms/step
""",
        {"loss": [0.5012, 0.3012], "acc": [0.8012, 0.9012]},
    ),
    log(
        "Keras 3",
        "Epoch 1/2\n"
        "\x1b[1m 1/10\x1b[0m \x1b[32m━━\x1b[0m\x1b[37m━━━━\x1b[0m \x1b[1m3s\x1b[0m 400ms/step - accuracy: 0.1000 - loss: 2.5000"
        "\b\b\b\b\b\b\b\b\b\r\x1b[1m10/10\x1b[0m \x1b[32m━━━━━━\x1b[0m \x1b[1m1s\x1b[0m 50ms/step - accuracy: 0.6000 - loss: 1.2000 - val_accuracy: 0.5000 - val_loss: 1.4000 - learning_rate: 0.0010\n"
        "Epoch 2/2\n"
        "\x1b[1m10/10\x1b[0m \x1b[32m━━━━━━\x1b[0m \x1b[1m0s\x1b[0m 9ms/step - accuracy: 0.8000 - loss: 0.8000 - val_accuracy: 0.7000 - val_loss: 0.9000 - learning_rate: 0.0010\n"
        "\x1b[1m3/3\x1b[0m \x1b[32m━━━━━━\x1b[0m \x1b[1m0s\x1b[0m 3ms/step - accuracy: 0.7200 - loss: 0.9100\n",
        {
            "accuracy": [0.6, 0.8],
            "loss": [1.2, 0.8],
            "val_accuracy": [0.5, 0.7],
            "val_loss": [1.4, 0.9],
            "learning_rate": [0.001, 0.001],
            "eval accuracy": {2: 0.72},
            "eval loss": {2: 0.91},
        },
    ),
    log(
        "Keras without a terminal",
        """
Epoch 1/2
10/10 - 1s - 50ms/step - accuracy: 0.6000 - loss: 1.2000 - val_accuracy: 0.5000 - val_loss: 1.4000
Epoch 2/2
10/10 - 0s - 9ms/step - accuracy: 0.8000 - loss: 0.8000 - val_accuracy: 0.7000 - val_loss: 0.9000
Epoch 2: val_loss improved from 1.40000 to 0.90000, saving model to best.keras
""",
        {
            "accuracy": [0.6, 0.8],
            "loss": [1.2, 0.8],
            "val_accuracy": [0.5, 0.7],
            "val_loss": [1.4, 0.9],
        },
    ),
    log(
        "Hugging Face Trainer",
        """
{'loss': 1.0, 'grad_norm': 1.5, 'learning_rate': 5e-05, 'epoch': 1.0}
{'eval_loss': 1.1, 'eval_accuracy': 0.5, 'eval_runtime': 0.1, 'eval_samples_per_second': 100.0, 'epoch': 1.0}
{'loss': 0.5, 'grad_norm': 1.4, 'learning_rate': 2.5e-05, 'epoch': 2.0}
{'eval_loss': 0.6, 'eval_accuracy': 0.7, 'eval_runtime': 0.1, 'eval_samples_per_second': 100.0, 'epoch': 2.0}
{'train_runtime': 1.2, 'train_samples_per_second': 50.0, 'train_steps_per_second': 5.0, 'train_loss': 0.75, 'epoch': 2.0}
""",
        {
            "loss": [1.0, 0.5],
            "grad_norm": [1.5, 1.4],
            "learning_rate": [5e-5, 2.5e-5],
            "eval_loss": [1.1, 0.6],
            "eval_accuracy": [0.5, 0.7],
            "train_loss": {2: 0.75},
        },
    ),
    log(
        "Hugging Face Trainer, by parts of epochs",
        """
{'loss': 1.0, 'learning_rate': 5e-05, 'epoch': 0.5}
{'loss': 0.8, 'learning_rate': 4e-05, 'epoch': 1.0}
{'eval_loss': 0.9, 'epoch': 1.0}
{'loss': 0.6, 'learning_rate': 3e-05, 'epoch': 1.5}
""",
        {
            "loss": [1.0, 0.8, 0.6],
            "learning_rate": [5e-5, 4e-5, 3e-5],
            "eval_loss": {2: 0.9},
        },
    ),
    log(
        "Lightning",
        "\rEpoch 0:  50%|█████     | 5/10 [00:00<00:00, 50.00it/s, v_num=0, train_loss=0.900]"
        "\rEpoch 0: 100%|██████████| 10/10 [00:00<00:00, 50.00it/s, v_num=0, train_loss=0.800, val_loss=0.700]\n"
        "\rEpoch 1: 100%|██████████| 10/10 [00:00<00:00, 50.00it/s, v_num=0, train_loss=0.600, val_loss=0.500]\n"
        "`Trainer.fit` stopped: `max_epochs=2` reached.\n"
        "┏━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━┓\n"
        "┃        Test metric        ┃       DataLoader 0        ┃\n"
        "┡━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━┩\n"
        "│         test_acc          │    0.9123000264167786     │\n"
        "│         test_loss         │    0.2870999872684479     │\n"
        "└───────────────────────────┴───────────────────────────┘\n",
        {
            "train_loss": {0: 0.8, 1: 0.6},
            "val_loss": {0: 0.7, 1: 0.5},
            "test_acc": {1: 0.912300026},
            "test_loss": {1: 0.287099987},
        },
    ),
    log(
        "fairseq",
        """
2024-01-01 12:00:00 | INFO | train_inner | epoch 001:    100 / 1000 loss=12.012, nll_loss=11.512, ppl=2920.1, wps=1000, ups=2.1, wpb=3500, bsz=128, num_updates=100, lr=1.25e-05, gnorm=2.1, train_wall=40, wall=45
2024-01-01 12:10:00 | INFO | valid | epoch 001 | valid on 'valid' subset | loss 9.5 | nll_loss 8.7 | ppl 415.9
""",
        {
            "loss": {100: 12.012},
            "nll_loss": {100: 11.512},
            "ppl": {100: 2920.1},
            "lr": {100: 1.25e-5},
            "gnorm": {100: 2.1},
            "valid loss": [9.5],
            "valid nll_loss": [8.7],
            "valid ppl": [415.9],
        },
    ),
    log(
        "nanoGPT",
        """
step 0: train loss 10.9321, val loss 10.9402
iter 0: loss 10.9301, time 30501.12ms, mfu -100.00%
iter 10: loss 9.8012, time 1501.12ms, mfu 5.12%
step 250: train loss 2.1021, val loss 2.2012
""",
        {
            "train loss": {0: 10.9321, 250: 2.1021},
            "val loss": {0: 10.9402, 250: 2.2012},
            "loss": {0: 10.9301, 10: 9.8012},
        },
    ),
    log(
        "Megatron",
        """
 [2024-01-01 12:00:00] iteration      100/     500 | consumed samples:         1600 | elapsed time per iteration (ms): 501.2 | learning rate: 1.500000E-04 | global batch size:    16 | lm loss: 8.012345E+00 | loss scale: 1.0 | grad norm: 1.512 | number of skipped iterations:   0 |
""",
        {
            "learning rate": {100: 1.5e-4},
            "lm loss": {100: 8.012345},
            "loss scale": {100: 1.0},
            "grad norm": {100: 1.512},
        },
    ),
]
