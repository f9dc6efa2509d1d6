"""Detectors: an ONNX file and its card in, detections out.

``card`` says what a model is, ``boxes`` is the geometry, ``yolox`` and ``yolov8`` read the two
output layouts, ``runtime`` runs the file, ``detector`` puts them together, ``registry`` keeps the
files that this installation has, each verified by its hash whenever it is opened.
"""
