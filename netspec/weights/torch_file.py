"""Files of `torch.save`: an archive with a pickle, or, before torch 1.6, a sequence of pickles."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import IO, Any

from netspec.weights.checkpoint import Checkpoint, StoredTensor, WeightsError, readable
from netspec.weights.inert_pickle import InertError, Made, OtherKey, PickleBudget, read_inert
from netspec.weights.saved_module import module_state
from netspec.weights.saved_tensors import Storage, TorchMeaning, bytes_of
from netspec.weights.zip_records import (
    ArchiveError,
    ProgramError,
    Record,
    read_directory,
    read_record,
)

MOST_PICKLE = 16 * 1024 * 1024
_MOST_NOTE = 1000
"""The size of a record of a few characters: a version, an order of bytes."""
_VERSIONS = range(1, 11)
_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_PARTS = ("state_dict", "model_state_dict", "model_state", "model", "module", "net", "network", "weights",
          "params_ema", "params", "ema", "generator")  # fmt: skip
"""The keys under which checkpoints keep the weights of a model, the usual ones first."""
_SAVE_WEIGHTS = "save only the `state_dict`: `torch.save(module.state_dict(), path)`"


def read_torch(path: str, budget: PickleBudget) -> Checkpoint:
    """The weights in a file of `torch.save`, in any part of it. Raises `WeightsError`."""
    with open(path, "rb") as file:
        archived = file.read(4) == b"PK\x03\x04"
        try:
            root, foreign = (_archived if archived else _in_a_row)(file, budget)
            part, entries = _weights_of(root, budget)
        except ProgramError as error:
            raise WeightsError(f"`{path}` is {readable(str(error))}", error.help) from None
        except (InertError, ArchiveError) as error:
            raise WeightsError(
                f"`{path}` is not a `torch.save` file: {readable(str(error))}"
            ) from None
    weights = {key: value for key, value in entries.items() if isinstance(value, StoredTensor)}
    if not weights and (entries or not isinstance(root, Mapping)):
        raise WeightsError(f"`{path}` contains no named tensors")
    return Checkpoint(
        path,
        {key: weight for key, weight in weights.items() if isinstance(key, str)},
        part,
        non_tensors=tuple(k for k in entries if isinstance(k, str) and k not in weights),
        load_errors=tuple(_load_errors(path, foreign, entries)),
    )


def _load_errors(path: str, foreign: str, entries: Mapping[Any, Any]) -> list[WeightsError]:
    """The reason why torch does not load a file that netspec could read."""
    errors = []
    if foreign:
        message = (
            f"`torch.load` with `weights_only=True` does not load `{path}`: {readable(foreign)}"
        )
        errors.append(WeightsError(message, _SAVE_WEIGHTS))
    if any(isinstance(key, OtherKey) for key in entries):
        message = f"`load_state_dict` does not load `{path}`: some of its keys are not text"
        errors.append(WeightsError(message, _SAVE_WEIGHTS))
    return errors


# ---- an archive --------------------------------------------------------------------------------------


class _ArchivedStorages:
    """The storages of an archive: a record each. The first tensor of a storage determines its type."""

    untyped = True

    def __init__(self, records: Mapping[str, Record], folder: str) -> None:
        self.records, self.folder = records, folder
        self.loaded: dict[str, Storage] = {}

    def find(self, key: str, dtype: str, count: int, _: object) -> Storage:
        """The storage of a key, which has a record of just that size."""
        if key not in self.loaded:
            record = self.records.get(f"{self.folder}data/{key}")
            size = count * bytes_of(dtype)
            if record is None or record.size != size:
                raise InertError(f"the data of storage `{key}` are missing or truncated")
            self.loaded[key] = Storage(dtype, size)
        return self.loaded[key]


def _archived(file: IO[bytes], budget: PickleBudget) -> tuple[Any, str]:
    """The contents of an archive, and the first object in it that torch rejects."""
    records = read_directory(file)
    if any(
        name.endswith(("/archive_format", "serialized_exported_program.json")) for name in records
    ):
        raise ProgramError(
            "a program from `torch.export.save`", "torch.export.load(path).state_dict"
        )
    if not any(name.endswith("data.pkl") for name in records):
        raise ArchiveError("it is an archive without a record `data.pkl`")
    folder = next(iter(records), "").partition("/")[0] + "/"
    if not all(name.startswith(folder) for name in records):
        raise ArchiveError("its records are not in one folder")
    if f"{folder}constants.pkl" in records:
        raise ProgramError(
            "a TorchScript program from `torch.jit.save`", "torch.jit.load(path).state_dict()"
        )
    _check_notes(file, records, folder)
    pickled = records.get(f"{folder}data.pkl")
    if pickled is None:
        raise ArchiveError(f"it has no record `{folder}data.pkl`")
    data = read_record(file, pickled, MOST_PICKLE)
    budget.charge(len(data) >> 5)
    meaning = TorchMeaning(_ArchivedStorages(records, folder), budget)
    root = read_inert(io.BytesIO(data), meaning, budget, meaning.opcode)
    return root, meaning.foreign


def _check_notes(file: IO[bytes], records: Mapping[str, Record], folder: str) -> None:
    """The version of the format, and the order of bytes."""

    def note(name: str) -> bytes | None:
        record = records.get(folder + name)
        return None if record is None else read_record(file, record, _MOST_NOTE)

    version = note(".data/version") or note("version") or b""
    number = re.match(rb"\s*\+?(\d{1,18})", version)
    if number is None or int(number[1]) not in _VERSIONS:
        raise ArchiveError("its format version is not supported by torch")
    if note("byteorder") not in (None, b"little", b"big"):
        raise ArchiveError("its byte order is unknown")
    try:
        (note(".data/serialization_id") or b"").decode()
    except UnicodeDecodeError:
        raise ArchiveError("its serialization id is damaged") from None
    alignment = note(".storage_alignment")
    if alignment is not None and not re.fullmatch(rb"\s*[+-]?\d+(_\d+)*\s*", alignment):
        raise ArchiveError("its alignment is not a number")


# ---- a row of pickles --------------------------------------------------------------------------------


class _StoragesInARow:
    """The storages of a file from before torch 1.6: they follow the pickles, each after its length."""

    untyped = False

    def __init__(self) -> None:
        self.declared: dict[str, Storage] = {}

    def find(self, key: str, dtype: str, count: int, view: object) -> Storage:
        """The storage of a key as the pickle declares it, or a part of it."""
        whole = self.declared.setdefault(key, Storage(dtype, count * bytes_of(dtype)))
        if view is None:
            return whole
        if type(view) is not tuple or len(view) != 3 or type(view[2]) is not int or view[2] < 0:
            raise InertError("it is damaged")
        return Storage(dtype, min(view[2] * bytes_of(dtype), whole.bytes))


def _in_a_row(file: IO[bytes], budget: PickleBudget) -> tuple[Any, str]:
    """The contents of a sequence of pickles, and the first object in it that torch rejects."""
    file.seek(0)
    pickles = io.BytesIO(file.read(MOST_PICKLE))
    storages = _StoragesInARow()
    meaning = TorchMeaning(storages, budget)

    def following() -> Any:
        return read_inert(pickles, meaning, budget, meaning.opcode)

    if following() != _MAGIC:
        raise InertError("it does not start with the expected bytes")
    if following() != _PROTOCOL:
        raise InertError("its format version is not supported by torch")
    following()
    root, keys = following(), following()
    if type(keys) is not list:
        raise InertError("it is damaged")
    _check_row(file, pickles.tell(), keys, storages.declared)
    return root, meaning.foreign


def _check_row(
    file: IO[bytes], offset: int, keys: list[Any], declared: Mapping[str, Storage]
) -> None:
    """Whether the storages exist, each with the length in the pickle."""
    length = file.seek(0, 2)
    for key in keys:
        storage = declared.get(key) if isinstance(key, str) else None
        if storage is None:
            raise InertError("it is damaged")
        file.seek(offset)
        count = int.from_bytes(file.read(8), "little")
        offset += 8 + storage.bytes
        if offset > length:
            raise InertError("it is truncated")
        if count * bytes_of(storage.dtype) != storage.bytes:
            raise InertError(f"the data of storage `{key}` are missing or truncated")


# ---- where the weights are -------------------------------------------------------------------------


def _weights_of(root: Any, budget: PickleBudget) -> tuple[str, Mapping[Any, Any]]:
    """The part of the saved object that contains the weights, with its entries.

    The whole, unless it keeps them under one of the usual keys, or under any other.
    """
    if isinstance(root, Made):
        return "", module_state(root, budget)
    if not isinstance(root, Mapping):
        return "", {}
    own = any(isinstance(value, StoredTensor) for value in root.values())
    others = [] if own else [key for key in root if isinstance(key, str)]
    for key in (*_PARTS, *others):
        part = root.get(key)
        entries = module_state(part, budget) if isinstance(part, Made) else part
        if isinstance(entries, Mapping):
            budget.charge(len(entries))
            if any(isinstance(value, StoredTensor) for value in entries.values()):
                return key, entries
    return "", root
