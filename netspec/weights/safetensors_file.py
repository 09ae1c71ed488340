"""The header of a safetensors file: its length, then JSON that says what lies where.

Source: https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import json
import os
from typing import Any

from netspec.weights.checkpoint import Checkpoint, Weight, WeightsError

_MOST_HEADER = 100 * 1000 * 1000
"""What the format allows."""
_TYPES = {
    "BOOL": ("bool", 8), "U8": ("uint8", 8), "I8": ("int8", 8), "I16": ("int16", 16), "U16": ("uint16", 16),
    "F16": ("float16", 16), "BF16": ("bfloat16", 16), "I32": ("int32", 32), "U32": ("uint32", 32),
    "F32": ("float32", 32), "F64": ("float64", 64), "I64": ("int64", 64), "U64": ("uint64", 64),
    "C64": ("complex64", 64), "F8_E4M3": ("float8_e4m3fn", 8), "F8_E5M2": ("float8_e5m2", 8),
}  # fmt: skip


def read_safetensors(path: str) -> dict[str, Weight]:
    """The tensors that the header lists; that they fill the file is checked as well."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(_MOST_HEADER, size - 8):
            raise WeightsError(
                f"`{path}` is cut off: its header alone should have {length:,} bytes"
            )
        data = file.read(length)
    try:
        header = json.loads(data)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise WeightsError(f"the header of `{path}` is damaged")
    found = {}
    end = 0
    for name, entry in header.items():
        if name != "__metadata__":
            found[name], last = _weight(path, name, entry)
            end = max(end, last)
    if 8 + length + end > size:
        raise WeightsError(f"`{path}` is cut off: it has {size:,} of {8 + length + end:,} bytes")
    return found


def _weight(path: str, name: str, entry: Any) -> tuple[Weight, int]:
    """A tensor, and the offset where it ends."""
    try:
        dtype, bits = _TYPES[entry["dtype"]]
        shape = tuple(entry["shape"])
        begin, end = entry["data_offsets"]
        count = 1
        for axis in (*shape, begin, end):
            if type(axis) is not int or not 0 <= axis < 2**63:
                raise ValueError
        for axis in shape:
            count *= axis
        if end - begin != count * bits // 8:
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise WeightsError(f"the header of `{path}` is damaged at `{name}`") from None
    return Weight(shape, dtype), end


def read_index(path: str) -> Checkpoint:
    """The tensors of several files, as an index lists them."""
    try:
        with open(path, encoding="utf-8") as file:
            index = json.load(file)["weight_map"]
        names = dict(index)
        files = sorted({str(name) for name in names.values()})
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise WeightsError(f"`{path}` is no index of safetensors files") from None
    folder = os.path.dirname(path)
    parts = {}
    for name in files:
        if os.path.basename(name) != name or not os.path.isfile(os.path.join(folder, name)):
            raise WeightsError(f"`{path}` names `{name}`, and there is no such file beside it")
        parts[name] = read_safetensors(os.path.join(folder, name))
    missing = next((key for key, name in names.items() if key not in parts[name]), None)
    if missing is not None:
        raise WeightsError(
            f"`{path}` says that `{missing}` is in `{names[missing]}`, and it is not"
        )
    return Checkpoint(path, {key: parts[name][key] for key, name in names.items()})
