import json

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

torch.manual_seed(1)
config = BertConfig(
    vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
)
rows = [{"input_ids": [i % 50] * 8, "attention_mask": [1] * 8, "labels": i % 2} for i in range(40)]
args = TrainingArguments(
    output_dir="out",
    num_train_epochs=3,
    per_device_train_batch_size=4,
    logging_steps=5,
    eval_strategy="epoch",
    save_strategy="epoch",
    report_to=["tensorboard"],
    use_cpu=True,
)


def metrics(predicted):
    return {"accuracy": float((predicted.predictions.argmax(-1) == predicted.label_ids).mean())}


trainer = Trainer(
    model=BertForSequenceClassification(config),
    args=args,
    train_dataset=rows,
    eval_dataset=rows[:8],
    compute_metrics=metrics,
)
trainer.train()
trainer.save_state()
seen: dict[str, dict[int, float]] = {}
for row in trainer.state.log_history:
    for name, value in row.items():
        is_counted = (
            name in {"epoch", "step", "total_flos"} or "second" in name or "runtime" in name
        )
        if not is_counted:
            seen.setdefault(name, {})[row["step"]] = value
json.dump({"trainer_state.json": seen}, open("truth.json", "w"))
