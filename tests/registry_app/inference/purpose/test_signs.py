"""What single calls are evidence for."""

from __future__ import annotations

import pytest

from registry_app.inference.purpose.call_graph import CallGraph
from registry_app.inference.purpose.signs import signs_of
from registry_app.inference.purpose.surroundings import Surroundings
from tests.registry_app.inference.projects import make_project


@pytest.mark.parametrize(
    ("text", "libraries", "found"),
    [
        ("model.train(data='a', epochs=1)", "", ("train", 4)),
        ("trainer.train()", "", ("train", 3)),
        ("model.train()", "", ("train", 1)),
        ("net.train(train_loader)", "", ("train", 2)),
        ("net.train(loader, optimizer)", "", ("train", 4)),
        ("loss = train_epoch(net, loader, self.optimizer)", "", ("train", 4)),
        ("net = train_model(net, loaders, optim=opt)", "", ("train", 4)),
        ("net = train_model(net, loaders)", "", ("train", 2)),
        ("loss.backward()", "", ("train", 3)),
        ("accelerator.backward(x)\nopt.step()", "", ("train", 4)),
        ("score.backward()", "", ("train", 1)),
        # Clients that learn together, and the server that lets them.
        ("fl.client.start_client(server_address=a, client=c)", "flwr", ("train", 3)),
        ("fl.server.start_server(config=c)", "flwr torch", ("train", 3)),
        ("web.start_server(config=c)", "aiohttp", None),
        ("create_supervised_trainer(net, opt, loss)", "ignite", ("train", 3)),
        ("trainer.run(loader)", "ignite", ("train", 3)),
        ("trainer.run(loader)", "numpy", None),
        ("solver = caffe.SGDSolver(path)", "caffe", ("train", 3)),
        ("net.forward()", "caffe", ("infer", 3)),
        ("net.forward()", "torch", None),
        ("optimizer.minimize(loss)", "paddle", ("train", 3)),
        ("darknet.detect_image(net, names, image)", "darknet", ("infer", 3)),
        ("engine.detect_with_image(image)", "edgetpu", ("infer", 3)),
        ("self.detect_image(image)", "torch", None),
        ("graph.LoadTensor(image, 'a')", "mvnc", ("infer", 3)),
        ("torch.neuron.trace(net, x)", "torch_neuron", ("quant", 3)),
        ("net.predict_segmentation(inp=a)", "keras_segmentation", ("infer", 3)),
        # Everyday names, with the libraries whose they are.
        ("image_classifier.create(data)", "tflite_model_maker", ("train", 3)),
        ("table.create(data)", "torch", None),
        ("DeepFace.analyze(path)", "deepface", ("infer", 3)),
        ("text.find(path)", "deepface", None),
        ("FaceAnalysis()", "insightface", ("infer", 3)),
        ("FaceAnalysis()", "numpy", None),
        ("SamPredictor(sam)", "segment_anything", ("infer", 3)),
        ("jax.value_and_grad(loss)(p)", "jax", ("train", 2)),
        ("value_and_grad(loss)(p)", "numpy", None),
        ("net.predict('a.jpg', confidence=40)", "roboflow", ("infer", 4)),
        # A model that was unpickled answers; a filter predicts without anything given.
        ("m = pickle.load(f)\nm.predict(x)", "pickle", ("infer", 2)),
        ("m = pickle.load(f)\nm.predict()", "pickle", ("infer", 1)),
        ("m = json.load(f)\nm.predict(x)", "json", ("infer", 1)),
        ("m = keras.models.load_model(f)\nm.predict(x)", "numpy", ("infer", 2)),
        # Gradients tell a pruner which weights matter.
        ("loss.backward()\npruner.step()", "torch_pruning", ("train", 1)),
        ("opt.zero_grad()\nloss.backward()\nopt.step()", "torch_pruning", ("train", 4)),
        ("self.scaler.fit(x)", "", None),
        ("label_encoder.fit(y)", "", None),
        ("kmeans3.fit(boxes)", "sklearn", None),
        ("ransac.fit(x, y)", "sklearn", None),
        ("RANSACRegressor().fit(x, y)", "sklearn", None),
        ("model.fit(x, y)", "", ("train", 3)),
        ("self.scaler.partial_fit(x)", "sklearn torch", None),
        ("clf.partial_fit(x, y)", "sklearn", ("train", 3)),
        ("run_training_loop(model, loaders)", "torch", ("train", 3)),
        ("smp.utils.train.TrainEpoch(model)", "segmentation_models_pytorch", ("train", 3)),
        # An index of vectors learns at most its cells.
        ("self.index.train(features)", "faiss", ("train", 1)),
        ("self.index.train(features)", "torch", ("train", 2)),
        ("quantize(model)", "", ("quant", 3)),
        ("price.quantize(cent)", "decimal json", None),
        ("img.quantize(256)", "numpy", None),  # its colours
        ("self._im.quantize()", "os", None),
        ("image_net.quantize()", "torch", ("quant", 3)),
        ("ImageOps.fit(image, size)", "PIL", None),
        # Lines are laid through points, and points put into groups, on the way.
        ("LinearRegression().fit(x, centers)", "sklearn", ("train", 1)),
        ("a = LinearRegression()\na.fit(x, y)", "sklearn", ("train", 1)),
        ("GridSearchCV(x)\nLinearRegression().fit(x, y)", "sklearn", ("train", 3)),
        ("LinearRegression().fit(x_train, y_train)", "sklearn", ("train", 3)),
        ("a = AgglomerativeClustering()\na.fit(centers)", "sklearn", ("train", 1)),
        ("a = AgglomerativeClustering()\nnet.fit(x, y)", "sklearn", ("train", 3)),
        ("KMeans(9)\nnet.fit(x, epochs=3)", "keras", ("train", 3)),
        ("study.optimize(objective)", "optuna", ("train", 3)),
        ("scipy.optimize(objective)", "scipy", None),
        ("torch.onnx.export(m, x)", "", ("quant", 4)),
        ("df.export('a.csv')", "", None),
        ("net.export('a.onnx')", "", ("quant", 4)),
        ("net.export(str(folder / 'a.tflite'))", "", ("quant", 4)),
        ("engine.export(model, export_type='openvino')", "anomalib", ("quant", 4)),
        ("net.to_onnx('a.onnx')", "lightning", ("quant", 3)),
        ("torch.jit.trace(m, x)", "", ("quant", 3)),
        ("torch.neuron.trace(m, [x])", "", ("quant", 3)),
        ("np.trace(x)", "", None),
        ("ct.convert(m)", "", ("quant", 3)),
        ("image.convert('RGB')", "", None),
        ("torch.quantization.convert(m)", "torch", ("quant", 3)),
        ("quantization.fit(m, conf)", "neural_compressor", ("quant", 3)),
        ("onnx_mxnet.export_model(a, b)", "mxnet", ("quant", 3)),
        ("rknn.build(do_quantization=True)", "rknn", ("quant", 3)),
        ("engine.build()", "", None),
        ("onnx.save(m, 'a.onnx')", "onnx", ("quant", 3)),
        ("torch.save(m, 'a.pt')", "torch", None),
        ("torch_tensorrt.compile(m)", "torch_tensorrt", ("quant", 2)),
        ("model.compile(loss='mse')", "keras", None),
        ("self.tuner.search(x, y)", "keras_tuner", ("train", 3)),
        ("pattern.search(text)", "", None),
        ("minimize(distance, start)", "scipy torch", None),
        ("optimizer.minimize(loss)", "", ("train", 3)),
        ("core.compile_model(m)", "openvino", ("infer", 3)),
        ("re.compile_model(m)", "", None),
        ("cv2.VideoCapture(path)", "torch", ("infer", 3)),
        ("cv2.VideoCapture(0)", "", ("infer", 3)),
        ("cv2.VideoCapture(path)", "", ("infer", 1)),
        # A camera that is only opened is checked.
        ("assert cv2.VideoCapture(0).isOpened()", "requests", None),
        ("assert cv2.VideoCapture(0).isOpened()", "torch", ("infer", 3)),
        ("cap = cv2.VideoCapture(0)\nif cap.isOpened(): cap.read()", "", ("infer", 3)),
        ("model.predict(source='a')", "ultralytics", ("infer", 3)),
        ("kalman.predict()", "", ("infer", 1)),
        ("auto_annotate(data='a', det_model='b')", "ultralytics", ("data", 3)),
        ("confusion_matrix(a, b)", "torch", ("eval", 3)),
        ("plt.imshow(a)", "torch", None),
        ("app.run()", "flask", ("demo", 3)),
        ("pipeline.run()", "flask", None),
        ("model.predict_on_batch(x)", "keras", ("infer", 2)),
        ("pytesseract.image_to_string(a)", "pytesseract", ("infer", 3)),
        ("canvas.image_to_data(a)", "matplotlib", None),
        # A session of TensorFlow 1 infers if it is fed and learns nothing.
        ("sess.run(boxes, feed_dict={x: image})", "tensorflow", ("infer", 3)),
        ("self.sess.run([a, b], feed_dict={x: image})", "tensorflow", ("infer", 3)),
        ("sess.run(boxes, feed_dict={x: image})", "robots", None),
        ("sess.run([self.train_op, a], feed_dict={x: image})", "tensorflow", None),
        ("sess.run(net.loss, feed_dict={x: image})", "tensorflow", None),
        ("sess.run([opt_op, a], feed_dict={x: image})", "tensorflow", None),
        ("sess.run(load_ops)", "tensorflow", None),
        # Runtimes of boards.
        ("rknn.inference(inputs=[x])", "rknnlite", ("infer", 3)),
        ("net.inference(x)", "tensorflow", ("infer", 2)),
        ("detector.inference(frame=x)", "vendor", ("infer", 3)),
        ("case.inference(x)", "vendor", ("infer", 2)),
        ("inferencer(**args)", "mmengine", ("infer", 3)),
        ("inference_mot(net, x)", "mmdet", ("infer", 3)),
        ("loop.submit_data(x, 0, {})", "model_api", ("infer", 2)),
        # A pipeline of diffusion makes pictures.
        ("StableDiffusionPipeline.from_pretrained(a)", "diffusers torch", ("infer", 3)),
        ("pipeline_class.from_pretrained(a)", "diffusers torch", ("infer", 3)),
        ("UNet2DConditionModel.from_pretrained(a)", "diffusers torch", None),
        ("APipeline.from_pretrained(a).save_pretrained(b)", "diffusers torch", ("infer", 1)),
        ("TextPipeline.from_pretrained(a)", "transformers", None),
        ("simple_save(session, a, x, y)", "tensorflow", ("quant", 3)),
        # Models of OpenCV.
        ("knn.train(a, cv2.ml.ROW_SAMPLE, b)", "cv2", ("train", 3)),
        ("knn.findNearest(a, k=1)", "cv2", ("infer", 3)),
        ("context.execute_async(bindings=b)", "tensorrt", ("infer", 3)),
        ("cursor.execute_async(query)", "snowflake", None),
        ("vdevice.create_infer_model('a.hef')", "hailo_platform", ("infer", 3)),
        ("hailo.get_roi_from_buffer(buffer)", "hailo", ("infer", 3)),
        ("ClientRunner(har='a.har')", "hailo_sdk_client", ("quant", 3)),
        ("Hailo('a.hef')", "picamera2", ("infer", 3)),
        ("Hailo('taxi')", "taxis", None),
        ("net.create_extractor()", "ncnn", ("infer", 3)),
        ("rknn.hybrid_quantization_step1(dataset=d)", "rknn", ("quant", 3)),
        ("learn.fine_tune(10)", "fastai", ("train", 3)),
        ("SGD(p)", "torch", ("train", 2)),
        # What gets the optimizer learns.
        ("train_epoch(net, loader, optimizer)", "torch", ("train", 4)),
        ("train_model(net, optim=self.optim)", "torch", ("train", 4)),
        ("train_model(net, loader)", "torch", ("train", 2)),
        # A trainer that is never started keeps or measures what was trained.
        ("args = TrainingArguments(b)\nhyperparameter_search(args)", "torch", ("train", 2)),
        ("Trainer(a, args=TrainingArguments(b)).save_model()", "transformers", ("train", 1)),
        # Equations of statistics are no networks.
        ("ols('a ~ b', table).fit()", "statsmodels", None),
        ("model.fit(cov_type='robust')", "linearmodels", None),
        ("model.fit(x=x, y=y)", "statsmodels keras", ("train", 3)),
        ("model.fit(x, y)", "statsmodels sklearn", ("train", 3)),
        ("learner.fit()", "torch", ("train", 3)),
        # What tracks remember is no training.
        ("self.metric.partial_fit(features)", "scipy", None),
        ("model.partial_fit(features)", "sklearn", ("train", 3)),
        # A wrapper of unknown origin gets a picture.
        ("image = cv2.imread(a)\nmodel.run([image])", "rknn_tools", ("infer", 2)),
        ("model.run([image])", "rknn_tools", None),
        ("image = cv2.imread(a)\nworkflow.run([image])", "rknn_tools", None),
    ],
)
def test_what_a_call_speaks_for(text: str, libraries: str, found: tuple[str, int] | None) -> None:
    project = make_project({"a.py": text})
    source = project.source("a.py")
    assert source is not None
    units = CallGraph(project).reach(source).own
    around = Surroundings(
        called=frozenset(name for unit in units for name in unit.called),
        libraries=frozenset(libraries.split()),
    )
    signs = [(item.kind, item.points) for item in signs_of(units, around)]
    assert signs == ([found] if found else [])
