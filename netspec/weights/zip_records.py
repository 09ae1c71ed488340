"""The records of a zip archive, as torch's reader finds them.

Not by `zipfile`, which checks sums that torch writes as it likes (`set_crc32_options`) and holds an object of
half a kilobyte for each record. Source: APPNOTE.TXT 6.3.10 of PKWARE, sections 4.3 and 4.5.
"""

from __future__ import annotations

import struct
import zlib
from typing import IO, NamedTuple

_END, _END_64, _LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_ENTRY, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"
_MOST_DIRECTORY = 48 * 1024 * 1024
_MOST_RECORDS = 400_000
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x2041
"""The flags of encrypted and patched data."""
_MISSING_32 = 0xFFFFFFFF


class ArchiveError(Exception):
    """An archive that is damaged, or larger than any of torch."""


class ProgramError(ArchiveError):
    """An archive of torch that holds a program, and how its weights are saved alone."""

    def __init__(self, kind: str, state: str) -> None:
        super().__init__(f"{kind}, not weights alone")
        self.help = f"save only its weights: `torch.save({state}, 'weights.pt')`"


class Record(NamedTuple):
    """One record: where its header begins, how its data are packed, and how long they are."""

    offset: int
    method: int
    packed: int
    size: int


def read_directory(file: IO[bytes]) -> dict[str, Record]:
    """The records of an archive by name. Raises `ArchiveError`."""
    length = file.seek(0, 2)
    count, size, offset = _end(file, length)
    if size > _MOST_DIRECTORY or count > _MOST_RECORDS:
        raise ArchiveError("its directory is too long")
    if size < 46 * count or offset + size > length:
        raise ArchiveError("its directory is damaged")
    file.seek(offset)
    data = file.read(size)
    records: dict[str, Record] = {}
    entry_offset = 0
    for _ in range(count):
        name, record, entry_offset = _entry(data, entry_offset)
        if record.offset + record.packed > length:
            raise ArchiveError(f"`{name}` is truncated")
        if name in records:
            raise ArchiveError(f"it contains `{name}` twice")
        records[name] = record
    return records


def _end(file: IO[bytes], length: int) -> tuple[int, int, int]:
    """How many records there are, and the size and offset of their directory."""
    start = max(length - 22 - 0xFFFF, 0)
    file.seek(start)
    tail = file.read()
    end_offset = tail.rfind(_END, 0, len(tail) - 18)
    if end_offset < 0:
        raise ArchiveError("it is truncated: its directory is missing")
    disk, directory_disk, here, count, size, offset = struct.unpack_from(
        "<4H2L", tail, end_offset + 4
    )
    if start + end_offset >= 20:
        file.seek(start + end_offset - 20)
        signature, _, end_64, disks = struct.unpack("<4sLQL", file.read(20))
        if signature == _LOCATOR_64:
            if end_64 + 56 > length:
                raise ArchiveError("it is truncated: its directory is missing")
            file.seek(end_64)
            kind, long, _, _, *fields = struct.unpack("<4sQHHLLQQQQ", file.read(56))
            if kind == _END_64:
                if disks != 1 or long < 44:
                    raise ArchiveError("it is a part of a multi-part archive")
                disk, directory_disk, here, count, size, offset = fields
    if (disk, directory_disk) not in ((0, 0), (1, 1)) or here != count:
        raise ArchiveError("it is a part of a multi-part archive")
    return count, size, offset


def _entry(data: bytes, entry_offset: int) -> tuple[str, Record, int]:
    """The entry of a directory at an offset, and where the next begins."""
    if len(data) < entry_offset + 46 or data[entry_offset : entry_offset + 4] != _ENTRY:
        raise ArchiveError("its directory is damaged")
    flags, method = struct.unpack_from("<HH", data, entry_offset + 8)
    packed, size, names, extras, comments = struct.unpack_from("<LLHHH", data, entry_offset + 20)
    disk, _, _, offset = struct.unpack_from("<HHLL", data, entry_offset + 34)
    end = entry_offset + 46 + names + extras
    if len(data) < end + comments:
        raise ArchiveError("its directory is damaged")
    try:
        name = data[entry_offset + 46 : entry_offset + 46 + names].decode()
    except UnicodeDecodeError:
        raise ArchiveError("the name of a record is damaged") from None
    if _MISSING_32 in (packed, size, offset):
        size, packed, offset = _wide(data[end - extras : end], size, packed, offset)
    if disk > 1:
        raise ArchiveError("it is a part of a multi-part archive")
    if flags & _ENCRYPTED or method not in (_STORED, _DEFLATED):
        raise ArchiveError(f"`{name}` is compressed in a way that torch does not read")
    if (method == _STORED and packed != size) or (size and not packed):
        raise ArchiveError(f"the sizes of `{name}` disagree")
    return name, Record(offset, method, packed, size), end + comments


def _wide(extra: bytes, *fields: int) -> list[int]:
    """The fields that do not fit into 32 bits, from the extra field that has them."""
    offset = 0
    while offset + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, offset)
        if kind == 1:
            place, fields_64_bit = offset + 4, []
            for field in fields:
                if field == _MISSING_32:
                    if place + 8 > min(offset + 4 + length, len(extra)):
                        raise ArchiveError("its directory is damaged")
                    (field,) = struct.unpack_from("<Q", extra, place)
                    place += 8
                fields_64_bit.append(field)
            return fields_64_bit
        offset += 4 + length
    raise ArchiveError("its directory is damaged")


def read_record(file: IO[bytes], record: Record, most: int) -> bytes:
    """The data of a record of at most so many bytes. Raises `ArchiveError`."""
    if max(record.size, record.packed) > most:
        raise ArchiveError(f"a record has more than {most:,} bytes")
    file.seek(record.offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != _LOCAL:
        raise ArchiveError("a record is damaged")
    names, extras = struct.unpack_from("<HH", header, 26)
    file.seek(names + extras, 1)
    data = file.read(record.packed)
    if record.method == _DEFLATED:
        try:
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, record.size + 1)
        except zlib.error:
            raise ArchiveError("a record is damaged") from None
    if len(data) != record.size:
        raise ArchiveError("a record is truncated")
    return data
