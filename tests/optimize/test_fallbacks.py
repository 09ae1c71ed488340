"""Where something observes or changes the modules, a program for training calls them as they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from training_pairs import assert_equal_training, in_64_bits, loss_of, named, pair, train

LABELS = ("densenet121", "densenet_cifar", "residual")


@pytest.fixture(params=LABELS)
def modules(request: pytest.FixtureRequest) -> tuple[nn.Module, nn.Module]:
    plain, optimized = map(in_64_bits, pair(named(request.param)))
    return plain, optimized


@pytest.fixture
def x() -> Tensor:
    return torch.randn(3, 3, 36, 32, dtype=torch.float64)


def is_fused(module: nn.Module, x: Tensor) -> bool:
    """Whether the graph of a result has a function of the program."""
    names, pending = set(), [module(x).grad_fn]
    while pending:
        node = pending.pop()
        if node is not None and node not in names:
            names.add(node)
            pending += [following for following, _ in node.next_functions]
    return any(type(n).__name__ in {"_NormActBackward", "_DenseBlockBackward"} for n in names)


def test_it_is_fused_otherwise(modules: tuple[nn.Module, nn.Module], x: Tensor) -> None:
    assert not is_fused(modules[0], x)
    assert is_fused(modules[1], x)


def observed(module: nn.Module, x: Tensor, register: str) -> list[str]:
    """The modules whose hooks are called in a step, in order."""
    calls: list[str] = []
    handles = [
        getattr(each, register)(lambda *_, name=name: calls.append(name))
        for name, each in module.named_modules()
        if name
    ]
    if register == "register_full_backward_hook":  # views of hooks allow no change in place
        for each in module.modules():
            if isinstance(each, nn.ReLU):
                each.inplace = False
    train(module, x.clone().requires_grad_())
    for handle in handles:
        handle.remove()
    return calls


@pytest.mark.parametrize(
    "register",
    ["register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook"],
)
def test_hooks_are_called(modules: tuple[nn.Module, nn.Module], x: Tensor, register: str) -> None:
    if register == "register_full_backward_hook" and hasattr(modules[0], "block1"):
        pytest.skip("PyTorch has no backward hooks for modules that take a list")
    plain, optimized = (observed(module, x, register) for module in modules)
    assert sorted(plain) == sorted(optimized)
    assert plain == optimized


def test_global_hooks_are_called(modules: tuple[nn.Module, nn.Module], x: Tensor) -> None:
    calls: list[str] = []
    handle = nn.modules.module.register_module_forward_hook(
        lambda module, *_: calls.append(type(module).__name__)
    )
    for module in modules:
        module(x)
    handle.remove()
    leaves = [name for name in calls if hasattr(nn, name) and "Sequential" not in name]
    half = len(leaves) // 2
    assert leaves[:half] == leaves[half:]


def test_second_derivatives(modules: tuple[nn.Module, nn.Module], x: Tensor) -> None:
    results = []
    for module in modules:
        inputs = x.clone().requires_grad_()
        parameters = list(module.parameters())
        grads = torch.autograd.grad(
            loss_of(module, inputs), [inputs, *parameters], create_graph=True
        )
        penalty = torch.stack([g.square().mean() for g in grads]).sum()
        results.append(torch.autograd.grad(penalty, [inputs, *parameters], allow_unused=True))
    scale = max(float(g.norm()) for g in results[0] if g is not None)
    for a, b in zip(*results, strict=True):
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            torch.testing.assert_close(b, a, rtol=1e-5, atol=1e-9 * scale)


def test_two_backward_passes_of_one_graph(modules: tuple[nn.Module, nn.Module], x: Tensor) -> None:
    results = []
    for module in modules:
        loss = loss_of(module, x)
        loss.backward(retain_graph=True)
        loss.backward()
        results.append([p.grad for p in module.parameters()])
    scale = max(float(g.norm()) for g in results[0])
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(b, a, rtol=1e-6, atol=1e-10 * scale)


def freeze_weights(module: nn.Module) -> None:
    for name, parameter in module.named_parameters():
        parameter.requires_grad_("conv1" not in name)


def freeze_statistics(module: nn.Module) -> None:
    for each in module.modules():
        if isinstance(each, nn.BatchNorm2d):
            each.eval()


def average_cumulatively(module: nn.Module) -> None:
    for each in module.modules():
        if isinstance(each, nn.BatchNorm2d):
            each.momentum = None


def track_nothing(module: nn.Module) -> None:
    for each in module.modules():
        if isinstance(each, nn.BatchNorm2d):
            each.track_running_stats = False
            each.running_mean = each.running_var = each.num_batches_tracked = None


class Doubled(nn.Conv2d):
    """A convolution of a different kind."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * super().forward(x)


