"""Files of other tools are recognized, each as that tool itself writes it; what may be a spec is not."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from docs.doc_pages import PAGES, fences
from onnx import TensorProto, helper
from safetensors.torch import save_file

from netspec.check import check, check_text
from netspec.cli import main
from netspec.document import parse
from netspec.document.foreign import foreign

ROOT = Path(__file__).parents[2]

TEXTS = {
    "Ultralytics YOLO": "nc: 80\nbackbone:\n  - [-1, 1, Conv, [64, 3, 2]]\nhead:\n  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]\n",
    "Detectron2": "_BASE_: ../Base-RCNN-FPN.yaml\nMODEL:\n  MASK_ON: True\n",
    "Keras": '{"class_name": "Functional", "config": {"layers": [{"value": NaN}]}, "keras_version": "2.1"}',
    "Hugging Face Transformers": '{"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 768}',
    "nnU-Net": '{"dataset_name": "D", "plans_name": "nnUNetPlans", "configurations": {"2d": {}}}',
    "index of weights": '{"metadata": {"total_size": 1}, "weight_map": {"a": "b.safetensors"}}',
    "torchsummary": "-" * 64 + "\n        Layer (type)               Output Shape         Param #\n" + "=" * 64
    + "\n            Conv2d-1           [-1, 64, 112, 112]           9,408\n",
    "torchinfo": "=" * 90 + "\nLayer (type:depth-idx)                   Output Shape              Param #\n" + "=" * 90
    + "\nNet                                      [1, 10]                   --\n",
    "ncnn": "7767517\n2 2\nInput  data 0 1 data 0=4 1=4 2=1\nReLU  relu 1 1 data relu\n",
    "Ludwig": "input_features:\n  - {name: text, type: text}\noutput_features:\n  - {name: y, type: category}\n",
    "PaddleClas": "Global:\n  epochs: 120\nArch:\n  name: ResNet50\n  class_num: 1000\n",
    "OpenMMLab": "Collections:\n  - Name: Faster R-CNN\nModels:\n  - Name: faster-rcnn\n",
    "DeepSpeed": '{"train_batch_size": 8, "zero_optimization": {"stage": 2}}',
    "PEFT": '{"peft_type": "LORA", "base_model_name_or_path": "gpt2", "r": 8}',
    "Darknet": "[net]\n# Testing\nbatch=1\n\n[convolutional]\nfilters=32\n",
    "Caffe": 'name: "LeNet"\nlayer {\n  name: "data"\n  type: "Input"\n}\n',
    "protocol buffers": "model {\n  faster_rcnn {\n    num_classes: 37\n  }\n}\n",
    "a Python program": "import torch\nfrom torch import nn\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n",
    "printed PyTorch module": str(torch.nn.Sequential(torch.nn.Conv2d(3, 6, 5), torch.nn.ReLU())),
    "GitHub Actions": "name: CI\non: [push]\njobs:\n  test:\n    runs-on: ${{ matrix.os }}\n    steps:\n      - run: echo \"${{ github.sha }}\"\n",
    "Docker Compose": "services:\n  web:\n    image: nginx\n    ports: ['80:80']\n",
    "Kubernetes": "apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Service\n",
    "pre-commit": "repos:\n- repo: https://x\n  hooks:\n  - id: a\n",
    "TOML": '[project]\nname = "a"\n',
    "XML": '<?xml version="1.0"?>\n<net name="x"></net>\n',
    "Dockerfile": "FROM python:3.11\nRUN pip install x\n",
    "Jupyter": '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "netspec lock file": "netspec-lock: 1\nname: a\n",
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_of_another_tool_is_named(name: str) -> None:
    [diagnostic] = check_text(TEXTS[name], "a").diagnostics
    assert diagnostic.code == "NS004"
    assert name in diagnostic.message
    assert diagnostic.helps
    assert "import`" not in diagnostic.helps[0].text


def onnx_model(producer: str) -> bytes:
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 2]) for n in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", values[:1], values[1:])
    return helper.make_model(graph, producer_name=producer).SerializeToString()


def test_a_binary_file_of_another_tool_is_named(tmp_path: Path) -> None:
    weights = {"weight": torch.zeros(3, 2)}
    save_file(weights, tmp_path / "a.safetensors")
    torch.save(weights, tmp_path / "torch.save.pt")
    torch.save(weights, tmp_path / "torch.save.old", _use_new_zipfile_serialization=False)
    torch.save({"w": torch.zeros(2500, 2000)}, tmp_path / "torch.save.large")
    np.save(tmp_path / "NumPy.npy", np.zeros(3))
    np.savez(tmp_path / "NumPy.npz", a=np.zeros(3))
    (tmp_path / "pickle").write_bytes(pickle.dumps({"a": 1}))
    for producer in ("", "pytorch"):
        (tmp_path / f"ONNX{producer}").write_bytes(onnx_model(producer))
    (tmp_path / "HDF5").write_bytes(b"\x89HDF\r\n\x1a\n\0\0\0\0\0\0\x08\x08")
    files = sorted(tmp_path.iterdir())
    assert len(files) == 10
    for path in files:
        report = check(str(path))
        assert [d.code for d in report.diagnostics] == ["NS004"], path
        word = (
            path.name.removesuffix(path.suffix) if path.suffix != ".safetensors" else "safetensors"
        )
        assert word.lower() in report.diagnostics[0].message.lower()
        assert report.unreadable


def test_weights_in_place_of_a_spec_say_how_they_are_given(tmp_path: Path) -> None:
    save_file({"weight": torch.zeros(3, 2)}, tmp_path / "a.safetensors")
    [diagnostic] = check(str(tmp_path / "a.safetensors")).diagnostics
    assert "netspec check SPEC --weights FILE" in diagnostic.helps[0].text


def test_no_spec_is_taken_for_a_file_of_another_tool() -> None:
    texts = [path.read_text("utf-8") for path in ROOT.glob("specs/**/*.yaml")]
    texts += [
        f.text
        for page in PAGES
        for f in fences(page)
        if f.kind in ("yaml spec", "yaml fragment", "yaml wrong") and "NS004" not in page
    ]
    assert len(texts) > 200
    for text in texts:
        document = parse(text)
        shown = foreign(document)
        assert shown is None, (text, shown)


@pytest.mark.parametrize(
    "text",
    ["inputs: {a: [N, 3]}\nbody: [ReLU]\n", "model: resnet\nlayers: [64, 128]\n", "hello\n", "a: 1\n",
     "netspec: 1\ninputs: {a: [N, 3]}\nbody: [{op: Linear, x = 3}]\nimport torch\nclass A:\n"],
)  # fmt: skip
def test_a_text_that_may_be_intended_as_a_spec_is_read_as_one(text: str) -> None:
    assert "NS004" not in [d.code for d in check_text(text).diagnostics]


@pytest.mark.parametrize(
    "command", ["check", "summary", "compile", "render", "lock", "fmt", "explain"]
)
def test_every_command_says_so(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.json"
    path.write_text(TEXTS["Keras"])
    arguments = [command, str(path), *(["conv"] if command == "explain" else [])]
    assert main(arguments) != 0
    shown = capsys.readouterr()
    assert "this is a Keras model, not a spec" in shown.out + shown.err
    assert path.read_text() == TEXTS["Keras"]


def test_a_used_file_of_another_tool_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(TEXTS["Docker Compose"])
    spec = tmp_path / "net.yaml"
    spec.write_text("netspec: 1\nuse: {o: other.yaml}\ninputs: {a: [N, 3]}\nbody: [ReLU]\n")
    [diagnostic] = check(str(spec)).diagnostics
    assert diagnostic.code == "NS026"
    assert "this is a Docker Compose file, not a spec" in diagnostic.message
