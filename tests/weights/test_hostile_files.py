"""Files made to cost time or memory: each is one message, and its work is bounded whatever its size says.

All are harmless: they hold plain data, and nothing in them is run.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from work import calls

import netspec
from netspec.diagnostics import Source, Span
from netspec.weights import Checkpoint, WeightsError, read_checkpoint
from netspec.weights.agreement import agreement
from netspec.weights.checkpoint import StoredTensor
from netspec.weights.inert_pickle import InertError, PickleBudget
from netspec.weights.torch_file import MOST_PICKLE

START = b"\x80\x02"
ROW = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + b"\x80\x02M\xe9\x03." + b"\x80\x02N."
LARGE = MOST_PICKLE - 100
MODULES = b"X\x08\0\0\0_modulesq\x03"
"""The key of a module's modules, remembered as 3."""
TENSOR = (
    b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n"
    b"X\x01\0\0\x000X\x03\0\0\0cpuK\x06tQK\0"
)


def archive(path: Path, pickled: bytes, data: bytes = b"") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a/data.pkl", pickled)
        file.writestr("a/version", "3\n")
        file.writestr("a/data/0", data)
    return path


def tensor_of(axis: bytes) -> bytes:
    """A `state_dict` of one tensor with this axis."""
    return START + b"}X\x01\0\0\0w" + TENSOR + axis + b"\x85K\0\x85\x89NtRs."


def shared_modules(levels: int) -> bytes:
    """A module that holds the one before it twice, and so on: few bytes, 2^levels names."""
    new = b"h\x01)\x81}h\x03}(X\x01\0\0\0ah\x02X\x01\0\0\0bh\x02usbq\x02"
    return START + b"cx\nM\nq\x01)\x81q\x02}" + MODULES + b"}sb" + new * levels + b"."


@pytest.mark.parametrize(
    ("axis", "why"),
    [
        (b"\x8a\xff" + b"\x7f" * 255, "a tensor in it has an impossible shape"),
        (b"\x8b" + struct.pack("<I", 2000) + b"\x7f" * 2000, "it is damaged"),
        (b"\x8a\x09" + b"\xff" * 8 + b"\0", "a tensor in it has an impossible shape"),
        (b"J\xff\xff\xff\xff", "a tensor in it has an impossible shape"),
        (b"L" + b"9" * 5000 + b"L\n", "it is damaged"),
    ],
    ids=["614 digits", "4800 digits", "over 64 bits", "negative", "5000 digits as text"],
)
def test_an_axis_that_is_no_size(tmp_path, axis: bytes, why: str) -> None:
    with pytest.raises(WeightsError, match=why):
        read_checkpoint(str(archive(tmp_path / "w.pt", tensor_of(axis), bytes(24))))


def test_a_long_axis_of_one_element_is_read_as_torch_reads_it(tmp_path) -> None:
    path = archive(tmp_path / "w.pt", tensor_of(b"\x8a\x08" + b"\xff" * 7 + b"\x7f"), bytes(24))
    assert read_checkpoint(str(path)).weights["w"].shape == (2**63 - 1,)
    assert torch.load(path, weights_only=True)["w"].shape == (2**63 - 1,)


def test_a_module_that_holds_itself_is_damage(tmp_path) -> None:
    data = START + b"cx\nM\nq\x01)\x81q\x02}" + MODULES + b"}(X\x01\0\0\0ah\x02usb."
    with pytest.raises(
        WeightsError, match="its modules are nested too deep, or contain themselves"
    ):
        read_checkpoint(str(archive(tmp_path / "w.pt", data)))


def test_a_dict_that_holds_itself_holds_no_weights(tmp_path) -> None:
    data = START + b"}q\0X\x0a\0\0\0state_dicth\0s."
    with pytest.raises(WeightsError, match="contains no named tensors"):
        read_checkpoint(str(archive(tmp_path / "w.pt", data)))


SET = b"c__builtin__\nset\nq\x01]q\0(" + b"N" * 200_000 + b"e"
TOO_MUCH: dict[str, Callable[[], bytes]] = {
    "dicts": lambda: START + b"}" * LARGE,
    "lists": lambda: START + b"]" * LARGE,
    "marks": lambda: START + b"(" * LARGE,
    "nothing": lambda: START + b"N" * LARGE,
    "nested tuples": lambda: START + b"N" + b"\x85" * LARGE,
    "remembered": lambda: START + b"N" + b"".join(b"r" + struct.pack("<I", k) for k in range(3_000_000)),
    "small dicts": lambda: START + b"X\x01\0\0\0aq\0" + b"}h\0Ns" * 3_000_000,
    "wide texts": lambda: START + (b"X\x04\0\0\0" + "\U0001f600".encode()) * 1_800_000,
    "copies of a list": lambda: START + SET + b"h\x01h\0\x85R0" * 1_000_000,
    "shared modules": lambda: shared_modules(190),
    "numbers of one hash": lambda: START + b"}" + b"".join(
        b"\x8a\x10" + ((2**61 - 1) * k).to_bytes(16, "little") + b"Ns" for k in range(400_000)
    ),
}  # fmt: skip
MEASURE = """
import resource, sys, time
from netspec.weights import WeightsError, read_checkpoint
from netspec.weights import torch_file, safetensors_file, shard_index
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
try:
    read_checkpoint(sys.argv[1])
except WeightsError as error:
    print(error.message)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
print(time.process_time() - start)
"""


