"""Files of weights read from their headers: the same as torch and safetensors say, and nothing is run."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn

from netspec.weights import WeightsError, read_checkpoint

TYPES = (
    torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint8, torch.bool,
)  # fmt: skip
SHAPES: tuple[tuple[int, ...], ...] = ((), (0,), (1,), (3,), (2, 3), (4, 1, 3, 3))


def tensors() -> dict[str, torch.Tensor]:
    return {
        f"a.{k}.{len(s)}.{s and s[0]}": torch.zeros(s, dtype=t)
        for k, t in enumerate(TYPES)
        for s in SHAPES
    }


def facts(weights: dict[str, Any]) -> dict[str, tuple[tuple[int, ...], str]]:
    return {k: (tuple(v.shape), str(v.dtype).removeprefix("torch.")) for k, v in weights.items()}


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_what_torch_saves(tmp_path, zipped: bool, protocol: int) -> None:
    path = str(tmp_path / "w.pt")
    torch.save(tensors(), path, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
    assert facts(dict(read_checkpoint(path).weights)) == facts(tensors())


def test_what_safetensors_saves(tmp_path) -> None:
    path = str(tmp_path / "w.safetensors")
    save_file(tensors(), path, metadata={"format": "pt"})
    assert facts(dict(read_checkpoint(path).weights)) == facts(tensors())


def test_several_files_with_an_index(tmp_path) -> None:
    parts = {"one.safetensors": {"a": torch.zeros(2)}, "two.safetensors": {"b": torch.zeros(3, 1)}}
    for name, part in parts.items():
        save_file(part, tmp_path / name)
    index = tmp_path / "model.safetensors.index.json"
    names = {"b": "two.safetensors", "a": "one.safetensors"}
    index.write_text(json.dumps({"weight_map": names}))
    assert facts(dict(read_checkpoint(str(index)).weights)) == {
        "b": ((3, 1), "float32"),
        "a": ((2,), "float32"),
    }
    for wrong, why in [
        ({"a": "three.safetensors"}, "but there is no such file next to it"),
        ({"a": "../one.safetensors"}, "which is not in its folder"),
        ({"a": str(tmp_path / "one.safetensors")}, "which is not in its folder"),
        ({"c": "one.safetensors"}, "lists `c` in `one.safetensors`, but it is not there"),
    ]:
        index.write_text(json.dumps({"weight_map": wrong}))
        with pytest.raises(WeightsError, match=why):
            read_checkpoint(str(index))
    (tmp_path / "shards").mkdir()
    save_file(parts["one.safetensors"], tmp_path / "shards/three.safetensors")
    index.write_text(json.dumps({"weight_map": {"a": "shards/three.safetensors"}}))
    assert facts(dict(read_checkpoint(str(index)).weights)) == {"a": ((2,), "float32")}
    index.write_text("[]")
    with pytest.raises(WeightsError, match="is not an index of weights files"):
        read_checkpoint(str(index))


def test_parameters_views_and_modules(tmp_path) -> None:
    path = str(tmp_path / "w.pt")
    big = torch.zeros(10, 10)
    torch.save({"w": nn.Parameter(torch.zeros(2)), "t": big.t()[:3], "same": big}, path)
    assert {k: w.shape for k, w in read_checkpoint(path).weights.items()} == {
        "w": (2,), "t": (3, 10), "same": (10, 10),
    }  # fmt: skip
    net = nn.Sequential(
        nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Sequential(nn.Linear(4, 2, bias=False))
    )
    net[1].register_buffer("scratch", torch.zeros(7), persistent=False)
    for zipped in (True, False):
        torch.save(net, path, _use_new_zipfile_serialization=zipped)
        assert facts(dict(read_checkpoint(path).weights)) == facts(net.state_dict())


@pytest.mark.parametrize("key", ["state_dict", "model", "model_state_dict", "ema", "anything"])
def test_a_checkpoint_that_holds_more(tmp_path, key: str) -> None:
    path = str(tmp_path / "w.pt")
    optimizer = {
        "state": {0: {"step": torch.zeros(1), "avg": torch.zeros(4)}},
        "param_groups": [{"lr": 0.1}],
    }
    torch.save({"epoch": 3, "optimizer": optimizer, key: {"w": torch.zeros(2)}}, path)
    checkpoint = read_checkpoint(path)
    assert (checkpoint.part, list(checkpoint.weights)) == (key, ["w"])


# ---- nothing is run ---------------------------------------------------------------------------------


class Evil:
    """What runs a command as it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, (f"touch {self.path}",))


