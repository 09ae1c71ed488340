"""Modules of `build` against those that the classes of the program construct: they are the same in every attribute."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
import torch
from small_networks import MIXED, SPECS, dense
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.nn.modules import module as global_hooks

import netspec
from netspec.build import build
from netspec.build.module import load_program
from netspec.build.stand_ins import StandIn

LARGE = {"autoencoder", "inception_v3", "resnet", "resnet_fpn", "vgg11", "vit"}
GALLERY = [
    pytest.param(path, id=path.stem, marks=pytest.mark.sweep if path.stem in LARGE else ())
    for path in sorted(SPECS.rglob("*.yaml"))
]
HEAD = "netspec: 1\nname: net\ninputs: {image: [N, 3, 8, 8]}\n"
TWICE = HEAD + (
    "body:\n"
    "  - a: {op: Conv2d, out_channels: 3, kernel_size: 1}\n"
    "  - an: BatchNorm2d\n"
    "  - b: {op: Conv2d, out_channels: 3, kernel_size: 1}\n"
    "  - bn: BatchNorm2d\n"
)
BUILDS = 3
"""The first use of a configuration runs the constructor, the second records it, the third copies."""


def plain(source: str) -> nn.Module:
    """The module of a program as its class constructs it."""
    program = load_program(source)
    classes = [c for c in vars(program).values() if isinstance(c, type)]
    network = [c for c in classes if issubclass(c, nn.Module) and c.__module__ == program.__name__]
    module = network[-1]()
    assert isinstance(module, nn.Module)
    return module


def built(source: str, *, draws: bool = True) -> nn.Module:
    """The module of a program as netspec constructs it."""
    return build(source, type(plain(source)).__name__, draws=draws)


def assert_same(ours: nn.Module, theirs: nn.Module) -> None:
    """Compare everything that the modules have."""
    for (path, a), (other_path, b) in zip(
        ours.named_modules(remove_duplicate=False),
        theirs.named_modules(remove_duplicate=False),
        strict=True,
    ):
        assert path == other_path
        assert type(a) is type(b)
        assert list(vars(a)) == list(vars(b))
        for name in vars(a):
            assert_same_attribute(name, vars(a)[name], vars(b)[name])


def assert_same_attribute(name: str, ours: Any, theirs: Any) -> None:
    """Compare one attribute; the numbers of hooks count up from module to module."""
    assert type(ours) is type(theirs)
    assert not isinstance(ours, StandIn)
    if name in ("_parameters", "_buffers"):
        assert list(ours) == list(theirs)
        for tensor, other in zip(ours.values(), theirs.values(), strict=True):
            assert_same_tensor(tensor, other)
    elif name.endswith("hooks"):
        assert list(map(repr, ours.values())) == list(map(repr, theirs.values()))
    elif name != "_modules" and not name.startswith("_flat_weight"):
        assert repr(ours) == repr(theirs)


def assert_same_tensor(ours: Tensor | None, theirs: Tensor | None) -> None:
    """Compare two tensors to the bit."""
    assert type(ours) is type(theirs)
    if ours is not None and theirs is not None:
        assert (ours.dtype, ours.device) == (theirs.dtype, theirs.device)
        assert (ours.requires_grad, ours.is_leaf) == (theirs.requires_grad, theirs.is_leaf)
        assert ours.stride() == theirs.stride()
        assert ours.untyped_storage().nbytes() == theirs.untyped_storage().nbytes()
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("path", GALLERY)
def test_every_network_of_the_gallery_is_the_one_of_its_classes(path: Any) -> None:
    network = netspec.load(path)
    if network.report.graph is None:
        pytest.skip("a library")
    source = network.source()
    torch.manual_seed(0)
    theirs = plain(source)
    state = torch.get_rng_state()
    for _ in range(BUILDS - 1):
        built(source)
    torch.manual_seed(0)
    ours = build(source, type(theirs).__name__)
    assert torch.equal(torch.get_rng_state(), state)
    assert_same(ours, theirs)


LAYERS = [
    "nn.Conv1d(4, 6, 3)", "nn.Conv2d(4, 6, 3, padding_mode='circular')", "nn.ConvTranspose2d(4, 6, 2)",
    "nn.Linear(4, 3, bias=False)", "nn.Bilinear(2, 3, 4)", "nn.Embedding(5, 3)",
    "nn.Embedding(5, 3, padding_idx=0)", "nn.EmbeddingBag(5, 3)", "nn.LayerNorm((4, 3))",
    "nn.LayerNorm(4, elementwise_affine=False)", "nn.RMSNorm(4)", "nn.GroupNorm(2, 4)",
    "nn.InstanceNorm2d(4, affine=True, track_running_stats=True)", "nn.BatchNorm1d(4, affine=False)",
    "nn.BatchNorm3d(4, momentum=None)", "nn.PReLU(3, init=0.1)", "nn.PReLU(init=-0.0)", "nn.LSTM(3, 4)",
    "nn.GRUCell(3, 4)", "nn.MultiheadAttention(4, 2)", "nn.MultiheadAttention(4, 2, kdim=3, bias=False)",
    "nn.TransformerEncoderLayer(4, 2, 8)", "nn.Fold(2, 1)", "nn.ZeroPad2d(1)", "nn.Upsample(scale_factor=2)",
    "nn.Linear(4, 2, dtype=torch.float64)", "nn.Linear(4, 2, device='meta')", "nn.Dropout(0)", "nn.Dropout(0.0)",
    "nn.Dropout(False)", "nn.Sequential(nn.ReLU())", "nn.ModuleList()", "nn.LazyLinear(3)",
]  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_is_the_one_of_its_constructor(layer: str) -> None:
    source = (
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
        f"    def __init__(self):\n        super().__init__()\n        self.one = {layer}\n"
    )
    for _ in range(BUILDS):
        torch.manual_seed(1)
        ours = build(source, "Net")
        state = torch.get_rng_state()
        torch.manual_seed(1)
        theirs = plain(source)
        assert torch.equal(torch.get_rng_state(), state)
        if layer.startswith("nn.Lazy") or "meta" in layer:
            assert repr(ours) == repr(theirs)
        else:
            assert_same(ours, theirs)


def test_the_third_module_is_made_of_copies() -> None:
    source = netspec.source(HEAD + "body: [{op: Conv2d, out_channels: 11, kernel_size: 1}]")
    for _ in range(BUILDS):
        built(source)
    calls = []
    code = nn.Conv2d.reset_parameters.__code__

    def watch(frame: Any, event: str, _: object) -> None:
        if event == "call" and frame.f_code is code:
            calls.append(frame)

    name = type(plain(source)).__name__
    calls.clear()
    sys.setprofile(watch)
    try:
        build(source, name)
    finally:
        sys.setprofile(None)
    assert calls == []


def test_classes_under_other_names_are_the_same_in_tests_of_types() -> None:
    source = (
        "from torch import nn\n\n\nclass Net(nn.Module):\n"
        "    def __init__(self, act: type[nn.Module] = nn.ReLU, *, norm=nn.BatchNorm2d):\n"
        "        super().__init__()\n"
        "        self.act, self.norm, self.lin = act(), norm(3), nn.Linear(2, 2)\n"
        "        self.facts = [\n"
        "            isinstance(self.act, nn.ReLU), isinstance(self.lin, nn.Conv2d | nn.Linear),\n"
        "            isinstance(self.lin, (nn.Conv2d, nn.ReLU)),\n"
        "            issubclass(nn.ReLU6, nn.Hardtanh), nn.ReLU.__name__, nn.Linear.__constants__,\n"
        "        ]\n"
    )
    for _ in range(BUILDS):
        assert_same_attribute("facts", build(source, "Net").facts, plain(source).facts)


@pytest.mark.parametrize(
    "test", ["type(m) is nn.Linear", "type(m) in {nn.Linear}", "issubclass(m.__class__, nn.Linear)"]
)
@pytest.mark.parametrize("method", [True, False])
def test_a_constructor_that_compares_types_finds_its_layers(test: str, method: bool) -> None:
    fill = f"[nn.init.zeros_(m.weight) for m in self.modules() if {test}]"
    source = (
        "from torch import nn\n\n\nclass Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.one = nn.Linear(2, 2)\n"
        + (
            f"        self.fill()\n\n    def fill(self):\n        {fill}\n"
            if method
            else f"        {fill}\n"
        )
    )
    for _ in range(BUILDS):
        assert not build(source, "Net").one.weight.any()


@pytest.fixture
def warm() -> Iterator[str]:
    """A program whose layers all have templates."""
    source = netspec.source(TWICE)
    for _ in range(BUILDS):
        built(source)
    yield source


def test_the_device_of_the_context_is_that_of_the_module(warm: str) -> None:
    with torch.device("meta"):
        assert {p.device.type for p in built(warm).parameters()} == {"meta"}
    assert {p.device.type for p in built(warm).parameters()} == {"cpu"}


def test_the_default_type_is_that_of_the_module(warm: str) -> None:
    torch.set_default_dtype(torch.float64)
    try:
        assert {p.dtype for p in built(warm).parameters()} == {torch.float64}
    finally:
        torch.set_default_dtype(torch.float32)


def test_a_mode_that_fakes_tensors_sees_every_one(warm: str) -> None:
    with FakeTensorMode():
        assert all(isinstance(tensor, FakeTensor) for tensor in built(warm).buffers())


def test_inference_mode_makes_inference_tensors(warm: str) -> None:
    with torch.inference_mode():
        assert all(tensor.is_inference() for tensor in built(warm).buffers())
    assert not any(tensor.is_inference() for tensor in built(warm).buffers())


@pytest.mark.parametrize("kind", ["module", "parameter", "buffer"])
def test_a_global_hook_sees_every_registration(warm: str, kind: str) -> None:
    counts: list[int] = []
    register = getattr(global_hooks, f"register_module_{kind}_registration_hook")
    for construct in (plain, built):
        seen: list[object] = []
        handle = register(lambda module, name, value, seen=seen: seen.append(name))
        try:
            construct(warm)
        finally:
            handle.remove()
        counts.append(len(seen))
    # `built` asks `plain` for the name of the class.
    assert counts[1] == 2 * counts[0] > 0


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (nn.Conv2d, "__init__"),
        (nn.modules.conv._ConvNd, "reset_parameters"),
        (nn.init, "kaiming_uniform_"),
        (nn.Module, "register_parameter"),
        (torch, "empty"),
    ],
)
def test_a_function_that_a_library_replaced_runs(warm: str, owner: Any, name: str) -> None:
    original, calls = getattr(owner, name), []

    def replaced(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return original(*args, **kwargs)

    class_name = type(plain(warm)).__name__
    with mock.patch.object(owner, name, replaced):
        for _ in range(BUILDS):
            calls.clear()
            build(warm, class_name)
            assert len(calls) >= 2
    torch.manual_seed(2)
    theirs = plain(warm)
    torch.manual_seed(2)
    assert_same(build(warm, class_name), theirs)


def test_a_layer_that_a_library_replaced_is_used(warm: str) -> None:
    class Conv2d(nn.Conv2d):
        pass

    with mock.patch.object(nn, "Conv2d", Conv2d):
        assert sum(type(module) is Conv2d for module in built(warm).modules()) == 2
    assert not any(type(module) is Conv2d for module in built(warm).modules())


def test_modules_share_no_tensor_and_no_collection(warm: str) -> None:
    modules = [module for network in (built(warm), built(warm)) for module in network.modules()]
    collections = [v for m in modules for v in vars(m).values() if isinstance(v, dict | set | list)]
    assert len(set(map(id, collections))) == len(collections)
    tensors = [t for m in modules for t in (*m.parameters(False), *m.buffers(False))]
    assert len({tensor.data_ptr() for tensor in tensors}) == len(tensors)


def test_without_initialization_nothing_is_drawn_and_constants_are_right() -> None:
    text = TWICE + "init: {Conv2d: {weight: kaiming_normal_}}\n"
    for _ in range(BUILDS):
        netspec.compile(text)
    state = torch.get_rng_state()
    module = netspec.compile(text, initialize=False)
    assert torch.equal(torch.get_rng_state(), state)
    theirs = netspec.compile(text)
    for name, buffer in theirs.named_buffers():
        assert torch.equal(module.get_buffer(name), buffer)
    assert list(module.state_dict()) == list(theirs.state_dict())
    module.load_state_dict(theirs.state_dict())
    assert_same(module, theirs)


def test_weights_that_follow_are_those_of_the_network() -> None:
    network = netspec.load(MIXED)
    for _ in range(BUILDS):
        module, theirs = network.compile(initialize=False), network.compile()
        module.load_state_dict(theirs.state_dict())
        image = torch.randn(1, 3, 4, 5)
        for name, tensor in theirs.eval()(image).items():
            assert torch.equal(module.eval()(image)[name], tensor)


def test_a_copy_trains_as_its_original() -> None:
    for _ in range(BUILDS):
        ours = dense()
    theirs = type(ours)(growth=4, stages=(2, 2), num_classes=5)
    theirs.load_state_dict(ours.state_dict())
    image = torch.randn(2, 3, 32, 32)
    for module in (ours, theirs):
        module(image).square().sum().backward()
    for ours_parameter, their_parameter in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert ours_parameter.grad is not None
        assert torch.equal(ours_parameter.grad, their_parameter.grad)


def test_the_first_module_of_a_process_imports_no_compiler() -> None:
    code = (
        "import sys, netspec\n"
        f"netspec.compile({TWICE!r})\n"
        "print([name for name in ('torch._dynamo', 'sympy') if name in sys.modules])\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
