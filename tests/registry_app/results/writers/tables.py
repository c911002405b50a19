"""Tables as writers leave them."""

from __future__ import annotations

from tests.registry_app.results.writers.labels import file

TABLES = [
    file(
        "Ultralytics' results.csv",
        "runs/detect/train/results.csv",
        """
epoch,time,train/box_loss,train/cls_loss,metrics/mAP50(B),metrics/mAP50-95(B),val/box_loss,lr/pg0
1,2.51,1.234,2.345,0.61,0.4,1.3,0.001
2,4.82,1.034,2.045,0.65,0.45,1.2,0.0005
""",
        {
            "train/box_loss": [1.234, 1.034],
            "train/cls_loss": [2.345, 2.045],
            "metrics/mAP50(B)": [0.61, 0.65],
            "metrics/mAP50-95(B)": [0.4, 0.45],
            "val/box_loss": [1.3, 1.2],
            "lr/pg0": [0.001, 0.0005],
        },
    ),
    file(
        "YOLOv5's results.csv, padded",
        "runs/train/exp/results.csv",
        """
               epoch,      train/box_loss,      metrics/precision,     metrics/mAP_0.5,  x/lr0
                   0,              0.1012,                  0.501,               0.381,  0.07
                   1,              0.0912,                  0.511,               0.391,  0.05
""",
        {
            "train/box_loss": {0: 0.1012, 1: 0.0912},
            "metrics/precision": {0: 0.501, 1: 0.511},
            "metrics/mAP_0.5": {0: 0.381, 1: 0.391},
            "x/lr0": {0: 0.07, 1: 0.05},
        },
    ),
    file(
        "YOLOv7's results.txt",
        "runs/train/exp/results.txt",
        """
       0/1      6.5G      0.06      0.02      0.01      0.09        30       640       0.5       0.6      0.55       0.3      0.05      0.02      0.01
       1/1      6.5G      0.05      0.02      0.01      0.08        30       640       0.6       0.7      0.65       0.4      0.04      0.02      0.01
""",
        {
            "train/box_loss": {0: 0.06, 1: 0.05},
            "train/obj_loss": {0: 0.02, 1: 0.02},
            "train/cls_loss": {0: 0.01, 1: 0.01},
            "train/total_loss": {0: 0.09, 1: 0.08},
            "metrics/precision": {0: 0.5, 1: 0.6},
            "metrics/recall": {0: 0.6, 1: 0.7},
            "metrics/mAP_0.5": {0: 0.55, 1: 0.65},
            "metrics/mAP_0.5:0.95": {0: 0.3, 1: 0.4},
            "val/box_loss": {0: 0.05, 1: 0.04},
            "val/obj_loss": {0: 0.02, 1: 0.02},
            "val/cls_loss": {0: 0.01, 1: 0.01},
        },
    ),
    file(
        "Lightning's metrics.csv",
        "lightning_logs/version_0/metrics.csv",
        """
epoch,step,train_loss_step,val_loss,lr-Adam
0,49,0.9,,
0,99,0.8,,0.001
0,99,,0.85,
1,149,0.7,,
1,199,0.6,,0.0005
1,199,,0.65,
""",
        {
            "train_loss_step": {49: 0.9, 99: 0.8, 149: 0.7, 199: 0.6},
            "val_loss": {99: 0.85, 199: 0.65},
            "lr-Adam": {99: 0.001, 199: 0.0005},
        },
    ),
    file(
        "Keras' CSVLogger",
        "training.log",
        "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.6,1.2,0.5,1.4\n1,0.8,0.8,0.7,0.9\n",
        {
            "accuracy": {0: 0.6, 1: 0.8},
            "loss": {0: 1.2, 1: 0.8},
            "val_accuracy": {0: 0.5, 1: 0.7},
            "val_loss": {0: 1.4, 1: 0.9},
        },
    ),
    file(
        "Keras' CSVLogger with another separator",
        "log.csv",
        "epoch;loss;val_loss\n0;1.2;1.4\n1;0.8;0.9\n",
        {"loss": {0: 1.2, 1: 0.8}, "val_loss": {0: 1.4, 1: 0.9}},
    ),
    file(
        "a German spreadsheet",
        "ergebnisse.csv",
        "epoch;loss;acc\r\n1;0,5;95,2 %\r\n2;0,4;96,1 %\r\n",
        {"loss": [0.5, 0.4], "acc": [95.2, 96.1]},
    ),
    file(
        "a Korean spreadsheet in CP949",
        "결과.csv",
        "에폭,손실,정확도\n1,0.5,95.2%\n2,0.4,96.1%\n".encode("cp949"),
        {"손실": [0.5, 0.4], "정확도": [95.2, 96.1]},
    ),
    file(
        "a spreadsheet in UTF-16",
        "results.csv",
        "epoch\tloss\r\n1\t0.5\r\n2\t0.4\r\n".encode("utf-16"),
        {"loss": [0.5, 0.4]},
    ),
    file(
        "TensorBoard's export",
        "run-train-tag-loss.csv",
        "Wall time,Step,Value\n1700000000.5,0,1.0\n1700000010.5,10,0.5\n",
        {"run-train-tag-loss": {0: 1.0, 10: 0.5}},
    ),
    file(
        "a table with a column of phases",
        "log.csv",
        "epoch,phase,loss,acc\n1,train,0.9,0.5\n1,val,1.0,0.4\n2,train,0.8,0.6\n2,val,0.9,0.5\n",
        {
            "train/loss": [0.9, 0.8],
            "train/acc": [0.5, 0.6],
            "val/loss": [1.0, 0.9],
            "val/acc": [0.4, 0.5],
        },
    ),
    file(
        "a long table",
        "metrics.csv",
        "step,metric,value\n10,loss,0.9\n10,acc,0.5\n20,loss,0.8\n20,acc,0.6\n",
        {"loss": {10: 0.9, 20: 0.8}, "acc": {10: 0.5, 20: 0.6}},
    ),
    file(
        "steps that begin again with each epoch",
        "train_log.csv",
        "epoch,step,loss,lr,time\n0,0,0.9,0.1,1.0\n0,1,0.8,0.1,2.0\n1,0,0.7,0.1,3.0\n1,1,0.6,0.1,4.0\n",
        {"loss": {0: 0.9, 1: 0.8, 2: 0.7, 3: 0.6}, "lr": {0: 0.1, 1: 0.1, 2: 0.1, 3: 0.1}},
    ),
    file(
        "a column of batch sizes",
        "results.csv",
        "epoch,batch,loss\n1,16,0.9\n2,16,0.8\n",
        {"loss": [0.9, 0.8]},
    ),
    file(
        "names of columns twice",
        "results.csv",
        "epoch,loss,loss\n1,0.9,1.0\n2,0.8,0.9\n",
        {"loss": [0.9, 0.8], "loss.1": [1.0, 0.9]},
    ),
    file(
        "times and memory beside the loss",
        "progress.csv",
        "iter,loss,eta,memory,data_time,lr\n10,0.9,0:01:00,1234,0.01,0.1\n20,0.8,0:00:50,1234,0.01,0.1\n",
        {"loss": {10: 0.9, 20: 0.8}, "lr": {10: 0.1, 20: 0.1}},
    ),
    file(
        "a value a line, named by the file",
        "train_loss.txt",
        "1.0\n0.5\n0.25\n",
        {"train_loss": {0: 1.0, 1: 0.5, 2: 0.25}},
    ),
    file(
        "NumPy's savetxt",
        "loss.csv",
        "# epoch loss val_loss\n1.0 0.9 1.0\n2.0 0.8 0.9\n",
        {"loss": [0.9, 0.8], "val_loss": [1.0, 0.9]},
    ),
    file(
        "names and values",
        "metrics.csv",
        "metric,value\nmAP50,0.91\nrecall,0.8\nepochs,100\n",
        {"mAP50": {0: 0.91}, "recall": {0: 0.8}},
    ),
    file(
        "a row for each class",
        "per_class.csv",
        "class,images,instances,precision,recall,mAP50\nheadgear,10,20,0.8,0.7,0.75\nharness,9,11,0.6,0.5,0.55\n",
        {
            "headgear/precision": {0: 0.8},
            "headgear/recall": {0: 0.7},
            "headgear/mAP50": {0: 0.75},
            "harness/precision": {0: 0.6},
            "harness/recall": {0: 0.5},
            "harness/mAP50": {0: 0.55},
        },
    ),
    file(
        "a matrix of confusions",
        "confusion_matrix.csv",
        ",headgear,harness\nheadgear,18,2\nharness,1,10\n",
        {
            "confusion/headgear/headgear": {0: 18},
            "confusion/headgear/harness": {0: 2},
            "confusion/harness/headgear": {0: 1},
            "confusion/harness/harness": {0: 10},
        },
    ),
    file(
        "a table of one evaluation",
        "eval_results.csv",
        "mAP50,mAP50-95,precision,recall,fps\n0.91,0.62,0.88,0.81,81.3\n",
        {
            "mAP50": {0: 0.91},
            "mAP50-95": {0: 0.62},
            "precision": {0: 0.88},
            "recall": {0: 0.81},
            "fps": {0: 81.3},
        },
    ),
    file("predictions", "predictions.csv", "image,x,y,conf\na.jpg,1,2,0.9\n", {}),
    file(
        "boxes by frame and iteration",
        "tracks.csv",
        "frame,iter,x1,y1,x2,y2,conf\n" + "".join(f"{i},{i},1,2,3,4,0.9\n" for i in range(9)),
        {},
    ),
    file("a data set", "data.csv", "sepal,petal,species\n1.0,2.0,setosa\n", {}),
    file("labels", "labels.csv", "file,label\na.jpg,1\n", {}),
]
