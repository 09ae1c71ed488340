"""Names of other libraries: each is answered with the layer that computes the same, as torch itself says."""

from __future__ import annotations

import inspect
import re
import warnings
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import netspec
from language.spec_case import rejected
from netspec.check import check_text
from netspec.cli import main
from netspec.fix import fix
from netspec.layers import OPS
from netspec.layers.other_names import translated

HELPERS = {
    "assert_int_or_pair", "boolean_dispatch", "handle_torch_function", "has_torch_function",
    "has_torch_function_unary", "has_torch_function_variadic",
}  # fmt: skip
"""Functions of torch.nn.functional that compute nothing."""
PADDINGS = {"F.pad", "F.interpolate", "F.softmax", "F.hardtanh"}
"""Functions that have a layer of their own here, and that other modules call as well."""
BY_DEFAULT = {"flatten": "starts at axis 0", "median": "takes a dimension", "dropout": "trains", "dropout2d": "trains", "dropout3d": "trains"}  # fmt: skip
"""Functions whose defaults are not those of the module, and why."""


def functions_of(module: object) -> list[str]:
    names = [n for n in dir(module) if n[0].islower() and callable(getattr(module, n))]
    assert len(names) > 100
    return names


def compiled(body: str, inputs: str) -> nn.Module:
    return netspec.compile(f"netspec: 1.1\ninputs: {inputs}\nbody: [{body}]\n").eval()


def same(ours: torch.Tensor, theirs: torch.Tensor) -> bool:
    if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
        return False
    if not ours.dtype.is_floating_point:
        return torch.equal(ours, theirs)
    return torch.allclose(ours, theirs, equal_nan=True)


def test_every_function_of_torch_nn_functional_is_answered() -> None:
    unanswered = {n for n in functions_of(F) if translated(f"F.{n}") is None}
    assert unanswered == HELPERS
    losses = [n for n in functions_of(F) if n.endswith(("_loss", "cross_entropy", "kl_div"))]
    answers = [translated(f"F.{n}") for n in losses]
    assert all(a is not None and "a loss is not part" in a.remark for a in answers)


def test_every_class_of_torch_nn_is_answered() -> None:
    classes = [n for n in dir(nn) if isinstance(getattr(nn, n), type)]
    for name in classes:
        answer = translated(f"torch.nn.{name}")
        assert answer is not None, name
        assert answer.layers == ((name,) if name in OPS else ())
        assert answer.layers or answer.remark


def test_a_function_is_the_layer_whose_module_calls_it() -> None:
    seen = 0
    for name in OPS:
        module = getattr(nn, name, None)
        if not hasattr(module, "forward"):
            continue
        for called in re.findall(r"\bF\.([a-z]\w*)\(", inspect.getsource(module.forward)):
            answer = translated(f"F.{called}")
            assert answer is not None, called
            seen += 1
            if f"F.{called}" not in PADDINGS and name != "SyncBatchNorm":
                assert name in answer.layers, (name, called)
    assert seen > 80


@pytest.mark.filterwarnings("ignore:Implicit dimension")
def test_a_function_of_one_tensor_computes_what_its_layer_does() -> None:
    x, seen = torch.rand(2, 4, 8, 8, generator=torch.Generator().manual_seed(0)) + 0.1, 0
    for module in (torch, F, torch.Tensor):
        for name in functions_of(module):
            answer = translated(f"F.{name}")
            if answer is None or not answer.certain or name in BY_DEFAULT:
                continue
            theirs = tried(getattr(module, name), x.clone())
            if theirs is None:
                continue
            layer = next((a for a in answer.layers if a.endswith("2d")), answer.layers[0])
            if layer == "AsType":
                continue  # `float`, `half` and others are one layer with an argument
            ours = compiled(layer, "{image: [2, 4, 8, 8]}")(x)
            if name.endswith("_"):
                ours = ours.to(theirs.dtype)  # written into the input
            assert same(ours, theirs), (name, layer)
            seen += 1
    assert seen > 90


