"""Scripts, what lies in their directories before they start, and what they say."""

from __future__ import annotations

from dataclasses import dataclass, field

Curve = dict[int, float]


@dataclass(frozen=True, kw_only=True)
class Script:
    """A script and the curves that a user finds in what it wrote and printed, and no others.

    `remark` is a word of what the run says beside them.
    """

    name: str
    source: str
    before: dict[str, str] = field(default_factory=dict)
    curves: dict[str, Curve] = field(default_factory=dict)
    remark: str = ""


LOSS = {0: 0.5, 1: 0.4, 2: 0.3}
TABLE = "epoch,loss\n" + "".join(f"{epoch},{loss}\n" for epoch, loss in LOSS.items())
OLD_TABLE = "epoch,loss\n" + "".join(f"{epoch},{9 - epoch}\n" for epoch in range(6))
ROWS = "[f'{e},{(5 - e) / 10}' for e in range(3)]"
YOLO = (
    "     {}/2     5.2G   0.06   0.03  0.01  0.10   24   640   0.7  0.6  {}  0.3  0.05 0.04 0.01\n"
)

# The first ten are run on both databases.
SCRIPTS = [
    Script(
        name="appends to a table",
        source=f"open('results.csv', 'a').write('\\n'.join({ROWS}) + '\\n')",
        before={"results.csv": OLD_TABLE},
        curves={"loss": LOSS},
        remark="not counted",
    ),
    Script(
        name="appends to a line without an end",
        source=f"open('results.csv', 'a').write(''.join('\\n' + row for row in {ROWS}))",
        before={"results.csv": OLD_TABLE.rstrip("\n")},
        curves={"loss": LOSS},
        remark="not counted",
    ),
    Script(
        name="writes the same table once more",
        source=f"open('results.csv', 'w').write('epoch,loss\\n' + '\\n'.join({ROWS}) + '\\n')",
        before={"results.csv": TABLE},
        curves={"loss": LOSS},
        remark="existed before",
    ),
    Script(
        name="goes back to a checkpoint",
        source=(
            "rows = open('results.csv').read().splitlines()[:3]\n"
            "open('results.csv', 'w').write('\\n'.join([*rows, '2,0.25', '3,0.2']) + '\\n')"
        ),
        before={"results.csv": OLD_TABLE},
        curves={"loss": {0: 9.0, 1: 8.0, 2: 0.25, 3: 0.2}},
        remark="existed before",
    ),
    Script(
        name="appends to lines of JSON",
        source=(
            "import json\n"
            "with open('log.jsonl', 'a') as out:\n"
            "    for e in range(3):\n"
            "        out.write(json.dumps({'epoch': e, 'loss': (5 - e) / 10}) + '\\n')"
        ),
        before={"log.jsonl": '{"epoch": 0, "loss": 9}\n{"epoch": 1, "loss": 8}\n'},
        curves={"loss": LOSS},
        remark="not counted",
    ),
    Script(
        name="prints on both streams what it saves",
        source=(
            "import sys\n"
            f"open('results.csv', 'w').write('epoch,loss\\n' + '\\n'.join({ROWS}) + '\\n')\n"
            "for e in range(3):\n"
            "    for stream in (sys.stdout, sys.stderr):\n"
            "        print(f'epoch {e} loss: {(5 - e) / 10:.2f}', file=stream)"
        ),
        curves={"loss": LOSS},
    ),
    Script(
        name="logs on stderr beside settings",
        source=(
            "import json, logging\n"
            "logging.basicConfig(level=20, format='%(asctime)s %(levelname)s %(message)s')\n"
            "json.dump({'num_classes': 3, 'lr': 0.1}, open('config.json', 'w'))\n"
            "for e in range(3): logging.info('epoch %d loss=%.3f', e, (5 - e) / 10)"
        ),
        curves={"loss": LOSS},
    ),
    Script(
        name="prints Korean in CP949",
        source=(
            "import os\n"
            "for e in range(3):\n"
            "    os.write(1, f'에폭 {e} 손실: {(5 - e) / 10:.2f}\\r\\n'.encode('cp949'))"
        ),
        curves={"손실": LOSS},
    ),
    Script(
        name="has names that MLflow does not take",
        source="open('results.csv', 'w').write('epoch,mAP50(B),mAP50B\\n0,0.5,0.1\\n1,0.6,0.2\\n')",
        curves={"mAP50(B)": {0: 0.5, 1: 0.6}, "mAP50B": {0: 0.1, 1: 0.2}},
    ),
    Script(
        name="keeps the history beside each checkpoint",
        source=(
            "import json, os\n"
            "history = []\n"
            "for step in (10, 20, 30):\n"
            "    history.append({'loss': 10 / step, 'epoch': step / 10, 'step': step})\n"
            "    os.makedirs(f'out/checkpoint-{step}')\n"
            "    with open(f'out/checkpoint-{step}/trainer_state.json', 'w') as out:\n"
            "        json.dump({'log_history': history, 'global_step': step}, out)"
        ),
        curves={"loss": {10: 1.0, 20: 0.5, 30: 10 / 30}},
    ),
    Script(
        name="appends to YOLOv7's results.txt",
        source=(
            "with open('results.txt', 'a') as out:\n"
            f"    for e in range(3): out.write({YOLO!r}.format(e, (5 + e) / 10))"
        ),
        before={"results.txt": YOLO.format(0, 0.9) + YOLO.format(1, 0.9)},
        remark="not counted",
    ),
    Script(
        name="appends to its log file",
        source=(
            "import logging\n"
            "logging.basicConfig(filename='train.log', level=20, format='%(message)s')\n"
            "for e in range(3): logging.info('epoch %d loss: %.3f', e, (5 - e) / 10)"
        ),
        before={"train.log": "epoch 0 loss: 9\nepoch 1 loss: 8\n"},
        curves={"loss": LOSS},
        remark="not counted",
    ),
    Script(
        name="trains three folds",
        source=(
            "import os\n"
            "for fold in range(3):\n"
            "    os.makedirs(f'fold{fold}')\n"
            "    with open(f'fold{fold}/results.csv', 'w') as out:\n"
            "        out.write(f'epoch,loss\\n0,{fold}.5\\n1,{fold}.25\\n')"
        ),
        curves={
            "loss": {0: 0.5, 1: 0.25},
            "fold1/results/loss": {0: 1.5, 1: 1.25},
            "fold2/results/loss": {0: 2.5, 1: 2.25},
        },
    ),
    Script(
        name="only touches old results",
        source="import os; os.chmod('results.csv', 0o600)",
        before={"results.csv": OLD_TABLE},
    ),
    Script(
        name="leaves what only looks like results",
        source=(
            "open('notes.csv', 'w').write('name,value\\na,b\\n')\n"
            "open('metrics.json', 'w').write('{broken')\n"
            "open('.nfs000000001234.csv', 'w').write('epoch,loss\\n1,9\\n')\n"
            "print('time: 3.2 s, ETA: 0:01:02')"
        ),
        remark="metrics.json",
    ),
    Script(
        name="writes more points than anyone looks at",
        source=(
            "with open('results.csv', 'w') as out:\n"
            "    out.write('step,loss\\n')\n"
            "    out.writelines(f'{step},{1 / (step + 1):.6f}\\n' for step in range(30_000))"
        ),
        remark="thinned",
    ),
]
