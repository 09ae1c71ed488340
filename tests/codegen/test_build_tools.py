"""PyTorch's tools take a compiled module: compile, fx, export, other types and devices, DDP."""

from __future__ import annotations

import copy
import pathlib
import subprocess
import sys

import pytest
import torch
from small_networks import (
    EVERY_NETWORK,
    INPUTS,
    ROOT,
    SPECS,
    Make,
    assert_equal,
    dense,
    image_for,
    lenet,
    mixed,
    results,
    transformer,
    unet,
)
from torch.export import Dim

import netspec


@EVERY_NETWORK
def test_it_compiles_into_one_graph(make: Make) -> None:
    module, image = make().eval(), image_for(make)
    torch._dynamo.reset()
    compiled = torch.compile(module, fullgraph=True, backend="eager")
    assert_equal(compiled, module, image)


def test_it_trains_when_compiled_ahead_of_time() -> None:
    torch._dynamo.reset()
    module, image = dense(), image_for(dense)
    compiled = torch.compile(copy.deepcopy(module), fullgraph=True, backend="aot_eager")
    for each in (module, compiled):
        each(image).square().mean().backward()
    for mine, its in zip(module.parameters(), compiled.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, its.grad)


@EVERY_NETWORK
def test_fx_traces_it(make: Make) -> None:
    module = make().eval()
    traced = torch.fx.symbolic_trace(module)
    assert_equal(traced, module, image_for(make))
    called = {node.target for node in traced.graph.nodes if node.op == "call_module"}
    assert called <= dict(module.named_modules()).keys()


@pytest.mark.parametrize(
    ("make", "height", "width", "others"),
    [
        (dense, Dim("H", min=29, max=999), Dim("W", min=29, max=999), [(1, 29, 64), (3, 97, 33)]),
        (unet, 16 * Dim("H", min=2, max=99), 16 * Dim("W", min=2, max=99), [(3, 48, 32)]),
        (mixed, Dim("H", max=999), Dim("W", max=999), [(1, 31, 7), (3, 8, 8)]),
        (transformer, 8 * Dim("H", min=2, max=99), 8 * Dim("W", min=2, max=99), [(3, 16, 64)]),
    ],
    ids=["dense", "unet", "mixed", "transformer"],
)
def test_it_exports_with_dynamic_sizes(
    make: Make, height: Dim, width: Dim, others: list[tuple[int, int, int]]
) -> None:
    module = make().eval()
    name = "image"
    shapes = {name: {0: Dim("N", max=99), 2: height, 3: width}}
    exported = torch.export.export(module, (image_for(make),), dynamic_shapes=shapes).module()
    for batch, *sizes in others:
        image = torch.randn(batch, INPUTS[make][1], *sizes)
        assert_equal(exported, module, image)


# ---- devices, types, layouts ----


@EVERY_NETWORK
def test_it_takes_other_types(make: Make) -> None:
    module, image = make().eval(), image_for(make)
    for dtype, tolerance in ((torch.float64, 1e-4), (torch.bfloat16, 0.1)):
        other = copy.deepcopy(module).to(dtype)
        assert {p.dtype for p in other.parameters()} == {dtype}
        outputs = results(other, image.to(dtype))
        assert {result.dtype for result in outputs} == {dtype}
        for result, expected in zip(outputs, results(module, image), strict=True):
            torch.testing.assert_close(result.float(), expected, rtol=tolerance, atol=tolerance)


