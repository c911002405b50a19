import json
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np

keras.utils.set_random_seed(1)
x = np.random.rand(80, 4).astype("float32")
y = (x.sum(1) > 2).astype("float32")
model = keras.Sequential(
    [keras.layers.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1, "sigmoid")]
)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
history = model.fit(
    x,
    y,
    epochs=3,
    batch_size=8,
    validation_split=0.25,
    callbacks=[keras.callbacks.CSVLogger("training.log")],
)
loss, accuracy = model.evaluate(x, y)
json.dump(history.history, open("history.json", "w"))
from_0 = {name: dict(enumerate(map(float, values))) for name, values in history.history.items()}
from_1 = {
    name: dict(enumerate(map(float, values), start=1)) for name, values in history.history.items()
}
truth = {"training.log": from_0, "history.json": from_0}
truth["log"] = from_1 | {"eval loss": {3: float(loss)}, "eval accuracy": {3: float(accuracy)}}
json.dump(truth, open("truth.json", "w"))
