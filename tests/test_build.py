"""A compiled network is an ordinary module: whatever PyTorch does with modules, it does with ours."""

from __future__ import annotations

import copy
import pathlib
import pickle
import re
import subprocess
import sys
import threading
import traceback
import weakref
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim

import netspec
from netspec.build import build
from netspec.build.module import load_program

torch.set_num_threads(1)

ROOT = pathlib.Path(__file__).parents[1]
SPECS = ROOT / "specs"

# Parameters and constants of its own, an input used twice, sizes read at run time, recomputation.
MIXED = """
netspec: 1
name: mixed
inputs: {image: [N, 3, H, W]}
body:
  - mean: {op: Constant, value: [[[0.5]], [[0.4]], [[0.3]]]}
  - scale: {op: Parameter, shape: [3, 1, 1], init: {fn: normal_, std: 0.5}}
  - centred: {op: Sub, from: [image, mean]}
  - scaled: {op: Mul, from: [centred, scale]}
  - stage:
      checkpoint: true
      body:
        - conv: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}
        - bn: BatchNorm2d
        - ReLU
  - halves: {op: Chunk, chunks: 2, dim: 1}
  - gated: {op: Mul, from: [halves.0, halves.1]}
  - again: {op: Conv2d, out_channels: 4, kernel_size: 1}
  - once_more: {share: again}
  - up: {op: Interpolate, size: [2 * x.height, 2 * x.width]}
outputs: {large: up, small: once_more}
"""


def dense() -> nn.Module:
    """A DenseNet of four layers."""
    return netspec.compile(SPECS / "densenet121.yaml", growth=4, stages=[2, 2], num_classes=5)


def unet() -> nn.Module:
    """A U-Net of few channels."""
    return netspec.compile(SPECS / "unet.yaml", widths=[2, 4, 6, 8])


def lenet() -> nn.Module:
    """The LeNet of the gallery."""
    return netspec.compile(SPECS / "lenet.yaml")


def mixed() -> nn.Module:
    """What the gallery has not."""
    return netspec.compile(MIXED)


INPUTS = {dense: (2, 3, 40, 45), unet: (2, 1, 32, 48), lenet: (2, 1, 28, 28), mixed: (2, 3, 8, 9)}
EVERY_NETWORK = pytest.mark.parametrize("make", INPUTS, ids=lambda make: make.__name__)
Make = Callable[[], nn.Module]


def image_for(make: Make) -> Tensor:
    return torch.randn(INPUTS[make], generator=torch.Generator().manual_seed(0))


def results(module: nn.Module, image: Tensor) -> list[Tensor]:
    """All tensors that come out."""
    with torch.no_grad():
        result = module(image)
    return list(result.values()) if isinstance(result, dict) else [result]


def assert_equal(one: nn.Module, other: nn.Module, image: Tensor) -> None:
    for mine, its in zip(results(one, image), results(other, image), strict=True):
        assert torch.equal(mine, its)


def run_python(program: str, *arguments: object, isolated: bool = False) -> str:
    """What a program prints in a new process; isolated, it finds installed packages only."""
    command = [sys.executable, *(["-I"] if isolated else []), "-W", "error", "-c", program]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True, text=True, timeout=120, check=False, cwd="/" if isolated else ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


# ---- copies, pickles, files -------------------------------------------------------------------------


@EVERY_NETWORK
def test_a_copy_computes_the_same_and_shares_nothing(make: Make) -> None:
    module = make().eval()
    copied = copy.deepcopy(module)
    assert type(copied) is type(module)
    assert_equal(copied, module, image_for(make))
    mine = {tensor.data_ptr() for tensor in module.state_dict().values()}
    assert not mine & {tensor.data_ptr() for tensor in copied.state_dict().values()}


@EVERY_NETWORK
def test_a_pickle_gives_the_same_module_back(make: Make) -> None:
    module = make().eval()
    restored = pickle.loads(pickle.dumps(module))
    assert type(restored) is type(module)
    assert list(restored.state_dict()) == list(module.state_dict())
    assert_equal(restored, module, image_for(make))


@EVERY_NETWORK
def test_a_saved_module_loads_in_another_process(make: Make, tmp_path: pathlib.Path) -> None:
    module, image = make().eval(), image_for(make)
    torch.save(module, tmp_path / "module.pt")
    torch.save(image, tmp_path / "image.pt")
    program = """
import sys, torch
module = torch.load(sys.argv[1] + "/module.pt", weights_only=False)
image = torch.load(sys.argv[1] + "/image.pt")
torch.save(module(image), sys.argv[1] + "/result.pt")
print(type(module).__name__, module.training)
"""
    assert run_python(program, tmp_path) == f"{type(module).__name__} False\n"
    result = torch.load(tmp_path / "result.pt")
    given = list(result.values()) if isinstance(result, dict) else [result]
    for its, mine in zip(given, results(module, image), strict=True):
        assert torch.equal(its, mine)


