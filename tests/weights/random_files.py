"""Random files of weights, valid and damaged, and what torch and safetensors make of each."""

from __future__ import annotations

import collections
import io
import json
import struct
import warnings
import zipfile
from collections.abc import Mapping
from random import Random
from typing import Any

import torch
from safetensors.torch import load_file, save

import netspec
from netspec.diagnostics import Source, Span
from netspec.weights import WeightsError, read_checkpoint
from netspec.weights.agreement import agreement

NET = """netspec: 1
name: small
inputs: {image: [N, 3, 8, 8]}
body:
  - conv: {op: Conv2d, out_channels: 4, kernel_size: 3}
  - norm: BatchNorm2d
  - pool: {op: AdaptiveAvgPool2d, output_size: 1}
  - flat: Flatten
  - head: {op: Linear, out_features: 10}
"""
NETWORK = netspec.load(NET)
GRAPH = NETWORK.elaborate()
MODULE = NETWORK.compile()
WEIGHTS = {key: tensor.clone() for key, tensor in MODULE.state_dict().items()}
TYPES = (
    torch.float16, torch.bfloat16, torch.float64, torch.complex64, torch.int8, torch.uint16, torch.uint32, torch.bool,
    torch.float8_e5m2, torch.float8_e4m3fn, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu,
)  # fmt: skip


def errors_of(path: str) -> tuple[list[str], str]:
    """The errors that netspec reports for a file, and the part of it that holds the weights."""
    try:
        file = read_checkpoint(path)
    except WeightsError as error:
        return [error.message], ""
    start = Span(Source(NET, "net.yaml"), 0, 0)
    diagnostics = agreement(GRAPH, file, {}, start)
    return [d.message for d in diagnostics if d.severity == "error"], file.part