def measured(path: Path) -> tuple[str, int, float]:
    """What reading a file says, and its megabytes and seconds, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    message, memory, seconds = done.stdout.splitlines()
    return message, int(memory), float(seconds)


@pytest.mark.parametrize("name", TOO_MUCH)
def test_work_and_memory_are_bounded(tmp_path, name: str) -> None:
    message, memory, seconds = measured(archive(tmp_path / "w.pt", TOO_MUCH[name]()))
    assert message.endswith("it requires too much time or memory to read")
    assert memory < 200
    assert seconds < 4  # of the processor; about 1.5 where nothing else runs


def test_the_format_from_before_torch_1_6_is_bounded_as_well(tmp_path) -> None:
    path = tmp_path / "w.pt"
    path.write_bytes(ROW + b"}" * 40_000_000)
    message, memory, seconds = measured(path)
    assert message.endswith("it requires too much time or memory to read")
    assert (memory < 200, seconds < 4) == (True, True)


def test_a_record_that_unpacks_to_much_is_not_unpacked(tmp_path) -> None:
    path = archive(tmp_path / "w.pt", bytes(MOST_PICKLE + 1))
    with pytest.raises(WeightsError, match="a record has more than"):
        read_checkpoint(str(path))


def test_names_of_structures_are_no_names(tmp_path) -> None:
    doubled = START + b"]q\0" + b"(h\0h\0tq\0" * 60 + b"h\0\x93."
    with pytest.raises(WeightsError, match="it is damaged"):
        read_checkpoint(str(archive(tmp_path / "w.pt", doubled)))


def safetensors(path: Path, header: bytes) -> Path:
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    return path


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (lambda: b'{"a":' + b"[" * 30_000_000, "it requires too much memory"),
        (lambda: b'{"a":[' + b"{}," * 10_000_000 + b"{}]}", "it requires too much memory"),
        (lambda: b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "it is nested too deep"),
        (lambda: b'{"a":{"dtype":"F32","shape":[' + b"9" * 5000 + b"]}}", "it is not JSON"),
        (lambda: b'{"' + b"a" * 90_000_000 + b'":0}', "it requires too much memory"),
        (lambda: b'{"a":NaN}', "it is not JSON"),
        (lambda: b'{"\xff":0}', "it is not UTF-8"),
    ],
    ids=["nested", "objects", "deep", "digits", "long name", "no number", "no text"],
)
def test_an_incorrect_or_nested_header(tmp_path, header: Callable[[], bytes], why: str) -> None:
    path = safetensors(tmp_path / "w.safetensors", header())
    message, memory, seconds = measured(path)
    assert why in message
    assert (memory < 200, seconds < 4) == (True, True)


def test_an_index_of_a_million_files(tmp_path) -> None:
    path = tmp_path / "model.safetensors.index.json"
    places = b",".join(b'"%d":"x"' % k for k in range(3_000_000))
    path.write_bytes(b'{"weight_map":{' + places + b"}}")
    message, memory, seconds = measured(path)
    assert message.endswith("is not an index of weights files")
    assert (memory < 200, seconds < 4) == (True, True)


def test_the_files_of_an_index_share_one_budget(tmp_path) -> None:
    """Each is small enough to be read alone."""
    header = {
        f"layer.{k}.weight": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
        for k in range(50_000)
    }
    saved = safetensors(tmp_path / "0.safetensors", json.dumps(header).encode())
    assert len(read_checkpoint(str(saved)).weights) == 50_000
    for k in range(1, 12):
        (tmp_path / f"{k}.safetensors").write_bytes(saved.read_bytes())
    index = tmp_path / "model.safetensors.index.json"
    places = {f"layer.{k}.weight": f"{k}.safetensors" for k in range(12)}
    index.write_text(json.dumps({"weight_map": places}))
    message, memory, seconds = measured(index)
    assert "require too much memory to read" in message
    assert (memory < 200, seconds < 4) == (True, True)


@pytest.mark.parametrize("make", [
    lambda k: ".".join("ab" * 100) + str(k), lambda k: f"layer{k}.conv.weight", lambda k: f"a.{k}." + "b" * 500,
], ids=["deep", "many", "long"])  # fmt: skip
def test_names_that_agree_with_nothing_take_little_work(make: Callable[[int], str]) -> None:
    network = netspec.load(
        "netspec: 1\ninputs: {v: [N, 8]}\nbody:\n  - a: {op: Linear, out_features: 4}\n"
    )
    start = Span(Source("", "net.yaml"), 0, 0)

    def work(count: int) -> int:
        held = {make(k): StoredTensor((0,), "float32") for k in range(count)}
        return calls(lambda: agreement(network.elaborate(), Checkpoint("w.pt", held), {}, start))

    work(10)
    assert work(5_000) < 5_000 * (100 + 2 * len(make(0)))


def test_a_budget_is_spent_once() -> None:
    budget = PickleBudget(10)
    budget.charge(10)
    with pytest.raises(InertError, match="too much time or memory"):
        budget.charge(1)


@pytest.mark.parametrize("name", ["a\nb", "a\ud800", "\x1b[31m", "a" * 10_000, "::error::x"])
def test_names_are_printed_on_one_line(tmp_path, name: str) -> None:
    from netspec.weights.checkpoint import readable

    shown = readable(name)
    assert shown.isprintable()
    assert len(shown) <= 200
    shown.encode()
