"""`netspec compile SPEC --optimize inference --weights FILE`: a program that loads these weights."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import netspec
from netspec.cli import main

SPEC = """
netspec: 1
name: small_net
inputs: {image: [N, 3, H, W]}
body:
  - conv: {op: Conv2d, out_channels: 8, kernel_size: 3, bias: false}
  - norm: BatchNorm2d
  - relu: ReLU
  - pool: {op: AdaptiveAvgPool2d, output_size: 1}
  - flat: Flatten
  - head: {op: Linear, out_features: 4}
"""
IMAGE = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the spec, and the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(SPEC)
    return tmp_path


def trained(seed: int = 1) -> nn.Module:
    torch.manual_seed(seed)
    module = netspec.compile(SPEC)
    norm = module.get_submodule("norm")
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_mean is not None
    norm.running_mean.normal_()
    return module.eval()


def program(path: Path) -> ModuleType:
    described = importlib.util.spec_from_file_location("program_with_weights", path)
    assert described is not None
    assert described.loader is not None
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


def save(module: nn.Module, name: str) -> None:
    if name.endswith(".safetensors"):
        save_file(module.state_dict(), name)
    elif name == "checkpoint.pt":
        torch.save({"epoch": 1, "state_dict": module.state_dict()}, name)
    else:
        torch.save(module.state_dict(), name)


def compile_for_inference(*arguments: str) -> int:
    return main(["compile", "net.yaml", "--optimize", "inference", *arguments])


@pytest.mark.parametrize("name", ["trained.safetensors", "trained.pt", "checkpoint.pt"])
def test_the_program_loads_the_weights(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = trained()
    save(plain, name)
    assert compile_for_inference("--weights", name, "-o", "out/fast.py") == 0
    assert "out/fast.pt: 8 tensors" in capsys.readouterr().err
    os.rename("out", "elsewhere")
    module = program(folder / "elsewhere/fast.py").load()
    assert type(module).__name__ == "FoldedSmallNet"
    with torch.no_grad():
        torch.testing.assert_close(module(IMAGE), plain(IMAGE))
        other = trained(seed=2)
        for tensor, value in zip(
            module.state_dict().values(), other.state_dict().values(), strict=True
        ):
            tensor.data.copy_(value)
        module.refold()
        torch.testing.assert_close(module(IMAGE), other(IMAGE))


def test_old_names_are_renamed(folder: Path) -> None:
    plain = trained()
    (folder / "net.yaml").write_text(SPEC + 'rename: {"stem.": "conv."}\n')
    old = {key.replace("conv.", "stem."): t for key, t in plain.state_dict().items()}
    torch.save(old, "old.pt")
    assert compile_for_inference("--weights", "old.pt", "-o", "fast.py") == 0
    assert list(torch.load("fast.pt", weights_only=True)) == list(plain.state_dict())


def test_weights_of_another_network_are_rejected(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(nn.Linear(3, 4).state_dict(), "linear.pt")
    assert compile_for_inference("--weights", "linear.pt", "-o", "fast.py") == 1
    assert "error[NS602]" in capsys.readouterr().err
    assert not list(folder.glob("fast.*"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--weights", "a.pt", "-o", "fast.py"], "`--weights` requires `--optimize inference`"),
        (
            ["--optimize", "inference", "--weights", "a.pt"],
            "`--weights` writes a file next to the program, and requires `--output`",
        ),
        (
            ["--optimize", "inference", "--weights", "a.pt", "-o", "a.py"],
            "the weights next to the program would replace `a.pt`, which the command reads",
        ),
        (
            ["--optimize", "inference", "--weights", "a.pt", "-o", "fast.pt"],
            "`fast.pt` is the name of the weights",
        ),
    ],
)
def test_a_command_line_that_cannot_be_followed(
    folder: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    save(trained(), "a.pt")
    before = (folder / "a.pt").read_bytes()
    assert main(["compile", "net.yaml", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert (folder / "a.pt").read_bytes() == before
    assert not list(folder.glob("fast.*"))


def test_the_command_names_the_node_that_keeps_a_network_plain(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step = "{op: Interpolate, size: [2 * image.size(2) + image.size(3), 8]}"
    (folder / "net.yaml").write_text(
        "netspec: 1\nname: net\ninputs: {image: [N, 3, H, W]}\nbody:\n"
        f"  - conv: {{op: Conv2d, out_channels: 3, kernel_size: 1}}\n  - up: {step}\n"
    )
    torch.save(netspec.compile("net.yaml").state_dict(), "net.pt")
    assert compile_for_inference("--weights", "net.pt", "-o", "fast.py") == 0
    error = capsys.readouterr().err
    assert (
        "the program is the plain one: `up` requires the size 2*H+W, which no tensor has" in error
    )
    assert type(program(folder / "fast.py").load()).__name__ == "Net"