def rejection_of(path: str, part: str) -> str:
    """Why torch does not load a file into the module; empty where it does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if path.endswith(".safetensors"):
                weights: Mapping[str, Any] = load_file(path)
            else:
                weights = torch.load(path, map_location="cpu", weights_only=True)
            MODULE.load_state_dict(weights[part] if part else weights, strict=True)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return ""


def random_weights(r: Random) -> dict[str, torch.Tensor]:
    """The weights of the network with something done to a few of them."""
    changed = dict(WEIGHTS)
    for _ in range(r.choice([0, 0, 0, 1, 2])):
        key = r.choice(list(changed))
        tensor = changed.pop(key)
        match r.randrange(8):
            case 0:
                continue
            case 1:
                changed[key + r.choice(["s", ".x", "1"])] = tensor
            case 2:
                changed[key] = tensor.unsqueeze(0)
            case 3:
                changed[key] = tensor.flatten()
            case 4 if tensor.dtype != torch.float4_e2m1fn_x2:
                changed[key] = tensor.to(r.choice(TYPES))
            case 5 if tensor.dtype != torch.float4_e2m1fn_x2:
                changed[key] = torch.cat([tensor, tensor]) if tensor.dim() else tensor.reshape(1)
            case 6:
                changed[key], changed[f"module.{key}"] = tensor, tensor.clone()
            case 7 if tensor.dim():
                packed = torch.zeros(tensor.shape, dtype=torch.uint8)
                changed[key] = packed.view(torch.float4_e2m1fn_x2)
            case _:
                changed[key] = tensor
    return {key: tensor.contiguous() for key, tensor in changed.items()}


# ---- safetensors -------------------------------------------------------------------------------------


def packed(header: dict[str, Any], data: bytes, padding: bytes = b"") -> bytes:
    """A safetensors file with this header."""
    text = json.dumps(header).encode() + padding
    return struct.pack("<Q", len(text)) + text + data


def random_safetensors(r: Random) -> bytes:
    """A safetensors file, often damaged: gaps, overlaps, other sizes and types, flipped bits."""
    content = bytearray(save(random_weights(r), metadata=r.choice([None, {"format": "pt"}])))
    length = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + length]), bytes(content[8 + length :])
    keys = [key for key in header if key != "__metadata__"]
    entry = header[r.choice(keys)]
    begin, end = entry["data_offsets"]
    match r.randrange(14):
        case 0:
            return bytes(content) + bytes(r.choice([1, 4, 100]))
        case 1:
            return bytes(content[: -r.choice([1, 4, 40])])
        case 2:
            return packed(header, data, b" " * r.choice([0, 1, 7, -length % 256 ^ 0x80]))
        case 3:
            gap = r.choice([1, 4, 8])
            for key in keys:
                place = header[key]["data_offsets"]
                if place[0] >= begin:
                    header[key]["data_offsets"] = [place[0] + gap, place[1] + gap]
            return packed(header, data[:begin] + bytes(gap) + data[begin:])
        case 4:
            shift = r.choice([-8, -4, 4])
            entry["data_offsets"] = [max(0, begin + shift), max(0, end + shift)]
            return packed(header, data)
        case 5:
            shape = entry["shape"]
            entry["shape"] = r.choice([
                [], [1, *shape], shape[::-1], [*shape, 1], [0], [2**62, 0], [-1], [1.0], [2**64], "ab",
            ])  # fmt: skip
            return packed(header, data)
        case 6:
            types = ["F32", "I32", "U32", "F16", "F8_E8M0", "F4", "C64", "F6_E2M3", "X", None]
            entry["dtype"] = r.choice(types)
            return packed(header, data)
        case 7:
            content[r.randrange(8 + length)] = r.randrange(256)
        case 8:
            content[r.randrange(8 + length)] ^= 1 << r.randrange(8)
        case 9:
            del content[r.randrange(8, 8 + length)]
            content[:8] = struct.pack("<Q", length - 1)
        case 10:
            a, b = r.choice(keys), r.choice(keys)
            header[a], header[b] = header[b], header[a]
            return packed(header, data)
    return bytes(content)


# ---- torch.save ----------------------------------------------------------------------------------------


def random_saved(r: Random) -> bytes:
    """What `torch.save` writes of weights and other things, in both formats, often damaged."""
    zipped = r.random() < 0.6
    buffer = io.BytesIO()
    torch.save(
        _random_object(r),
        buffer,
        pickle_protocol=r.choice([2, 2, 2, 2, 3, 4, 5]),
        _use_new_zipfile_serialization=zipped,
    )
    content = bytearray(buffer.getvalue())
    match r.randrange(8):
        case 0:
            return bytes(content[: -r.choice([1, 10, 22, 100, 1000])])
        case 1:
            return bytes(content) + b"x" * r.choice([1, 30, 1000])
        case 2 if zipped:
            return _other_records(content, r)
        case 3:
            begin = content.find(b"\x80") if zipped else 0
            end = content.find(b"PK\x07\x08") if zipped else min(len(content), 2500)
            content[r.randrange(begin, end)] ^= 1 << r.randrange(8)
    return bytes(content)


def _random_object(r: Random) -> Any:
    weights: dict[Any, Any] = random_weights(r)
    key = r.choice(list(weights))
    tensor = weights[key]
    if tensor.dtype == torch.float4_e2m1fn_x2:
        tensor = torch.zeros(tensor.shape)
    plain = torch.zeros(tensor.shape)
    match r.randrange(20):
        case 0:
            kind = r.choice([torch.qint8, torch.quint8, torch.qint32])
            weights[key] = torch.quantize_per_tensor(plain, 0.1, 0, kind)
        case 1 if tensor.dim():
            weights[key] = plain.to_sparse()
        case 2 if tensor.dim() == 2:
            weights[key] = plain.to_sparse_csr()
        case 3:
            weights[key] = tensor.to("meta")
        case 4:
            weights[key] = 3
        case 5:
            weights[r.choice([3, ("a",), b"x", None, 2.5])] = 1
        case 6:
            weights["epoch"] = 3
        case 7:
            return {r.choice(["state_dict", "model", "anything", "ema"]): weights, "epoch": 3}
        case 8:
            ordered = collections.OrderedDict(weights)
            ordered._metadata = {"": {"version": 1}}  # type: ignore[attr-defined]
            return ordered
        case 9:
            return collections.Counter(weights)
        case 10 if tensor.dtype == torch.float32:
            weights[key] = torch.nn.Parameter(tensor)
        case 11:
            marked = tensor.clone()
            marked.mark = 1  # type: ignore[attr-defined]
            weights[key] = marked
        case 12:
            one = torch.zeros((1,) * tensor.dim(), dtype=tensor.dtype)
            weights[key] = one.expand(tensor.shape)
        case 13:
            large = torch.zeros(10_000, dtype=tensor.dtype)
            weights[key] = large[7 : 7 + tensor.numel()].view(tensor.shape)
        case 14:
            others = [
                {1, 2}, 1j, b"ab", torch.Size([1]), torch.device("cpu"), torch.float32, range(3), 10**30,
                frozenset([1]), bytearray(b"x"), torch.sparse_coo, 1.5, "é",
            ]  # fmt: skip
            return {"state_dict": weights, "config": r.choice(others)}
        case 15:
            return {"model": MODULE}
    return weights


def _other_records(content: bytes, r: Random) -> bytes:
    """The archive with a record omitted, cut, made longer, renamed or changed; sometimes compressed."""
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        records = [(i.filename, archive.read(i)) for i in archive.infolist()]
    position = r.randrange(len(records))
    name, data = records.pop(position)
    match r.randrange(5):
        case 1:
            records.insert(position, (name, data[:-1]))
        case 2:
            records.insert(position, (name, data + b"\0"))
        case 3:
            records.insert(position, (f"{name}x", data))
        case 4:
            records.insert(position, (name, data))
    buffer = io.BytesIO()
    with zipfile.ZipFile(
        buffer, "w", r.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    ) as archive:
        for name, data in records:
            archive.writestr(name, data)
    return buffer.getvalue()
