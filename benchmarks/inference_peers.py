"""Other ways to run a module fast, each if what it requires is installed (`benchmarks/peers.txt`)."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

Run = Callable[[], object]


def peers(module: nn.Module, image: Tensor) -> dict[str, Run]:
    """The calls of a module for an image by each peer that is installed.

    Args:
        module: A module in evaluation.
        image: Its input.

    Returns:
        The calls by the name of the peer.
    """
    with torch.no_grad():
        expected = module(image)
    runs = {"torch.compile + freezing": _frozen(module, image)}
    if all(importlib.util.find_spec(name) for name in ("onnxruntime", "onnxscript")):
        runs["onnxruntime"] = _onnxruntime(module, image)
    for name, run in runs.items():
        result = run()
        assert isinstance(result, Tensor)
        torch.testing.assert_close(result, expected, rtol=1e-3, atol=1e-3, msg=name)
    return runs


def _frozen(module: nn.Module, image: Tensor) -> Run:
    """`torch.compile` with the weights as constants."""
    import torch._inductor.config as config

    config.freezing = True
    torch._dynamo.reset()
    compiled = torch.compile(module)
    with torch.no_grad():
        compiled(image)
    return lambda: compiled(image)


def _onnxruntime(module: nn.Module, image: Tensor) -> Run:
    """ONNX Runtime on the exported network, with as many threads as PyTorch has."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that wait actively would take the processor from the run that follows.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        torch.onnx.export(module, (image,), path, dynamo=True, verbose=False)
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: image.numpy()}
    return lambda: torch.from_numpy(session.run(None, feed)[0])