def change_class(module: nn.Module) -> None:
    for each in module.modules():
        if type(each) is nn.Conv2d:
            each.__class__ = Doubled


def zero_weights(module: nn.Module) -> None:
    for each in module.modules():
        if isinstance(each, nn.BatchNorm2d):
            nn.init.zeros_(each.weight[::2])
            nn.init.constant_(each.bias[::3], 3.0)


def parametrize(module: nn.Module) -> None:
    for each in list(module.modules()):
        if type(each) is nn.Conv2d:
            nn.utils.parametrizations.weight_norm(each)


@pytest.mark.parametrize(
    "change",
    [
        freeze_weights, freeze_statistics, average_cumulatively, track_nothing, change_class,
        zero_weights, parametrize,
    ],
)  # fmt: skip
def test_changed_modules_train_as_the_plain_program_does(
    modules: tuple[nn.Module, nn.Module], x: Tensor, change: Callable[[nn.Module], None]
) -> None:
    with torch.no_grad():
        for module in modules:
            change(module)
    assert_equal_training(*modules, x)
    assert_equal_training(*modules, x)


def test_parameters_of_a_functional_call_are_used(
    modules: tuple[nn.Module, nn.Module], x: Tensor
) -> None:
    results = []
    for module in modules:
        values = {k: (1.5 * p.detach()).requires_grad_() for k, p in module.named_parameters()}
        result = torch.func.functional_call(module, values, (x,))
        grads = torch.autograd.grad(result.square().mean(), list(values.values()))
        results.append(dict(zip(values, grads, strict=True)))
    scale = max(float(g.norm()) for g in results[0].values())
    for key, gradient in results[0].items():
        torch.testing.assert_close(results[1][key], gradient, rtol=1e-6, atol=1e-10 * scale)


def test_torch_compile_sees_plain_modules(modules: tuple[nn.Module, nn.Module], x: Tensor) -> None:
    compiled = torch.compile(modules[1], backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), modules[0](x))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tracing_sees_plain_modules(modules: tuple[nn.Module, nn.Module], x: Tensor) -> None:
    plain, optimized = (module.eval() for module in modules)
    traced = torch.jit.trace(optimized, x, check_trace=False)
    torch.testing.assert_close(traced(x), plain(x))


def test_autocast_computes_as_the_plain_program_does() -> None:
    plain, optimized = pair(named("densenet121"))
    x = torch.randn(3, 3, 40, 40)
    with torch.autocast("cpu", torch.bfloat16):
        assert not is_fused(optimized, x)
        assert optimized(x).dtype == plain(x).dtype


def test_a_checkpoint_around_the_network(modules: tuple[nn.Module, nn.Module], x: Tensor) -> None:
    from torch.utils.checkpoint import checkpoint

    results = []
    for module in modules:
        inputs = x.clone().requires_grad_()
        checkpoint(module, inputs, use_reentrant=False).square().mean().backward()
        results.append(inputs.grad)
    torch.testing.assert_close(results[1], results[0], rtol=1e-6, atol=1e-9)


def test_one_value_for_each_channel_is_rejected_as_by_pytorch() -> None:
    _, optimized = pair(named("densenet_cifar", depth=10))
    with pytest.raises(ValueError, match="Expected more than 1 value per channel"):
        optimized(torch.randn(1, 3, 4, 4))


def test_evaluation_and_no_grad_are_not_fused(
    modules: tuple[nn.Module, nn.Module], x: Tensor
) -> None:
    assert not is_fused(modules[1].eval(), x)
    with torch.no_grad():
        assert modules[1].train()(x).grad_fn is None
