"""The law of `check --weights`: an error is reported exactly where torch rejects the file."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
import torch
from random_files import (
    WEIGHTS,
    errors_of,
    random_safetensors,
    random_saved,
    rejection_of,
)
from safetensors.torch import save_file
from sampling import some

from netspec.check import check
from netspec.weights import WeightsError, read_checkpoint
from netspec.weights.inert_pickle import OPCODES_OF_TORCH
from netspec.weights.saved_tensors import ALLOWED, BYTES_BY_DTYPE, STORAGE_DTYPES
from netspec.weights.type_mismatch import UNCOPIED

pytestmark = pytest.mark.filterwarnings("ignore")


def disagreements(
    folder: Path, name: str, make: Callable[[Random], bytes], seeds: range
) -> tuple[list[str], int]:
    """Where netspec and torch disagree on random files, and how many of these load."""
    failures, loaded = [], 0
    path = folder / name
    for seed in seeds:
        path.write_bytes(make(Random(seed)))
        errors, part = errors_of(str(path))
        rejection = rejection_of(str(path), part)
        loaded += not rejection
        if bool(errors) != bool(rejection):
            failures.append(f"{seed}: {errors or 'ok'} where torch: {rejection or 'loads'}")
    return failures, loaded


@pytest.mark.parametrize("batch", some(range(4), 2))
def test_safetensors_files(tmp_path, batch: int) -> None:
    seeds = range(batch * 300, (batch + 1) * 300)
    failures, loaded = disagreements(tmp_path, "w.safetensors", random_safetensors, seeds)
    assert failures == []
    assert 30 < loaded < 270


@pytest.mark.parametrize("batch", some(range(4), 2))
def test_files_of_torch_save(tmp_path, batch: int) -> None:
    seeds = range(batch * 300, (batch + 1) * 300)
    failures, loaded = disagreements(tmp_path, "w.pt", random_saved, seeds)
    assert failures == []
    assert 30 < loaded < 270


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("name", "make"), [("w.safetensors", random_safetensors), ("w.pt", random_saved)]
)
def test_many_more_files(tmp_path, name: str, make: Callable[[Random], bytes]) -> None:
    assert disagreements(tmp_path, name, make, range(10_000, 20_000))[0] == []


ALL_TYPES = sorted({d for d in vars(torch).values() if isinstance(d, torch.dtype)}, key=str)


@pytest.mark.parametrize(("name", "least"), [("w.pt", 26), ("w.safetensors", 20)])
def test_every_element_type_that_can_be_saved(tmp_path, name: str, least: int) -> None:
    path = str(tmp_path / name)
    tried = 0
    for dtype in ALL_TYPES:
        weights = {**WEIGHTS, "head.weight": torch.empty(10, 4, dtype=dtype)}
        try:
            torch.save(weights, path) if name == "w.pt" else save_file(weights, path)
        except Exception:  # no file can have this type
            continue
        errors, part = errors_of(path)
        rejection = rejection_of(path, part)
        assert bool(errors) == bool(rejection), (dtype, errors, rejection)
        if str(dtype).removeprefix("torch.") in UNCOPIED:
            assert "`head.weight` is float32 in the network and" in errors[0]
        tried += 1
    assert tried >= least


def test_lists_of_what_torch_reads_are_those_of_torch() -> None:
    from torch import _weights_only_unpickler as of_torch

    assert of_torch._get_allowed_globals().keys() == ALLOWED
    source = Path(of_torch.__file__).read_text()
    reader = source[source.index("class Unpickler") :]
    assert {
        getattr(pickle, name) for name in re.findall(r"\b([A-Z0-9_]+)\[0\]", reader)
    } == OPCODES_OF_TORCH
    for kind, dtype in STORAGE_DTYPES.items():
        if kind != "Untyped" and not kind.startswith("Q"):
            assert (
                torch.empty(0, dtype=getattr(torch, dtype)).element_size() == BYTES_BY_DTYPE[dtype]
            )
            assert str(getattr(torch, f"{kind}Storage").dtype) == f"torch.{dtype}"


# ---- what is in the table of faults --------------------------------------------------------------------


def test_a_header_whose_length_begins_like_a_pickle(tmp_path) -> None:
    path = tmp_path / "w.safetensors"
    for size in range(
        300
    ):  # the library pads headers to 8 bytes: a length in 32 has the low byte 0x80
        save_file(WEIGHTS, path, metadata={"note": "x" * size})
        if path.read_bytes()[0] == 0x80:
            break
    assert path.read_bytes()[0] == 0x80
    assert errors_of(str(path)) == ([], "")
    other = path.rename(tmp_path / "w.bin")
    assert errors_of(str(other)) == ([], "")


@pytest.mark.parametrize("ending", ["safetensors", "bin"])
def test_shards_with_an_index(tmp_path, ending: str) -> None:
    keys = list(WEIGHTS)
    places = {}
    for number, half in enumerate((keys[:4], keys[4:]), 1):
        name = f"part-{number}.{ending}"
        part = {key: WEIGHTS[key] for key in half}
        if ending == "bin":
            torch.save(part, tmp_path / name)
        else:
            save_file(part, tmp_path / name)
        places |= dict.fromkeys(half, name)
    index = tmp_path / f"model.{ending}.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": places}))
    assert errors_of(str(index)) == ([], "")
    (tmp_path / f"part-2.{ending}").write_bytes((tmp_path / f"part-1.{ending}").read_bytes())
    [error] = errors_of(str(index))[0]
    assert f"in `part-2.{ending}`, but it is not there" in error


def test_a_file_whose_sums_torch_did_not_write(tmp_path) -> None:
    path = str(tmp_path / "w.pt")
    torch.serialization.set_crc32_options(False)
    try:
        torch.save(WEIGHTS, path)
    finally:
        torch.serialization.set_crc32_options(True)
    assert (errors_of(path), rejection_of(path, "")) == (([], ""), "")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", ["script", "trace", "export"])
def test_a_program_is_rejected_and_says_how_its_weights_are_saved_alone(
    tmp_path, kind: str
) -> None:
    path, module, example = str(tmp_path / "p.pt"), torch.nn.Linear(2, 3), torch.zeros(1, 2)
    if kind == "export":
        path += "2"
        torch.export.save(torch.export.export(module, (example,)), path)
    else:
        made = torch.jit.script(module) if kind == "script" else torch.jit.trace(module, example)
        torch.jit.save(made, path)
    program = "`torch.export.save`" if kind == "export" else "`torch.jit.save`"
    with pytest.raises(WeightsError) as caught:
        read_checkpoint(path)
    assert f"program from {program}, not weights alone" in caught.value.message
    assert rejection_of(path, "")
    [diagnostic] = check(path).diagnostics
    assert diagnostic.code == "NS004"
    assert f"program from {program}, not a spec" in diagnostic.message
    for help_ in (caught.value.help, diagnostic.helps[0].text):
        advice = re.search(r"`(torch.save\(.*\))`", help_)
        assert advice is not None
        alone = str(tmp_path / "weights.pt")
        exec(
            advice[1].replace("'weights.pt'", "alone"),
            {"torch": torch, "path": path, "alone": alone},
        )
        assert list(read_checkpoint(alone).weights) == list(module.state_dict())
        module.load_state_dict(torch.load(alone, weights_only=True))
