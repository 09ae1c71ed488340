"""The header of a safetensors file: its length, then JSON with the position of each tensor.

Read as the library safetensors 0.8 reads it, which is stricter than JSON in some places (numbers, depth)
and more lenient in others (an entry may be a list). Source: https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from netspec.weights.checkpoint import StoredTensor, WeightsError, readable
from netspec.weights.header_json import (
    JsonObject,
    JsonTextError,
    accepted_anywhere,
    memory_of,
    parse_header,
    well_formed,
)
from netspec.weights.inert_pickle import CELL_BYTES, InertError, PickleBudget

_MOST_HEADER = 100 * 1000 * 1000
"""The limits of the format."""
_TYPES = {
    "BOOL": ("bool", 8), "U8": ("uint8", 8), "I8": ("int8", 8), "I16": ("int16", 16), "U16": ("uint16", 16),
    "F16": ("float16", 16), "BF16": ("bfloat16", 16), "I32": ("int32", 32), "U32": ("uint32", 32),
    "F32": ("float32", 32), "F64": ("float64", 64), "I64": ("int64", 64), "U64": ("uint64", 64),
    "C64": ("complex64", 64), "F8_E4M3": ("float8_e4m3fn", 8), "F8_E5M2": ("float8_e5m2", 8),
    "F8_E8M0": ("float8_e8m0fnu", 8), "F8_E4M3FNUZ": ("float8_e4m3fnuz", 8), "F8_E5M2FNUZ": ("float8_e5m2fnuz", 8),
    "F4": ("float4_e2m1fn_x2", 4),
}  # fmt: skip
_FIELDS = ("dtype", "shape", "data_offsets")


class _Entry(NamedTuple):
    """A tensor of the header, and its range of bytes after the header."""

    name: str
    weight: StoredTensor
    begin: int
    end: int


def read_safetensors(path: str, budget: PickleBudget) -> dict[str, StoredTensor]:
    """The tensors that the header lists, if they fill the file exactly. Raises `WeightsError`."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(_MOST_HEADER, size - 8):
            raise WeightsError(
                f"`{path}` is truncated: its header alone should have {length:,} bytes"
            )
        data = file.read(length)
    entries = _entries(path, _header(path, data, budget))
    _fill(path, entries, size - 8 - length, size)
    return {entry.name: entry.weight for entry in entries}


def _header(path: str, data: bytes, budget: PickleBudget) -> JsonObject:
    try:
        header = parse_header(data)
        budget.charge(memory_of(data) // CELL_BYTES)
    except InertError:
        raise WeightsError(f"the files up to `{path}` require too much memory to read") from None
    except JsonTextError as error:
        raise WeightsError(f"the header of `{path}` is damaged: {error}") from None
    if not isinstance(header, JsonObject):
        raise WeightsError(f"the header of `{path}` is damaged: it is not a JSON object")
    return header


def _entries(path: str, header: JsonObject) -> list[_Entry]:
    """Every tensor once: of two with the same name, the last."""
    metadata = [value for name, value in header if name == "__metadata__"]
    if len(metadata) > 1 or not all(_is_metadata(value) for value in metadata):
        raise WeightsError(f"the header of `{path}` is damaged at `__metadata__`")
    entries = {}
    for name, value in header:
        if name != "__metadata__":
            entry = _entry(name, value)
            if entry is None:
                raise WeightsError(f"the header of `{path}` is damaged at `{readable(name)}`")
            entries[name] = entry
    return list(entries.values())


def _is_metadata(value: Any) -> bool:
    """Whether it is null, or texts by name."""
    if value is None:
        return True
    return isinstance(value, JsonObject) and all(
        isinstance(text, str) and well_formed(name) and well_formed(text) for name, text in value
    )


def _entry(name: str, value: Any) -> _Entry | None:
    fields = _fields(value) if well_formed(name) else None
    if fields is None:
        return None
    dtype, shape, offsets = fields
    if isinstance(dtype, JsonObject) and len(dtype) == 1 and dtype[0][1] is None:
        dtype = dtype[0][0]
    if not isinstance(dtype, str) or dtype not in _TYPES:
        return None
    if not _are_sizes(shape) or not _are_sizes(offsets) or len(offsets) != 2:
        return None
    spelled, bits = _TYPES[dtype]
    count = _product((*shape, bits))
    begin, end = offsets
    if count is None or count % 8 or end - begin != count // 8 or max(shape, default=0) >= 2**63:
        return None
    if bits < 8:  # torch has two of them in one element
        if shape[-1] % 2:
            return None
        shape = [*shape[:-1], shape[-1] // 2]
    return _Entry(name, StoredTensor(tuple(shape), spelled), begin, end)


def _fields(value: Any) -> tuple[Any, Any, Any] | None:
    """Type, shape and place of an entry: an object with these keys, or a list in this order."""
    if not isinstance(value, JsonObject):
        return tuple(value) if isinstance(value, list) and len(value) == len(_FIELDS) else None
    known = [(key, field) for key, field in value if key in _FIELDS]
    others = [field for key, field in value if key not in _FIELDS]
    named = dict(known)
    if len(known) != len(_FIELDS) or len(named) != len(_FIELDS):
        return None
    if not all(accepted_anywhere(field, depth=3) for field in others):
        return None
    return named["dtype"], named["shape"], named["data_offsets"]


def _are_sizes(value: Any) -> bool:
    return (
        isinstance(value, list)
        and not isinstance(value, JsonObject)
        and all(type(size) is int and 0 <= size < 2**64 for size in value)
    )


def _product(factors: tuple[int, ...]) -> int | None:
    """Their product in 64 bits, from the left; None for an overflow."""
    product = 1
    for factor in factors:
        product *= factor
        if product >= 2**64:
            return None
    return product


def _fill(path: str, entries: list[_Entry], space: int, size: int) -> None:
    """Reject tensors that leave gaps, share bytes, or do not end at the end of the file."""
    offset, before = 0, ""
    for entry in sorted(entries, key=lambda e: (e.begin, e.end)):
        if entry.begin < offset:
            raise WeightsError(
                f"in `{path}`, `{readable(before)}` and `{readable(entry.name)}` share bytes"
            )
        if entry.begin > offset:
            gap = f"{entry.begin - offset:,} bytes before `{readable(entry.name)}`"
            raise WeightsError(f"in `{path}`, {gap} belong to no tensor")
        offset, before = entry.end, entry.name
    if offset > space:
        raise WeightsError(
            f"`{path}` is truncated: it has {size:,} of {size - space + offset:,} bytes"
        )
    if offset < space:
        raise WeightsError(f"`{path}` has {space - offset:,} bytes after its last tensor")