@EVERY_NETWORK
def test_it_takes_channels_last(make: Make) -> None:
    module, image = make().eval(), image_for(make)
    other = copy.deepcopy(module).to(memory_format=torch.channels_last)
    outputs = results(other, image.to(memory_format=torch.channels_last))
    for result, expected in zip(outputs, results(module, image), strict=True):
        torch.testing.assert_close(result, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("make", [dense, unet, lenet, transformer], ids=lambda make: make.__name__)
def test_it_is_built_without_memory_on_the_meta_device(make: Make) -> None:
    module = make().eval()
    with torch.device("meta"):
        empty = make().eval()
    assert {tensor.device.type for tensor in empty.state_dict().values()} == {"meta"}
    assert [(k, v.shape) for k, v in empty.state_dict().items()] == [
        (k, v.shape) for k, v in module.state_dict().items()
    ]
    filled = empty.to_empty(device="cpu")
    filled.load_state_dict(module.state_dict(), strict=True)
    assert_equal(filled, module, image_for(make))


def test_weights_can_be_assigned_to_a_module_on_the_meta_device() -> None:
    module = dense().eval()
    with torch.device("meta"):
        empty = dense().eval()
    empty.load_state_dict(module.state_dict(), strict=True, assign=True)
    assert_equal(empty, module, image_for(dense))


_TWO_RANKS = """
import multiprocessing, sys, torch, netspec
import torch._dynamo  # DistributedDataParallel imports it: once for both ranks
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

spec, store = sys.argv[1:]
torch.set_num_threads(1)

def one_step(rank):
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
    torch.manual_seed(rank)
    module = DistributedDataParallel(netspec.compile(spec))
    module(torch.randn(4, 1, 28, 28)).square().mean().backward()
    torch.save([p.grad for p in module.parameters()], f"{store}-{rank}.pt")
    dist.barrier()
    dist.destroy_process_group()

processes = multiprocessing.get_context("fork")
ranks = [processes.Process(target=one_step, args=(rank,)) for rank in range(2)]
for rank in ranks:
    rank.start()
for rank in ranks:
    rank.join()
sys.exit(any(rank.exitcode for rank in ranks))
"""


def test_two_processes_train_it_together(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "lo")
    spec = SPECS / "textbook/residual_mnist.yaml"
    done = subprocess.run(
        [sys.executable, "-c", _TWO_RANKS, str(spec), str(store)],
        cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, second = (torch.load(f"{store}-{rank}.pt") for rank in range(2))
    assert len(first) == 14
    for mine, its in zip(first, second, strict=True):
        assert mine.abs().sum() > 0
        assert torch.equal(mine, its)


def traced_like(steps: str, inputs: str = "[N, 3, H, W]") -> None:
    module = netspec.compile(f"netspec: 1\ninputs: {{image: {inputs}}}\nbody:\n{steps}").eval()
    image = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(torch.fx.symbolic_trace(module)(image), module(image))


CUT = "  - {op: Slice, dim: 2, end: '=image.height // 2'}\n"


@pytest.mark.parametrize(
    "steps",
    [
        CUT,
        "  - {op: Reshape, shape: [image.batch, 3, '=image.height * image.width']}\n",
        "  - {op: Interpolate, size: ['=image.height * 2', '=image.width * 2']}\n",
        "  - {op: Interpolate, scale_factor: 1.5}\n",
        "  - {op: Expand, size: [image.batch, -1, -1, -1]}\n",
        "  - p: {op: Parameter, shape: [3, 1, 1]}\n  - {op: Add, from: [image, p]}\n",
    ],
)
def test_fx_traces_open_sizes(steps: str) -> None:
    traced_like(steps)


@pytest.mark.parametrize("function", ["max(image.height // 2, 1)", "min(image.height // 2, 7)"])
def test_fx_does_not_decide_the_larger_of_open_sizes(function: str) -> None:
    """The README says so."""
    steps = CUT.replace("image.height // 2", function)
    with pytest.raises(torch.fx.proxy.TraceError):
        traced_like(steps)
    traced_like(steps, "[N, 3, 32, 32]")


def test_fx_does_not_take_words_of_python_as_names() -> None:
    """The README says so."""
    with pytest.raises(SyntaxError):
        traced_like("  - class: {op: Conv2d, out_channels: 4, kernel_size: 1}\n")
