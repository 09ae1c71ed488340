"""What `torch.save` writes: an archive with a pickle in it, or, before torch 1.6, a row of pickles."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Any, NamedTuple

from netspec.weights.checkpoint import Checkpoint, Weight, WeightsError
from netspec.weights.inert_pickle import InertError, Made, Name, read_inert

_MOST_PICKLE = 512 * 1024 * 1024
_MOST_DEPTH = 200
_MOST_WEIGHTS = 2_000_000
_MAGIC = 0x1950A86A20F9469CFC6C
_PARTS = ("state_dict", "model_state_dict", "model_state", "model", "module", "net", "network", "weights",
          "params_ema", "params", "ema", "generator")  # fmt: skip
"""The keys under which checkpoints keep the weights of a model, the usual ones first."""
_STORAGES = {
    "Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16", "Long": "int64",
    "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool", "ComplexFloat": "complex64",
    "ComplexDouble": "complex128",
}  # fmt: skip


_PLAIN_MODULES = frozenset({"collections", "builtins", "__builtin__"})


class _Storage(NamedTuple):
    """The memory that a tensor looks at."""

    dtype: str


def read_torch(path: str) -> Checkpoint:
    """The weights that a file of `torch.save` holds, wherever in it they are. Raises `WeightsError`."""
    try:
        root = _archived(path) if zipfile.is_zipfile(path) else _in_a_row(path)
    except InertError as error:
        raise WeightsError(f"`{path}` is not what `torch.save` writes: {error}") from None
    except WeightsError:
        raise
    except Exception:  # a damaged archive may fail anywhere in the library that reads it
        raise WeightsError(f"`{path}` is damaged") from None
    part, found = _weights_of(root)
    if not found:
        raise WeightsError(f"`{path}` holds no tensors by name")
    return Checkpoint(path, found, part)


def _archived(path: str) -> Any:
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if n.endswith("/data.pkl") or n == "data.pkl"]
        if not names:
            raise WeightsError(f"`{path}` is an archive, but not one of `torch.save`")
        if archive.getinfo(names[0]).file_size > _MOST_PICKLE:
            raise WeightsError(
                f"what `{path}` says of its tensors takes more than {_MOST_PICKLE:,} bytes"
            )
        with archive.open(names[0]) as file:
            return read_inert(file, _storage, _meaning)


def _in_a_row(path: str) -> Any:
    with open(path, "rb") as file:
        if _next(file) != _MAGIC:
            raise InertError("it does not begin as such a file does")
        _next(file)
        _next(file)
        return _next(file)


def _next(file: IO[bytes]) -> Any:
    return read_inert(file, _storage, _meaning)


def _storage(identity: object) -> object:
    """The storage that a persistent id means: `("storage", torch.FloatStorage, key, device, size)`."""
    if isinstance(identity, tuple) and len(identity) > 1 and isinstance(identity[1], Name):
        kind = identity[1].name.removesuffix("Storage")
        return _Storage(_STORAGES.get(kind, ""))
    return None


def _meaning(made: Made) -> object:
    """Tensors, parameters and ordered dicts; any other call is left as it is."""
    maker, arguments = made.maker, made.arguments
    if not isinstance(maker, Name) or not isinstance(arguments, tuple):
        return made
    if maker.name in ("OrderedDict", "dict") and maker.module in _PLAIN_MODULES:
        return {}
    if maker.name in ("set", "frozenset") and maker.module in _PLAIN_MODULES:
        return list(arguments[0]) if arguments and isinstance(arguments[0], list | tuple) else []
    if maker.module == "torch._utils":
        if maker.name.startswith("_rebuild_parameter") and arguments:
            return arguments[0]
        if maker.name.startswith("_rebuild_") and len(arguments) > 2:
            return _tensor(arguments) or made
    return made


def _tensor(arguments: tuple[Any, ...]) -> Weight | None:
    """The tensor of `(storage, offset, size, stride, …)`; its type is last where the storage has none."""
    storage, _, size = arguments[:3]
    if not isinstance(storage, _Storage) or not isinstance(size, tuple):
        return None
    dtype = storage.dtype
    if not dtype and isinstance(arguments[-1], Name) and arguments[-1].module == "torch":
        dtype = arguments[-1].name
    if not all(isinstance(axis, int) for axis in size):
        return None
    return Weight(size, dtype)


# ---- where the weights are -------------------------------------------------------------------------


def _weights_of(root: Any, depth: int = 0) -> tuple[str, dict[str, Weight]]:
    """The part of what was saved that holds the weights: the whole, a module, or one of several things."""
    if isinstance(root, Made):
        return "", dict(_of_module(root, "", 0))
    if not isinstance(root, Mapping):
        return "", {}
    own = _named(root)
    if own or depth > 0:
        return "", own
    parts = {key: _weights_of(value, 1)[1] for key, value in root.items()}
    for key in (*_PARTS, *parts):
        if parts.get(key):
            return str(key), parts[key]
    return "", {}


def _named(found: Mapping[Any, Any]) -> dict[str, Weight]:
    """The tensors of a dict that have a name."""
    return {
        key: value
        for key, value in found.items()
        if isinstance(key, str) and isinstance(value, Weight)
    }


def _of_module(module: Made, path: str, depth: int) -> Iterator[tuple[str, Weight]]:
    """The entries of the `state_dict` of a module that was saved whole."""
    state = module.state
    if depth > _MOST_DEPTH or not isinstance(state, Mapping):
        return
    transient = state.get("_non_persistent_buffers_set")
    transient = transient if isinstance(transient, list) else []
    for kind in ("_parameters", "_buffers"):
        for name, value in _items(state.get(kind)):
            if isinstance(value, Weight) and not (kind == "_buffers" and name in transient):
                yield f"{path}{name}", value
    count = 0
    for name, child in _items(state.get("_modules")):
        if isinstance(child, Made):
            for entry in _of_module(child, f"{path}{name}.", depth + 1):
                count += 1
                if count > _MOST_WEIGHTS:
                    return
                yield entry


def _items(found: Any) -> list[tuple[Any, Any]]:
    return list(found.items()) if isinstance(found, Mapping) else []