def test_a_function_of_two_tensors_computes_what_its_layer_does() -> None:
    seen = 0
    for shapes in (
        ((2, 3, 4), (2, 3, 4)),
        ((2, 3, 4), (2, 4, 3)),
        ((3, 4), (4, 2)),
        ((3, 4), (4,)),
        ((4,), (4,)),
    ):
        a, b = (
            torch.rand(s, generator=torch.Generator().manual_seed(k)) for k, s in enumerate(shapes)
        )
        for module in (torch, F):
            for name in functions_of(module):
                answer = translated(f"torch.{name}")
                if answer is None or not answer.certain or name in ("max", "min"):
                    continue
                theirs = tried(getattr(module, name), a.clone(), b.clone())
                if theirs is None or len(answer.layers) > 1:
                    continue
                body = f"{{op: {answer.layers[0]}, from: [a, b]}}"
                report = check_text(
                    f"netspec: 1.1\ninputs: {{a: {list(a.shape)}, b: {list(b.shape)}}}\nbody: [{body}]\n"
                )
                if not report.valid:
                    continue
                inputs = f"{{a: {list(a.shape)}, b: {list(b.shape)}}}"
                assert same(compiled(body, inputs)(a, b), theirs), (name, answer)
                seen += 1
    assert seen > 40


def tried(function: Any, *tensors: torch.Tensor) -> torch.Tensor | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = function(*tensors)
        except Exception:
            return None
    return result if isinstance(result, torch.Tensor) else None


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("F.relu", "ReLU"), ("torch.flatten", "Flatten"), ("nn.ReLU", "ReLU"), ("relu", "ReLU"),
        ("torch.nn.functional.gelu", "GELU"), ("torch.nn.Softmax", "Softmax"), ("F.relu_", "ReLU"),
        ("tf.nn.sigmoid", "Sigmoid"), ("keras.layers.Flatten", "Flatten"), ("swish", "SiLU"),
        ("nn.BatchNorm", "BatchNorm2d"), ("BatchNormalization", "BatchNorm2d"), ("F.instance_norm", "InstanceNorm2d"),
    ],
)  # fmt: skip
def test_a_name_that_is_certain_is_put_in_its_place(name: str, layer: str) -> None:
    text = f"netspec: 1.1\ninputs: {{image: [N, 3, 8, 8]}}\nbody:\n  - step: {{op: {name}}}\n"
    fixed = fix(check_text(text), check_text)
    assert fixed.text == text.replace(name, layer)
    assert fixed.report.diagnostics == ()


def test_the_rank_of_the_input_decides_between_layers() -> None:
    for shape, layer in (("[N, 3]", "1d"), ("[N, 3, L]", "1d"), ("[N, 3, D, H, W]", "3d")):
        text = f"netspec: 1\ninputs: {{image: {shape}}}\nbody: [BatchNormalization]\n"
        assert fix(check_text(text), check_text).text.endswith(f"[BatchNorm{layer}]\n")


def test_a_name_that_needs_other_arguments_is_reported_without_an_edit() -> None:
    diagnostic = rejected(
        "body: [«GlobalAveragePooling2D»]", "NS101", "use `AdaptiveAvgPool2d`",
        "with `output_size: 1`, followed by `Flatten`",
    )  # fmt: skip
    assert not any(h.edits for h in diagnostic.helps)
    rejected("body: [«F.cross_entropy»]", "NS101", "a loss is not part of a network")
    rejected("body: [«nn.Sequential»]", "NS101", "a body of steps, a group or a `repeat`")
    rejected("body: [«F.gumbel_softmax»]", "NS101", "declare a custom layer", "`--layers FILE.py`")
    rejected("body: [«torch.nonzero»]", "NS101", "depends on the values of its input")


def test_a_block_of_the_file_comes_first() -> None:
    text = "blocks: {Densee: [ReLU]}\nbody: [«Dense»]"
    rejected(text, "NS101", "did you mean `Densee`?")
    rejected("body: [«nets.Block»]", "NS101", "`nets` is not declared under `use`")


def test_wrong_arguments_are_reported_with_the_name() -> None:
    text = "netspec: 1\ninputs: {a: [N, 3]}\nbody:\n  - {op: torch.cat, from: [a, a], dimm: 1}\n"
    assert [d.code for d in check_text(text).diagnostics] == ["NS101", "NS102"]


def test_layers_answers_to_the_names_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    for name, layer in (("cat", "Concat"), ("F.relu", "ReLU"), ("Dense", "Linear")):
        assert main(["layers", name]) == 0
        shown = capsys.readouterr()
        assert shown.out.startswith(f"{layer}: ")
        assert f"`{name}` is `{layer}` in netspec" in shown.err
    assert main(["layers", "Conv"]) == 0
    shown = capsys.readouterr()
    assert re.findall(r"^  (\w+) ", shown.out, re.MULTILINE) == ["Conv1d", "Conv2d", "Conv3d"]
    assert main(["layers", "F.cross_entropy"]) == 2
    assert "a loss is not part of a network" in capsys.readouterr().err
