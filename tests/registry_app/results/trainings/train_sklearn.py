import json

from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import classification_report
from sklearn.neural_network import MLPClassifier

x, y = make_classification(200, random_state=1)
model = MLPClassifier(max_iter=8, random_state=1, verbose=True).fit(x, y)
names = ["headgear", "safety vest"]
print(classification_report(y, model.predict(x), target_names=names, digits=4))
report = classification_report(y, model.predict(x), target_names=names, output_dict=True)
json.dump(report, open("report.json", "w"))
boosted = GradientBoostingClassifier(n_estimators=5, verbose=1, random_state=1).fit(x, y)

log = {"loss": {step: float(one) for step, one in enumerate(model.loss_curve_, start=1)}}
log["Train Loss"] = {step: float(one) for step, one in enumerate(boosted.train_score_, start=1)}
summary = {}
for name, value in report.items():
    if isinstance(value, dict):
        for inner, one in value.items():
            if inner != "support":
                log[f"{name}/{inner}"] = {0: float(one)}
                summary[f"{name}.{inner}"] = {0: float(one)}
    else:
        log[name] = summary[name] = {0: float(value)}
json.dump({"log": log, "report.json": summary}, open("truth.json", "w"))
