"""The meanings of names and calls in a pickle of `torch.save`: storages, and tensors that view them.

`torch.load` with `weights_only=True` knows a fixed set of names; whatever else a pickle names, it rejects. Here
such a pickle is read on, and the first of these names is kept.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from netspec.weights.checkpoint import StoredTensor
from netspec.weights.inert_pickle import InertError, Made, OtherKey, PickleBudget, PickledName

_MOST_DIMENSIONS = 64
_NO_SIZE = 2**63
STORAGE_DTYPES = {
    "Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16", "Long": "int64",
    "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool", "ComplexFloat": "complex64",
    "ComplexDouble": "complex128", "Untyped": "uint8", "QInt8": "qint8", "QUInt8": "quint8", "QInt32": "qint32",
    "QUInt4x2": "quint4x2", "QUInt2x4": "quint2x4",
}  # fmt: skip
"""The element type of each class of storages."""
BYTES_BY_DTYPE = {
    "float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int64": 8, "int32": 4, "int16": 2, "int8": 1,
    "uint8": 1, "bool": 1, "complex32": 4, "complex64": 8, "complex128": 16, "uint16": 2, "uint32": 4, "uint64": 8,
    "float8_e4m3fn": 1, "float8_e4m3fnuz": 1, "float8_e5m2": 1, "float8_e5m2fnuz": 1, "float8_e8m0fnu": 1,
    "float4_e2m1fn_x2": 1, "bits8": 1, "bits16": 2, "bits1x8": 1, "bits2x4": 1, "bits4x2": 1, "qint8": 1,
    "quint8": 1, "qint32": 4, "quint4x2": 1, "quint2x4": 1,
}  # fmt: skip
_DTYPES = {*BYTES_BY_DTYPE, *(f"{sign}int{bits}" for sign in ("", "u") for bits in range(1, 8))}
_TENSOR_KINDS = ("BFloat16", "Byte", "Char", "Double", "Float", "Half", "Int", "Long", "Short")
ALLOWED = frozenset({
    "_codecs.encode", "builtins.bytearray", "builtins.complex", "builtins.set", "collections.Counter",
    "collections.OrderedDict", "torch.Size", "torch.Tensor", "torch.device", "torch.nn.parameter.Parameter",
    "torch.serialization._get_layout", "torch._tensor._rebuild_from_type_v2", "torch.storage.TypedStorage",
    "torch.storage.UntypedStorage",
    *(f"torch._utils._rebuild_{what}" for what in (
        "device_tensor_from_cpu_tensor", "device_tensor_from_numpy", "meta_tensor_no_storage", "nested_tensor",
        "parameter", "parameter_with_state", "qtensor", "sparse_tensor", "tensor", "tensor_v2", "tensor_v3",
        "wrapper_subclass")),
    *(f"torch.{dtype}" for dtype in _DTYPES),
    *(f"torch.per_{what}" for what in (
        "channel_affine", "channel_affine_float_qparams", "channel_symmetric", "tensor_affine",
        "tensor_symmetric")),
    *(f"torch.{kind}Storage" for kind in STORAGE_DTYPES if kind != "Untyped"),
    *(f"torch.cuda.{kind}Storage" for kind in STORAGE_DTYPES if kind != "Untyped" and not kind.startswith("Q")),
    *(f"torch{device}.{kind}Tensor" for device in ("", ".cuda") for kind in (*_TENSOR_KINDS, "Bool")),
    *(f"torch{device}.sparse.{kind}Tensor" for device in ("", ".cuda") for kind in _TENSOR_KINDS),
})  # fmt: skip
"""The names that `weights_only=True` allows in a pickle, in torch 2.13; a test compares them with torch."""


def bytes_of(dtype: str) -> int:
    """The number of bytes of an element of a storage."""
    return BYTES_BY_DTYPE[dtype]


class Storage(NamedTuple):
    """The memory that a tensor looks at."""

    dtype: str
    bytes: int


class StorageIds(Protocol):
    """Where the persistent ids of a file lead."""

    untyped: bool
    """Whether storages without an element type are read, which the newer types have."""

    def find(self, key: str, dtype: str, count: int, view: object) -> Storage:
        """The storage of a key; raises `InertError` where the file has none of that size."""


class TorchMeaning:
    """Names, calls and persistent ids as torch understands them."""

    def __init__(self, storages: StorageIds, budget: PickleBudget) -> None:
        self.storages, self.budget = storages, budget
        self.foreign = ""
        """The first object that `weights_only=True` rejects."""

    def opcode(self, name: str) -> None:
        """An opcode that torch does not read."""
        self.foreign = self.foreign or f"its pickle has the opcode {name}"

    def name(self, name: PickledName) -> PickledName:
        """The name in Python 3; one that torch does not allow is noted."""
        if name.module == "__builtin__":
            name = PickledName("builtins", name.name)
        if f"{name.module}.{name.name}" not in ALLOWED:
            self.foreign = self.foreign or f"it names `{name.module}.{name.name}`"
        return name

    def persistent(self, identity: object) -> object:
        """The storage of `("storage", torch.FloatStorage, key, device, count)`; before 1.6 also classes."""
        if (
            type(identity) is not tuple
            or len(identity) < 2
            or not isinstance(identity[1], PickledName)
        ):
            raise InertError("it is damaged")
        if identity[0] != "storage":
            self.foreign = self.foreign or "it contains the source of a module"
            return identity[1]
        if len(identity) not in (5, 6) or type(identity[4]) is not int or identity[4] < 0:
            raise InertError("it is damaged")
        dtype = STORAGE_DTYPES.get(identity[1].name.removesuffix("Storage"), "")
        if not dtype or not isinstance(identity[2], str):
            raise InertError("it is damaged")
        if identity[1].name == "UntypedStorage" and not self.storages.untyped:
            raise InertError("torch does not read storages without a type in the format before 1.6")
        return self.storages.find(identity[2], dtype, identity[4], (*identity, None)[5])

    def call(self, made: Made) -> object:
        """Tensors, parameters and collections; other calls stay unchanged."""
        maker, arguments = made.maker, made.arguments
        if not isinstance(maker, PickledName) or type(arguments) is not tuple:
            return made
        if maker.module == "collections" and maker.name in ("OrderedDict", "Counter"):
            return self._dict(arguments)
        if maker.module == "builtins" and maker.name in ("set", "frozenset", "dict"):
            return {} if maker.name == "dict" else self._items(arguments)
        if maker == ("torch", "Size"):
            return tuple(self._items(arguments))
        if maker == ("torch.serialization", "_get_layout"):
            return PickledName("torch", str(arguments[0])[:40]) if arguments else made
        rebuild = _REBUILDS.get(maker)
        return made if rebuild is None else rebuild(arguments)

    def _items(self, arguments: tuple[Any, ...]) -> list[Any]:
        """The contents of a set or a size."""
        if len(arguments) != 1 or type(arguments[0]) not in (list, tuple):
            return []
        self.budget.charge(len(arguments[0]))
        return list(arguments[0])

    def _dict(self, arguments: tuple[Any, ...]) -> dict[Any, Any]:
        """An ordered dict, or a counter; an argument is another dict, or its items."""
        entries: dict[Any, Any] = {}
        if len(arguments) == 1 and type(arguments[0]) is dict:
            self.budget.charge(8 * len(arguments[0]))
            return dict(arguments[0])
        for pair in self._items(arguments):
            if type(pair) not in (list, tuple) or len(pair) != 2:
                raise InertError("it is damaged")
            self.budget.charge(8)
            entries[pair[0] if isinstance(pair[0], str) else OtherKey(pair[0])] = pair[1]
        return entries


# ---- tensors -----------------------------------------------------------------------------------------


def _sizes(value: Any) -> tuple[int, ...]:
    """Sizes, strides or an offset in 64 bits."""
    if type(value) not in (tuple, list) or len(value) > _MOST_DIMENSIONS:
        raise InertError("it is damaged")
    if not all(type(size) is int and 0 <= size < _NO_SIZE for size in value):
        raise InertError("a tensor in it has an impossible shape")
    return tuple(value)


def _view(storage: Any, offset: Any, size: Any, stride: Any, dtype: str) -> StoredTensor:
    """A tensor as it looks at a storage, inside of its bounds."""
    shape, steps, (start,) = _sizes(size), _sizes(stride), _sizes((offset,))
    if not isinstance(storage, Storage) or len(shape) != len(steps) or dtype not in BYTES_BY_DTYPE:
        raise InertError("it is damaged")
    count = 1
    for axis in shape:
        count *= axis
    last = start + sum((axis - 1) * step for axis, step in zip(shape, steps, strict=True))
    if count >= _NO_SIZE or (count and (last + 1) * BYTES_BY_DTYPE[dtype] > storage.bytes):
        raise InertError("a tensor in it is larger than its data")
    return StoredTensor(shape, dtype)


def _arguments(arguments: tuple[Any, ...], least: int, most: int) -> tuple[Any, ...]:
    if not least <= len(arguments) <= most:
        raise InertError("it is damaged")
    return arguments


def _dtype(value: Any) -> str:
    if not isinstance(value, PickledName) or value.module != "torch" or value.name not in _DTYPES:
        raise InertError("it is damaged")
    return value.name


def _tensor(arguments: tuple[Any, ...]) -> StoredTensor:
    storage, offset, size, stride = _arguments(arguments, 4, 7)[:4]
    return _view(storage, offset, size, stride, getattr(storage, "dtype", ""))


def _typed_tensor(arguments: tuple[Any, ...]) -> StoredTensor:
    storage, offset, size, stride = _arguments(arguments, 7, 8)[:4]
    return _view(storage, offset, size, stride, _dtype(arguments[6]))


def _quantized(arguments: tuple[Any, ...]) -> StoredTensor:
    storage, _, size = _arguments(arguments, 7, 7)[:3]
    if not isinstance(storage, Storage):
        raise InertError("it is damaged")
    return StoredTensor(_sizes(size), storage.dtype, "quantized")


def _sparse(arguments: tuple[Any, ...]) -> StoredTensor:
    layout, data = _arguments(arguments, 2, 2)
    if not isinstance(layout, PickledName) or type(data) is not tuple or not 3 <= len(data) <= 4:
        raise InertError("it is damaged")
    kind = layout.name.removeprefix("torch.")
    values, size = (data[1], data[2]) if kind == "sparse_coo" else (data[2], data[-1])
    if not isinstance(values, StoredTensor):
        raise InertError("it is damaged")
    return StoredTensor(_sizes(size), values.dtype, kind)


def _meta(arguments: tuple[Any, ...]) -> StoredTensor:
    dtype, size = _arguments(arguments, 4, 4)[:2]
    return StoredTensor(_sizes(size), _dtype(dtype), "meta")


def _nested(arguments: tuple[Any, ...]) -> StoredTensor:
    values = _arguments(arguments, 4, 4)[0]
    return StoredTensor((), values.dtype if isinstance(values, StoredTensor) else "", "nested")


def _wrapper(arguments: tuple[Any, ...]) -> StoredTensor:
    _, dtype, size = _arguments(arguments, 8, 8)[:3]
    return StoredTensor(_sizes(size), _dtype(dtype), "wrapper_subclass")


def _moved(arguments: tuple[Any, ...]) -> object:
    """A tensor of another device, saved through the memory of the CPU."""
    data, dtype = _arguments(arguments, 4, 4)[:2]
    return (
        StoredTensor(data.shape, _dtype(dtype), data.layout)
        if isinstance(data, StoredTensor)
        else None
    )


def _parameter(arguments: tuple[Any, ...]) -> object:
    data = _arguments(arguments, 3, 4)[0]
    if not isinstance(data, StoredTensor):
        raise InertError("it is damaged")
    return data


def _with_attributes(arguments: tuple[Any, ...]) -> object:
    """A tensor with attributes: the call that rebuilds it, its class, and they."""
    maker, _, inner, _ = _arguments(arguments, 4, 4)
    rebuild = _REBUILDS.get(maker) if isinstance(maker, PickledName) else None
    if rebuild is None or rebuild is _with_attributes or type(inner) is not tuple:
        raise InertError("it is damaged")
    return rebuild(inner)


_REBUILDS = {
    **{PickledName("torch._utils", f"_rebuild_{what}"): rebuild for what, rebuild in (
        ("tensor", _tensor), ("tensor_v2", _tensor), ("tensor_v3", _typed_tensor), ("qtensor", _quantized),
        ("sparse_tensor", _sparse), ("meta_tensor_no_storage", _meta), ("nested_tensor", _nested),
        ("wrapper_subclass", _wrapper), ("parameter", _parameter), ("parameter_with_state", _parameter),
        ("device_tensor_from_cpu_tensor", _moved), ("device_tensor_from_numpy", _moved),
    )},
    PickledName("torch._tensor", "_rebuild_from_type_v2"): _with_attributes,
}  # fmt: skip
