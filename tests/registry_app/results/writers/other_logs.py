"""Logs of boosters, scikit-learn, measuring tools and others."""

from __future__ import annotations

from tests.registry_app.results.writers.labels import log

OTHER_LOGS = [
    log(
        "XGBoost",
        "[0]\ttrain-rmse:0.51234\teval-rmse:0.61234\n[10]\ttrain-rmse:0.31234\teval-rmse:0.45123\n",
        {
            "train-rmse": {0: 0.51234, 10: 0.31234},
            "eval-rmse": {0: 0.61234, 10: 0.45123},
        },
    ),
    log(
        "LightGBM",
        """
[LightGBM] [Info] Total Bins 255
[LightGBM] [Info] Number of data points in the train set: 1000, number of used features: 10
[10]\ttraining's auc: 0.91\tvalid_0's auc: 0.88\tvalid_0's binary_logloss: 0.412
[20]\ttraining's auc: 0.93\tvalid_0's auc: 0.89\tvalid_0's binary_logloss: 0.392
""",
        {
            "training's auc": {10: 0.91, 20: 0.93},
            "valid_0's auc": {10: 0.88, 20: 0.89},
            "valid_0's binary_logloss": {10: 0.412, 20: 0.392},
        },
    ),
    log(
        "CatBoost",
        """
Learning rate set to 0.05
0:\tlearn: 0.6931472\ttest: 0.6940000\tbest: 0.6940000 (0)\ttotal: 50.1ms\tremaining: 4.96s
10:\tlearn: 0.5123400\ttest: 0.5340000\tbest: 0.5340000 (10)\ttotal: 150ms\tremaining: 1.2s
""",
        {
            "learn": {0: 0.6931472, 10: 0.51234},
            "test": {0: 0.694, 10: 0.534},
            "best": {0: 0.694, 10: 0.534},
        },
    ),
    log(
        "scikit-learn, a perceptron",
        """
Iteration 1, loss = 2.30120000
Iteration 2, loss = 1.90120000
Validation score: 0.712000
Training loss did not improve more than tol=0.000100 for 10 consecutive epochs. Stopping.
""",
        {"loss": [2.3012, 1.9012]},
    ),
    log(
        "scikit-learn, gradient boosting",
        """
      Iter       Train Loss   Remaining Time
         1           1.2345            1.50s
         2           1.1234            1.40s
""",
        {"Train Loss": [1.2345, 1.1234]},
    ),
    log(
        "scikit-learn, a report of classes",
        """
              precision    recall  f1-score   support

    headgear       0.80      0.70      0.75        10
     harness       0.60      0.50      0.55        30

    accuracy                           0.78        40
   macro avg       0.70      0.60      0.65        40
weighted avg       0.65      0.55      0.60        40
""",
        {
            "headgear/precision": {0: 0.8},
            "headgear/recall": {0: 0.7},
            "headgear/f1-score": {0: 0.75},
            "harness/precision": {0: 0.6},
            "harness/recall": {0: 0.5},
            "harness/f1-score": {0: 0.55},
            "accuracy": {0: 0.78},
            "macro avg/precision": {0: 0.7},
            "macro avg/recall": {0: 0.6},
            "macro avg/f1-score": {0: 0.65},
            "weighted avg/precision": {0: 0.65},
            "weighted avg/recall": {0: 0.55},
            "weighted avg/f1-score": {0: 0.6},
        },
    ),
    log(
        "fastai",
        """
epoch     train_loss  valid_loss  accuracy  time    
0         1.234567    0.912345    0.712345  00:10     
1         0.934567    0.712345    0.812345  00:10     
""",
        {
            "train_loss": {0: 1.234567, 1: 0.934567},
            "valid_loss": {0: 0.912345, 1: 0.712345},
            "accuracy": {0: 0.712345, 1: 0.812345},
        },
    ),
    log(
        "pandas, a printed history",
        """
   epoch   loss  val_loss
0      1  0.500      0.60
1      2  0.400      0.55
""",
        {"loss": [0.5, 0.4], "val_loss": [0.6, 0.55]},
    ),
    log(
        "darknet",
        """
 1: 1234.567890, 1234.567890 avg loss, 0.000000 rate, 3.212345 seconds, 64 images, 0.512345 hours left
 2: 1134.567890, 1224.567890 avg loss, 0.000000 rate, 3.212345 seconds, 128 images, 0.512345 hours left
 mean average precision (mAP@0.50) = 0.751234, or 75.12 %
""",
        {
            "avg loss": [1234.56789, 1224.56789],
            "mAP@0.50": {0: 0.751234},
        },
    ),
    log(
        "Stable-Baselines3",
        """
---------------------------------
| rollout/           |          |
|    ep_len_mean     | 21.5     |
|    ep_rew_mean     | 21.5     |
| time/              |          |
|    fps             | 1234     |
|    iterations      | 1        |
|    total_timesteps | 2048     |
| train/             |          |
|    loss            | 12.3     |
|    value_loss      | 45.6     |
---------------------------------
""",
        {"fps": {0: 1234}, "loss": {0: 12.3}, "value_loss": {0: 45.6}},
    ),
    log(
        "OpenVINO's benchmark_app",
        """
[Step 10/11] Measuring performance (Start inference asynchronously, 4 inference requests, limits: 5000 ms duration)
[ INFO ] Benchmarking in inference only mode (inputs filling are not included in measurement loop).
[ INFO ] First inference took 25.12 ms
[Step 11/11] Dumping statistics report
[ INFO ] Execution Devices:['CPU']
[ INFO ] Count:            1000 iterations
[ INFO ] Duration:         5012.34 ms
[ INFO ] Latency:
[ INFO ]    Median:        12.34 ms
[ INFO ]    Average:       12.56 ms
[ INFO ]    Min:           10.01 ms
[ INFO ]    Max:           30.12 ms
[ INFO ] Throughput:   199.51 FPS
""",
        {
            "Latency Median": {0: 12.34},
            "Latency Average": {0: 12.56},
            "Latency Min": {0: 10.01},
            "Latency Max": {0: 30.12},
            "Throughput": {0: 199.51},
        },
    ),
    log(
        "trtexec",
        """
[01/01/2024-12:00:00] [I] === Performance summary ===
[01/01/2024-12:00:00] [I] Throughput: 812.345 qps
[01/01/2024-12:00:00] [I] Latency: min = 1.21 ms, max = 2.32 ms, mean = 1.53 ms, median = 1.44 ms
""",
        {
            "Throughput": {0: 812.345},
            "Latency min": {0: 1.21},
            "Latency max": {0: 2.32},
            "Latency mean": {0: 1.53},
            "Latency median": {0: 1.44},
        },
    ),
    log(
        "Ultralytics' benchmark",
        """
Benchmarks complete for yolo11n.pt on coco8.yaml at imgsz=640 (123.45s)
                   Format Status❔  Size (MB)  metrics/mAP50-95(B)  Inference time (ms/im)   FPS
0                 PyTorch       ✅        5.2               0.6123                   45.12 22.16
1             TorchScript       ✅       10.5               0.6101                   50.01 20.00
""",
        {
            "PyTorch/Size (MB)": {0: 5.2},
            "TorchScript/Size (MB)": {0: 10.5},
            "PyTorch/metrics/mAP50-95(B)": {0: 0.6123},
            "PyTorch/Inference time (ms/im)": {0: 45.12},
            "PyTorch/FPS": {0: 22.16},
            "TorchScript/metrics/mAP50-95(B)": {0: 0.6101},
            "TorchScript/Inference time (ms/im)": {0: 50.01},
            "TorchScript/FPS": {0: 20.0},
        },
    ),
    log(
        "PaddleOCR",
        """
[2024/01/01 12:00:00] ppocr INFO: epoch: [1/2], global_step: 10, lr: 0.000100, loss: 2.512345, acc: 0.101, norm_edit_dis: 0.412, avg_reader_cost: 0.01000 s, avg_batch_cost: 0.21000 s, avg_samples: 128.0, ips: 609.52 samples/s, eta: 0:10:00
[2024/01/01 12:00:20] ppocr INFO: epoch: [2/2], global_step: 20, lr: 0.000200, loss: 1.512345, acc: 0.301, norm_edit_dis: 0.612, avg_reader_cost: 0.01000 s, avg_batch_cost: 0.21000 s, avg_samples: 128.0, ips: 609.52 samples/s, eta: 0:05:00
""",
        {
            "lr": {10: 1e-4, 20: 2e-4},
            "loss": {10: 2.512345, 20: 1.512345},
            "acc": {10: 0.101, 20: 0.301},
            "norm_edit_dis": {10: 0.412, 20: 0.612},
        },
    ),
    log(
        "TensorFlow's estimators",
        """
INFO:tensorflow:loss = 2.3012, step = 0
INFO:tensorflow:loss = 0.3012, step = 100 (0.812 sec)
INFO:tensorflow:Saving dict for global step 100: accuracy = 0.9012, global_step = 100, loss = 0.3212
""",
        {
            "loss": {0: 2.3012, 100: 0.3012},
            "accuracy": {100: 0.9012},
            "loss 2": {100: 0.3212},
        },
    ),
    log(
        "a training of reinforcement",
        "Episode 1, step 200, reward: 12.5, epsilon: 0.95\nEpisode 2, step 400, reward: 20.5, epsilon: 0.90\n",
        {"reward": {200: 12.5, 400: 20.5}, "epsilon": {200: 0.95, 400: 0.9}},
    ),
]