@pytest.mark.parametrize("zipped", [True, False])
def test_nothing_in_a_file_is_run(tmp_path, zipped: bool) -> None:
    mark = tmp_path / "owned"
    path = str(tmp_path / "w.pt")
    torch.save(
        {"w": torch.zeros(2), "x": Evil(str(mark))}, path, _use_new_zipfile_serialization=zipped
    )
    assert list(read_checkpoint(path).weights) == ["w"]
    assert not mark.exists()
    torch.save(Evil(str(mark)), path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsError, match="contains no named tensors"):
        read_checkpoint(path)
    assert not mark.exists()


def archive(path: Path, data: bytes) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("archive/data.pkl", data)
    return str(path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x02",
        b"\x80\x02.",
        b"\x80\x02}q\x00X\x05\x00",
        b"\x80\x02(((((((((((.",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff.",
        b"\x80\x02h\x07.",
        b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00trueR.",
        b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"R" * 10,
        b"I99999999999999999999999999999999999999\n.",
    ],
)
def test_a_damaged_pickle_is_one_message(tmp_path, data: bytes) -> None:
    with pytest.raises(WeightsError):
        read_checkpoint(archive(tmp_path / "w.pt", data))


@given(st.integers(0, 10**9))
def test_a_file_that_was_damaged_anywhere_is_one_message_or_read(
    tmp_path_factory, seed: int
) -> None:
    from random import Random

    r = Random(seed)
    buffer = io.BytesIO()
    torch.save(
        {"a": torch.zeros(2, 3), "b": torch.zeros(4)},
        buffer,
        _use_new_zipfile_serialization=r.random() < 0.5,
    )
    data = bytearray(buffer.getvalue())
    for _ in range(r.randint(1, 6)):
        data[r.randrange(len(data))] = r.randrange(256)
    if r.random() < 0.3:
        data = data[: r.randrange(len(data))]
    path = tmp_path_factory.mktemp("damaged") / "w.pt"
    path.write_bytes(bytes(data))
    try:
        read_checkpoint(str(path))
    except WeightsError as error:
        assert str(path) in error.message


def test_a_bomb_of_references_takes_no_time(tmp_path) -> None:
    bomb: Any = {"w": 1}
    for _ in range(60):
        bomb = {"a": bomb, "b": bomb}
    with pytest.raises(WeightsError):
        read_checkpoint(archive(tmp_path / "w.pt", pickle.dumps(bomb, protocol=2)))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (
            struct.pack("<Q", 10**12) + b"{}",
            "is truncated: its header alone should have 1,000,000,000,000 bytes",
        ),
        (struct.pack("<Q", 3) + b"{a}", "the header of .* is damaged"),
        (struct.pack("<Q", 5) + b"[1,2]", "contains no weights that netspec can read"),
        (b"hello, this is a text", "contains no weights that netspec can read"),
        (b"", "contains no weights that netspec can read"),
    ],
)
def test_a_damaged_header_is_one_message(tmp_path, data: bytes, why: str) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(data)
    with pytest.raises(WeightsError, match=why):
        read_checkpoint(str(path))


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F33", "shape": [1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": "ab", "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1.5], "data_offsets": [0, 6]},
        {"dtype": "F32", "shape": [2**62, 2**62], "data_offsets": [0, 4]},
        {"dtype": [], "shape": [1], "data_offsets": [0, 4]},
        {"shape": [1], "data_offsets": [0, 4]},
        [],
    ],
)
def test_a_header_that_makes_no_sense(tmp_path, entry: Any) -> None:
    header = json.dumps({"w": entry}).encode()
    path = tmp_path / "w.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 8)
    with pytest.raises(WeightsError, match="is damaged at `w`"):
        read_checkpoint(str(path))


def test_a_file_that_is_cut_off(tmp_path) -> None:
    path = tmp_path / "w.safetensors"
    save_file({"w": torch.zeros(100)}, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(WeightsError, match="is truncated: it has"):
        read_checkpoint(str(path))


def test_what_is_no_file(tmp_path) -> None:
    with pytest.raises(WeightsError, match="there is no file"):
        read_checkpoint(str(tmp_path / "gone.pt"))
    with pytest.raises(WeightsError, match="is not a file"):
        read_checkpoint(str(tmp_path))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("readme.txt", "hello")
    with pytest.raises(WeightsError, match=r"it is an archive without a record `data.pkl`"):
        read_checkpoint(str(tmp_path / "a.zip"))
