"""Where folding does not apply, the plain forward pass runs; new weights are folded again."""

from __future__ import annotations

import copy
import io
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from networks import pair
from torch import Tensor, nn

import netspec

TEXT = """
netspec: 1
name: net
inputs: {image: [N, 3, H, W]}
body:
  - conv: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1, bias: false}
  - norm: BatchNorm2d
  - relu: {op: ReLU, inplace: true}
  - dropout: {op: Dropout, p: 0.5}
  - pool: {op: AdaptiveAvgPool2d, output_size: 1}
  - flatten: Flatten
  - head: {op: Linear, out_features: 4}
"""
IMAGE = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def pair_of_nets() -> tuple[nn.Module, nn.Module]:
    return pair(netspec.load(TEXT))


def runs_folded(folded: nn.Module, image: Tensor = IMAGE) -> bool:
    calls: bool = folded._folded.calls_for(image) is not None  # type: ignore[operator, union-attr]
    return calls


def test_the_module_has_the_weights_of_the_plain_one() -> None:
    plain, folded = pair_of_nets()
    assert list(plain.state_dict()) == list(folded.state_dict())
    assert not folded.training
    assert not any(p.requires_grad for p in folded.parameters())
    assert runs_folded(folded)


@pytest.mark.parametrize("change", ["load", "in_place", "replaced", "data", "module", "buffer"])
def test_new_weights_are_folded_again(change: str) -> None:
    plain, folded = pair_of_nets()
    folded(IMAGE)
    with torch.no_grad():
        for net in (plain, folded):
            torch.manual_seed(1)
            conv, norm = net.get_submodule("conv"), net.get_submodule("norm")
            assert isinstance(conv, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            new = torch.randn(8, 3, 3, 3)
            if change == "load":
                net.load_state_dict({**net.state_dict(), "conv.weight": new})
            elif change == "in_place":
                conv.weight.copy_(new)
            elif change == "replaced":
                conv.weight = nn.Parameter(new, requires_grad=False)
            elif change == "data":
                conv.weight.data = new
            elif change == "module":
                net.head = nn.Linear(8, 6)
            else:
                norm.running_mean = torch.randn(8)
    with torch.no_grad():
        torch.testing.assert_close(folded(IMAGE), plain(IMAGE))


def test_a_change_through_data_requires_refold() -> None:
    plain, folded = pair_of_nets()
    before = folded(IMAGE)
    for net in (plain, folded):
        weight = net.get_submodule("conv").weight
        assert isinstance(weight, Tensor)
        weight.data.mul_(2)
    folded.refold()  # type: ignore[operator]
    with torch.no_grad():
        torch.testing.assert_close(folded(IMAGE), plain(IMAGE))
    assert not torch.allclose(folded(IMAGE), before)


def test_in_training_it_is_the_plain_module() -> None:
    plain, folded = pair_of_nets()
    results = []
    for net in (plain.train(), folded.train()):
        net.requires_grad_(True)
        torch.manual_seed(0)
        result = net(IMAGE)
        result.sum().backward()
        results.append([result, *(p.grad for p in net.parameters()), *net.buffers()])
    for a, b in zip(*results, strict=True):
        assert torch.equal(a, b)


def test_gradients_are_those_of_the_plain_module() -> None:
    plain, folded = pair_of_nets()
    gradients = []
    for net in (plain, folded):
        image = IMAGE.clone().requires_grad_()
        net(image).square().sum().backward()
        gradients.append(image.grad)
    assert torch.equal(*gradients)
    folded.requires_grad_(True)
    assert not runs_folded(folded)
    with torch.no_grad():
        assert runs_folded(folded)


def test_hooks_are_called() -> None:
    _, folded = pair_of_nets()
    folded(IMAGE)
    seen: list[Tensor] = []
    handle = folded.get_submodule("norm").register_forward_hook(lambda m, i, o: seen.append(o))
    folded(IMAGE)
    assert len(seen) == 1
    handle.remove()
    assert runs_folded(folded)


def test_one_module_in_training() -> None:
    _, folded = pair_of_nets()
    folded.get_submodule("norm").train()
    assert not runs_folded(folded)


def test_other_types_and_devices() -> None:
    plain, folded = pair_of_nets()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(folded(IMAGE), plain(IMAGE))
    half, half_image = folded.to(torch.bfloat16), IMAGE.to(torch.bfloat16)
    with torch.no_grad():
        assert torch.equal(half(half_image), plain.to(torch.bfloat16)(half_image))
    assert folded.to("meta")(IMAGE.to("meta")).shape == (2, 4)


def test_a_wrong_type_is_the_error_of_pytorch() -> None:
    _, folded = pair_of_nets()
    with pytest.raises(RuntimeError):
        folded(IMAGE.double())


def test_sizes_are_checked() -> None:
    _, folded = pair_of_nets()
    folded(IMAGE)
    with pytest.raises(ValueError, match="image"):
        folded(IMAGE[:, :2])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tracing_and_vmap() -> None:
    plain, folded = pair_of_nets()
    with torch.no_grad():
        expected = plain(IMAGE)
        traced = torch.jit.trace(folded, IMAGE, check_trace=False)
        torch.testing.assert_close(traced(IMAGE), expected)
        torch.testing.assert_close(torch.fx.symbolic_trace(folded)(IMAGE), expected)
        torch.testing.assert_close(torch.vmap(folded)(IMAGE[:, None])[:, 0], expected)
        compiled = torch.compile(folded, backend="eager", fullgraph=True)
        torch.testing.assert_close(compiled(IMAGE), expected)


def test_copies_fold_their_own_weights() -> None:
    _, folded = pair_of_nets()
    expected = folded(IMAGE)
    saved = io.BytesIO()
    torch.save(folded, saved)
    saved.seek(0)
    copies = (
        copy.deepcopy(folded),
        pickle.loads(pickle.dumps(folded)),
        torch.load(saved, weights_only=False),
    )
    folded.get_submodule("conv").weight.mul_(2)  # type: ignore[operator, union-attr]
    for each in copies:
        assert runs_folded(each)
        assert torch.equal(each(IMAGE), expected)


def test_threads_share_a_module() -> None:
    _, folded = pair_of_nets()
    images = [torch.randn(1 + k % 3, 3, 8 + k % 5, 8) for k in range(40)]
    expected = [folded(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(folded, images))
    for a, b in zip(results, expected, strict=True):
        torch.testing.assert_close(a, b)


def test_an_unknown_purpose_is_an_error() -> None:
    with pytest.raises(ValueError, match="optimize"):
        netspec.load(TEXT).compile(optimize="speed")  # type: ignore[arg-type]
