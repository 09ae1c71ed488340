"""`check --weights` compared with what torch's `load_state_dict` does with a file."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import netspec
from netspec import SpecError
from netspec.compare.state_dict import state
from netspec.diagnostics import Diagnostic, Source, Span
from netspec.report.diagnostic import full
from netspec.weights import Checkpoint, read_checkpoint
from netspec.weights.agreement import agreement
from netspec.weights.checkpoint import StoredTensor
from netspec.weights.rename_search import find_rules
from netspec.weights.renaming import renamed_key

ROOT = Path(__file__).parents[2]
ALL = sorted((ROOT / "specs").rglob("*.yaml"))
NET = """netspec: 1
name: small
inputs: {image: [N, 3, 16, 16]}
blocks:
  Layer:
    params: {width: int}
    body:
      - conv: {op: Conv2d, out_channels: width, kernel_size: 3, padding: 1, bias: false}
      - norm: BatchNorm2d
      - relu: ReLU
body:
  - stem: {op: Layer, width: 8}
  - layers: {op: Layer, width: 8, repeat: 3}
  - pool: {op: AdaptiveAvgPool2d, output_size: 1}
  - flat: Flatten
  - head: {op: Linear, out_features: 10}
"""
SMALL = netspec.load(NET)


def diagnostics_of(
    weights: dict[str, torch.Tensor], rules: dict[str, str] | None = None
) -> list[Diagnostic]:
    """The diagnostics for weights that a file might contain."""
    held = {k: StoredTensor(tuple(v.shape), str(v.dtype)[6:]) for k, v in weights.items()}
    file_start = Span(Source(NET, "net.yaml"), 0, 0)
    return agreement(SMALL.elaborate(), Checkpoint("w.pt", held), rules or {}, file_start)


def fresh() -> dict[str, torch.Tensor]:
    return SMALL.compile().state_dict()


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_the_state_is_that_of_the_compiled_module(path: Path) -> None:
    network = netspec.load(path)
    with torch.device("meta"):
        expected_state = network.compile().state_dict()
    actual_state = {key: (t.shape, t.dtype) for key, (t, _) in state(network.elaborate()).items()}
    assert actual_state == {
        k: (tuple(v.shape), str(v.dtype)[6:]) for k, v in expected_state.items()
    }


# ---- the law: an error exactly where torch raises -----------------------------------------------


def mutated(weights: dict[str, torch.Tensor], r: Random) -> dict[str, torch.Tensor]:
    """The same weights with something done to a few of them."""
    changed: dict[str, Any] = dict(weights)
    for _ in range(r.randint(0, 3)):
        key = r.choice(list(changed))
        tensor = changed.pop(key)
        match r.randrange(7):
            case 0:
                continue
            case 1:
                changed[key + r.choice(["s", ".x", "1"])] = tensor
            case 2:
                changed[key] = tensor.unsqueeze(0)
            case 3:
                changed[key] = tensor.flatten()
            case 4:
                changed[key] = tensor.half() if tensor.is_floating_point() else tensor.int()
            case 5:
                changed[key] = torch.cat([tensor, tensor]) if tensor.dim() else tensor.reshape(1)
            case 6:
                changed[key] = tensor
                changed[f"module.{key}"] = tensor
    return changed


@pytest.mark.parametrize("seed", range(300))
def test_an_error_is_reported_exactly_where_torch_raises(seed: int) -> None:
    weights = mutated(fresh(), Random(seed))
    try:
        SMALL.compile().load_state_dict(weights, strict=True)
        loads = True
    except RuntimeError:
        loads = False
    errors = [d.message for d in diagnostics_of(weights) if d.severity == "error"]
    assert (not errors) == loads, errors


# ---- the messages ---------------------------------------------------------------------------------


def test_a_head_for_other_classes() -> None:
    weights = fresh() | {"head.weight": torch.zeros(1000, 8), "head.bias": torch.zeros(1000)}
    [diagnostic] = diagnostics_of(weights)
    assert (
        full(diagnostic)
        == """\
error[NS604]: `head.weight` is [10, 8] in the network and [1000, 8] in `w.pt`
  --> <text>:16:38
   |
