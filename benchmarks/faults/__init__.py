"""Published shape faults as specs, and what netspec, torch and ONNX say of each."""
