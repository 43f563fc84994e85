"""dlib's face network: its weight file, its graph, its conversion to ONNX."""