def test_a_subclass_keeps_its_class_when_copied() -> None:
    base = type(lenet())

    class Mine(base):  # type: ignore[misc, valid-type]
        pass

    module = Mine()
    module.note = "mine"
    copied = copy.deepcopy(module)
    assert type(copied) is Mine
    assert copied.note == "mine"


def test_weights_load_by_name_and_missing_ones_are_told() -> None:
    module, other = dense(), dense()
    other.load_state_dict(module.state_dict(), strict=True)
    assert_equal(module.eval(), other.eval(), image_for(dense))
    with pytest.raises(RuntimeError, match=r"Missing key.*features\.norm5\.bias"):
        other.load_state_dict(
            {k: v for k, v in module.state_dict().items() if k != "features.norm5.bias"}
        )


def test_the_state_dict_is_in_the_order_of_the_text() -> None:
    keys = list(mixed().state_dict())
    assert keys == [
        "scale",
        *(f"stage.conv.{name}" for name in ("weight", "bias")),
        *(f"stage.bn.{name}" for name in ("weight", "bias", "running_mean", "running_var")),
        "stage.bn.num_batches_tracked",
        *(f"again.{name}" for name in ("weight", "bias")),
    ]


# ---- compiling, tracing, exporting --------------------------------------------------------------------


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
    ],
    ids=["dense", "unet", "mixed"],
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


# ---- devices, types, layouts ------------------------------------------------------------------------


@EVERY_NETWORK
def test_it_takes_other_types(make: Make) -> None:
    module, image = make().eval(), image_for(make)
    for dtype, tolerance in ((torch.float64, 1e-4), (torch.bfloat16, 0.1)):
        other = copy.deepcopy(module).to(dtype)
        assert {p.dtype for p in other.parameters()} == {dtype}
        given = results(other, image.to(dtype))
        assert {result.dtype for result in given} == {dtype}
        for result, expected in zip(given, results(module, image), strict=True):
            torch.testing.assert_close(result.float(), expected, rtol=tolerance, atol=tolerance)


