"""A compiled module is copied, pickled, saved and loaded as any other."""

from __future__ import annotations

import copy
import pathlib
import pickle
import weakref

import pytest
import torch
from small_networks import (
    EVERY_NETWORK,
    INPUTS,
    Make,
    assert_equal,
    dense,
    image_for,
    lenet,
    mixed,
    results,
    run_python,
)


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


def test_saved_modules_load_in_another_process(tmp_path: pathlib.Path) -> None:
    modules = {make.__name__: make().eval() for make in INPUTS}
    torch.save(modules, tmp_path / "modules.pt")
    torch.save({make.__name__: image_for(make) for make in INPUTS}, tmp_path / "images.pt")
    program = """
import sys, torch
torch.set_num_threads(1)
modules = torch.load(sys.argv[1] + "/modules.pt", weights_only=False)
images = torch.load(sys.argv[1] + "/images.pt")
torch.save({name: module(images[name]) for name, module in modules.items()}, sys.argv[1] + "/results.pt")
print([type(module).__name__ for module in modules.values()])
"""
    printed = run_python(program, tmp_path)
    assert printed == "['DenseNet121', 'UNet', 'LeNet', 'Mixed', 'TinyViT']\n"
    computed = torch.load(tmp_path / "results.pt")
    for make in INPUTS:
        result = computed[make.__name__]
        outputs = list(result.values()) if isinstance(result, dict) else [result]
        for its, mine in zip(
            outputs, results(modules[make.__name__], image_for(make)), strict=True
        ):
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


def test_weights_load_by_name_and_missing_ones_are_reported() -> None:
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


def test_an_unreferenced_module_is_freed() -> None:
    module = lenet()
    weight = weakref.ref(next(module.parameters()))
    del module
    assert weight() is None