16 |   - head: {op: Linear, out_features: 10}
   |                                      ^^ 10 here, 1000 in the file
   |
   = note: `head.bias`: [10] and [1000]"""
    )


def test_causes_and_not_what_follows_from_them() -> None:
    wide = netspec.load(NET.replace("stem: {op: Layer, width: 8}", "stem: {op: Layer, width: 4}"))
    [diagnostic] = diagnostics_of(wide.compile().state_dict())
    assert (
        diagnostic.message
        == "`stem.conv.weight` is [8, 3, 3, 3] in the network and [4, 3, 3, 3] in `w.pt`"
    )
    assert diagnostic.notes == ("5 weights of other steps follow from this",)


def test_weights_of_half_precision_are_a_warning() -> None:
    weights = {k: v.half() if v.is_floating_point() else v for k, v in fresh().items()}
    [diagnostic] = diagnostics_of(weights)
    assert diagnostic.severity == "warning"
    assert (
        diagnostic.message
        == "`stem.conv.weight` is float32 in the network and float16 in `w.pt`, and 21 more"
    )
    assert diagnostic.notes == ("torch converts it to float32 when it loads it",)


def test_what_is_missing_and_what_is_too_many() -> None:
    weights = {k: v for k, v in fresh().items() if not k.startswith("layers.1.")}
    weights["extra.a"] = weights["extra.b"] = torch.zeros(3)
    missing, unexpected = diagnostics_of(weights)
    assert missing.message == "6 weights of the network are not in `w.pt`"
    assert missing.notes[0] == "`layers.1.conv.weight`"
    assert unexpected.message == "2 weights of `w.pt` are not in the network"
    assert unexpected.notes == ("`extra.a`", "`extra.b`")
    [one] = diagnostics_of({k: v for k, v in fresh().items() if k != "head.bias"})
    assert one.message == "1 weight of the network is not in `w.pt`"


def test_a_counter_that_is_missing_is_no_matter_as_in_torch() -> None:
    weights = {k: v for k, v in fresh().items() if "num_batches_tracked" not in k}
    assert diagnostics_of(weights) == []


# ---- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "rules"),
    [
        (lambda key: f"module.{key}", {"module.": ""}),
        (lambda key: f"_orig_mod.{key}", {"_orig_mod.": ""}),
        (lambda key: f"model.backbone.{key}", {"model.backbone.": ""}),
        (lambda key: key.replace("conv", "c").replace("norm", "bn"), {"c": "conv", "bn": "norm"}),
        (lambda key: key.replace("layers", "blocks.layers"), None),
        (lambda key: re.sub(r"layers\.(\d)", r"layer\1", key), None),
    ],
)  # fmt: skip
def test_other_names_are_detected_and_the_offered_rule_fixes_them(old, rules) -> None:
    weights = {old(key): tensor for key, tensor in fresh().items()}
    assert len(weights) == len(fresh())
    [diagnostic] = diagnostics_of(weights)
    assert " of the network have different names in `w.pt`" in diagnostic.message
    [help_] = diagnostic.helps
    offered = dict(re.findall(r'"([^"]+)": "([^"]*)"', help_.text))
    assert diagnostics_of(weights, offered) == []
    assert rules is None or offered == rules


def offered_rules(diagnostic: Diagnostic) -> dict[str, str]:
    """The rules that a help offers."""
    return dict(re.findall(r'"([^"]+)": "([^"]*)"', diagnostic.helps[0].text))


def test_a_rule_that_would_also_hit_others_is_offered_with_what_is_around_it() -> None:
    weights = {k.replace("conv", "0").replace("norm", "1"): v for k, v in fresh().items()}
    [diagnostic] = diagnostics_of(weights)
    rules = offered_rules(diagnostic)
    assert not rules.keys() & {"0", "1"}
    assert diagnostics_of(weights, rules) == []


def test_another_shape_is_not_taken_for_another_name() -> None:
    weights = fresh()
    del weights["head.weight"]
    weights["head.kernel"] = torch.zeros(2, 2)
    assert all(not d.helps for d in diagnostics_of(weights))
    weights["head.kernel"] = torch.zeros(10, 8)
    [diagnostic] = diagnostics_of(weights)
    assert diagnostic.message == "1 weight of the network has a different name in `w.pt`"
    assert diagnostic.notes == ("`head.kernel` is `head.weight` in the network",)
    assert diagnostic.helps[0].text == (
        'if these are the same weights, add `rename: {"kernel": "weight"}` to the spec'
    )


def test_rules_apply_in_order_to_whole_parts_of_a_key() -> None:
    assert renamed_key("a.b.c", {"b": "x.y", "x": "z"}) == "a.z.y.c"
    assert renamed_key("ab.b", {"b": "c"}) == "ab.c"
    assert renamed_key("m.m.w", {"m.": ""}) == "m.w"
    assert renamed_key("m.m.w", {"m": ""}) == "w"
    assert renamed_key("h.3.w", {"h.*": "layers.*.inner"}) == "layers.3.inner.w"
    assert renamed_key("a", {}) == "a"
    assert find_rules({"a": (1,)}, {}) == {}


# ---- the command, and Python ----------------------------------------------------------------------


def test_the_command(run, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(NET)
    torch.save(fresh(), "good.pt")
    code, out, _ = run("check", "net.yaml", "--weights", "good.pt")
    assert (code, out.startswith("net.yaml: ok")) == (0, True)
    torch.save({f"module.{k}": v for k, v in fresh().items()}, "old.pt")
    code, out, _ = run("check", "net.yaml", "--weights", "old.pt")
    assert (code, out.splitlines()[0]) == (
        1, "error[NS602]: 26 weights of the network have different names in `old.pt`",
    )  # fmt: skip
    Path("net.yaml").write_text(NET + 'rename: {"module.": ""}\n')
    assert run("check", "net.yaml", "--weights", "old.pt")[0] == 0
    code, out, _ = run("check", "net.yaml", "--weights", "gone.pt")
    assert (code, out.splitlines()[0]) == (1, "error[NS601]: there is no file `gone.pt`")
    Path("other.yaml").write_text(NET)
    assert run("check", ".", "--weights", "old.pt") == (
        2, "", "netspec: `--weights` checks one network, but 2 files were passed\n"
        "  help: pass only the spec of these weights\n",
    )  # fmt: skip


def test_an_invalid_rule() -> None:
    [diagnostic] = netspec.load(NET + "rename: {a: [b]}\n").diagnostics
    assert diagnostic.message == "`rename: a` must be a name"


def test_weights_are_loaded_with_their_old_names(tmp_path) -> None:
    network = netspec.load(NET + 'rename: {"module.": ""}\n')
    trained = network.compile()
    with torch.no_grad():
        for parameter in trained.parameters():
            parameter.add_(1)
    old = {f"module.{k}": v for k, v in trained.state_dict().items()}
    torch.save({"epoch": 3, "state_dict": old}, tmp_path / "old.pt")
    save_file(old, tmp_path / "old.safetensors")
    for name in ("old.pt", "old.safetensors"):
        module = network.compile()
        network.load_weights(module, tmp_path / name)
        assert all(torch.equal(v, trained.state_dict()[k]) for k, v in module.state_dict().items())
    with pytest.raises(SpecError, match="have different names"):
        SMALL.load_weights(SMALL.compile(), tmp_path / "old.pt")
    with pytest.raises(SpecError, match="there is no file"):
        network.load_weights(network.compile(), tmp_path / "none.pt")


def test_a_module_that_was_saved_whole_is_read_and_not_run(tmp_path) -> None:
    network = netspec.load(NET)
    module = network.compile()
    torch.save(module, tmp_path / "whole.pt")
    checkpoint = read_checkpoint(str(tmp_path / "whole.pt"))
    assert {k: w.shape for k, w in checkpoint.weights.items()} == {
        k: tuple(v.shape) for k, v in module.state_dict().items()
    }
    with pytest.raises(SpecError, match=r"`weights_only=True` does not load .*: it names `netspec"):
        network.load_weights(copy.deepcopy(module), tmp_path / "whole.pt")
    assert isinstance(module, nn.Module)


@pytest.mark.parametrize("ending", ["bin", "safetensors"])
def test_shards_are_loaded_by_their_index_and_files_by_what_they_hold(
    tmp_path, ending: str
) -> None:
    module = SMALL.compile()
    weights, places = dict(module.state_dict()), {}
    for number, keys in enumerate((list(weights)[::2], list(weights)[1::2])):
        name = f"part-{number}.{ending}"
        part = {key: weights[key] for key in keys}
        (torch.save if ending == "bin" else save_file)(part, tmp_path / name)
        places |= dict.fromkeys(keys, name)
    index = tmp_path / f"model.{ending}.index.json"
    index.write_text(json.dumps({"weight_map": places}))
    other = tmp_path / ("w.safetensors" if ending == "bin" else "w.pt")
    (torch.save if ending == "bin" else save_file)(weights, tmp_path / "w")
    (tmp_path / "w").rename(other)
    for path in (index, other):
        loaded = SMALL.compile()
        SMALL.load_weights(loaded, path)
        assert all(torch.equal(v, weights[k]) for k, v in loaded.state_dict().items())