@EVERY_NETWORK
def test_it_takes_channels_last(make: Make) -> None:
    module, image = make().eval(), image_for(make)
    other = copy.deepcopy(module).to(memory_format=torch.channels_last)
    given = results(other, image.to(memory_format=torch.channels_last))
    for result, expected in zip(given, results(module, image), strict=True):
        torch.testing.assert_close(result, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("make", [dense, unet, lenet], ids=lambda make: make.__name__)
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


_ONE_STEP = """
import sys, torch, netspec
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
spec, store, rank = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(1)
dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
torch.manual_seed(rank)
module = DistributedDataParallel(netspec.compile(spec))
module(torch.randn(4, 1, 28, 28)).square().mean().backward()
torch.save([p.grad for p in module.parameters()], f"{store}-{rank}.pt")
dist.destroy_process_group()
"""


def test_two_processes_train_it_together(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "lo")
    arguments = [sys.executable, "-c", _ONE_STEP, str(SPECS / "residual_mnist.yaml"), str(store)]
    others = [
        subprocess.Popen([*arguments, str(rank)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for rank in range(2)
    ]
    for process in others:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    first, second = (torch.load(f"{store}-{rank}.pt") for rank in range(2))
    assert len(first) == 14
    for mine, its in zip(first, second, strict=True):
        assert mine.abs().sum() > 0
        assert torch.equal(mine, its)


# ---- what a person sees -----------------------------------------------------------------------------


def test_a_hook_is_set_by_the_name_in_the_spec() -> None:
    module = dense().eval()
    seen: list[tuple[int, ...]] = []
    layer = module.get_submodule("features.denseblock2.denselayer1")
    handle = layer.register_forward_hook(lambda _m, _i, output: seen.append(tuple(output.shape)))
    module(torch.zeros(1, 3, 32, 32))
    handle.remove()
    module(torch.zeros(1, 3, 32, 32))
    assert seen == [(1, 12, 4, 4)]


def test_it_prints_as_the_blocks_it_is_made_of() -> None:
    lines = str(dense()).splitlines()
    assert lines[:3] == [
        "Densenet121(",
        "  (features): Sequential(",
        "    (conv0): Conv2d(3, 8, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3), bias=False)",
    ]
    assert "      (denselayer1): DenseLayer(" in lines
    assert "    (transition1): Transition(" in lines


def test_a_failing_call_shows_the_generated_line_and_the_line_of_the_spec() -> None:
    module = dense().eval()
    module.get_submodule("features.denseblock1.denselayer2.conv1").double()
    with pytest.raises(RuntimeError) as caught:
        module(torch.zeros(1, 3, 32, 32))
    shown = "".join(traceback.format_exception(caught.value))
    spec = (SPECS / "densenet121.yaml").read_text(encoding="utf-8").splitlines()
    line = next(i for i, text in enumerate(spec, 1) if "- conv1:" in text)
    assert re.search(rf"out = self\.conv1\(out\)  # .*densenet121\.yaml:{line}\n", shown)


def test_an_input_of_the_wrong_type_is_shown_where_it_enters() -> None:
    with pytest.raises(RuntimeError) as caught:
        dense()(torch.zeros(1, 3, 32, 32, dtype=torch.int64))
    shown = "".join(traceback.format_exception(caught.value))
    spec = (SPECS / "densenet121.yaml").read_text(encoding="utf-8").splitlines()
    line = next(i for i, text in enumerate(spec, 1) if "- features:" in text)
    assert re.search(rf"x = self\.features\(image\)  # .*densenet121\.yaml:{line}\n", shown)


@pytest.mark.parametrize(
    ("make", "shape", "message"),
    [
        (dense, (3, 32, 32), "`image` should be [N, 3, H, W] with H >= 13 and W >= 13, not [3, 32, 32]"),
        (dense, (1, 1, 32, 32), "[N, 3, H, W] with H >= 13 and W >= 13, not [1, 1, 32, 32]"),
        (dense, (1, 3, 12, 32), "[N, 3, H, W] with H >= 13 and W >= 13, not [1, 3, 12, 32]"),
        (unet, (1, 1, 24, 32), "`image` should be [N, 1, H, W] with H divisible by 16 and "
         "W divisible by 16, not [1, 1, 24, 32]"),
        (lenet, (1, 1, 32, 32), "`image` should be [N, 1, 28, 28], not [1, 1, 32, 32]"),
        (mixed, (8, 9), "`image` should be [N, 3, H, W], not [8, 9]"),
    ],
)  # fmt: skip
def test_an_input_of_the_wrong_shape_is_refused_with_the_right_one(
    make: Make, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=f"{re.escape(message)}$"):
        make()(torch.zeros(shape))


# ---- the program ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.stem for path in SPECS.glob("*.yaml")))
def test_the_program_needs_torch_alone(name: str) -> None:
    source = netspec.source(SPECS / f"{name}.yaml")
    imported = re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE)
    assert set(imported) <= {"math", "torch"}
    assert "netspec" not in re.sub(r'^""".*?"""', "", source, flags=re.DOTALL)


def test_the_program_runs_where_netspec_is_not_installed(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "network.py"
    file.write_text(netspec.source(MIXED), encoding="utf-8")
    program = """
import importlib.util, sys
sys.path[:] = [p for p in sys.path if importlib.machinery.PathFinder.find_spec("netspec", [p]) is None]
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in repr(f)]
assert importlib.util.find_spec("netspec") is None
sys.path.insert(0, sys.argv[1])
import network, torch
result = network.Mixed()(torch.zeros(1, 3, 4, 5))
print({name: list(tensor.shape) for name, tensor in result.items()})
"""
    printed = run_python(program, tmp_path, isolated=True)
    assert printed == "{'large': [1, 4, 8, 10], 'small': [1, 4, 4, 5]}\n"


def test_the_program_of_densenet_is_short() -> None:
    source = netspec.source(SPECS / "densenet121.yaml")
    assert len(source.splitlines()) <= 150
    assert max(map(len, source.splitlines())) <= 120
    assert "\t" not in source
    assert not re.search(r"[ ]+$", source, re.MULTILINE)


def test_the_same_spec_is_the_same_class_however_often_it_is_compiled() -> None:
    assert type(dense()) is type(dense())
    assert type(dense()) is not type(lenet())


def test_threads_that_compile_at_once_get_one_class() -> None:
    source = (
        "import time\nfrom torch import nn\ntime.sleep(0.05)\nclass Slow(nn.Module):\n    pass\n"
    )
    classes = []
    threads = [
        threading.Thread(target=lambda: classes.append(type(build(source, "Slow"))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(classes) == 4
    assert len(set(classes)) == 1


def test_a_program_that_fails_leaves_nothing_behind() -> None:
    before = set(sys.modules)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            load_program("1 / 0\n")
    assert {name for name in set(sys.modules) - before if "generated" in name} == set()


def test_a_module_that_nobody_holds_is_freed() -> None:
    module = lenet()
    weight = weakref.ref(next(module.parameters()))
    del module
    assert weight() is None
