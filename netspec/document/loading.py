"""From a path to a text, whatever may be there."""

from __future__ import annotations

import errno
import os
import stat

from netspec.diagnostics import Code, Diagnostic, Help, Source, Span
from netspec.document.parse import parse
from netspec.document.tree import Document
from netspec.limits import MOST_BYTES, MOST_MARKS
from netspec.similar_words import closest

MAX_BYTES = MOST_BYTES
"""Whatever is larger is not a spec."""

_BEGIN, _END = 4096, 65_536
"""Bytes by which files of other tools are recognized: the directory of an archive is at its end."""
_CONTROL = bytes((*range(1, 9), *range(14, 32)))
_MAGIC = (b"PK", b"GGUF", b"GIF8", b"%PDF")
"""How binary files begin that are UTF-8 by chance."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_REASONS = {
    errno.EACCES: "permission denied",
    errno.ELOOP: "its symbolic links form a cycle",
    errno.ENOTDIR: "a part of the path is a file, not a directory",
    errno.ENAMETOOLONG: "the path is too long",
}


def read(path: str, most_bytes: int = MAX_BYTES, most_marks: int = MOST_MARKS) -> Document:
    """The document in a file. Never raises, and never waits for a pipe or a device."""
    try:
        status = os.stat(path)
        diagnostic = _not_readable(path, status)
        if diagnostic:
            return _rejected(path, diagnostic)
        too_large = status.st_size > most_bytes
        with open(path, "rb") as file:
            data = file.read(_BEGIN if too_large else most_bytes + 1)
            if too_large:
                file.seek(max(status.st_size - _END, 0))
                foreign = _foreign(path, data, file.read(_END))
                return _rejected(path, foreign or _too_large(path, status.st_size))
    except FileNotFoundError:
        return _rejected(path, _missing(path))
    except (OSError, ValueError) as error:
        return _rejected(path, _unreadable(f"`{path}` cannot be read: {_reason(error)}"))
    return decode(path, data, most_bytes, most_marks)


def decode(
    path: str, data: bytes, most_bytes: int = MAX_BYTES, most_marks: int = MOST_MARKS
) -> Document:
    """The document in the content of a file. Never raises."""
    if len(data) > most_bytes:
        return _rejected(path, _foreign(path, data) or _too_large(path, len(data)))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _rejected(path, _foreign(path, data) or _not_utf_8(path, data, error))
    if _looks_binary(data) and (foreign := _foreign(path, data)):
        return _rejected(path, foreign)
    if b"\0" in data:
        return _rejected(path, _zero(path, data))
    return parse(text, path, most_marks)


def _looks_binary(data: bytes) -> bool:
    """Whether there are bytes that no text has, at its begin or, of zeros, anywhere."""
    begin = data[:_BEGIN]
    has_control = len(begin.translate(None, _CONTROL)) < len(begin)
    return has_control or begin.startswith(_MAGIC) or b"\0" in data


def _not_utf_8(path: str, data: bytes, error: UnicodeDecodeError) -> Diagnostic:
    if data.startswith(_UTF_16):
        return _not_text(f"`{path}` is UTF-16, but a spec must be UTF-8")
    if b"\0" in data:
        return _zero(path, data)
    offset, line = error.start, data.count(b"\n", 0, error.start) + 1
    return _not_text(f"`{path}` is not UTF-8: byte {offset} (0x{data[offset]:02x}, in line {line})")


def _zero(path: str, data: bytes) -> Diagnostic:
    return _not_text(f"`{path}` is not a text file: byte {data.index(0)} is zero")


def _not_readable(path: str, status: os.stat_result) -> Diagnostic | None:
    if stat.S_ISDIR(status.st_mode):
        return _unreadable(f"`{path}` is a directory", "pass a file in it")
    if not stat.S_ISREG(status.st_mode):
        return _unreadable(f"`{path}` is not a regular file", "copy its output into a file first")
    return None


def _foreign(path: str, data: bytes, end: bytes = b"") -> Diagnostic | None:
    """The diagnostic on a binary file of another tool."""
    from netspec.document.foreign_bytes import foreign_bytes

    return foreign_bytes(path, data, end or data[-_END:])


def _missing(path: str) -> Diagnostic:
    folder, name = os.path.split(path)
    try:
        near = closest(name, os.listdir(folder or "."))
    except OSError:
        return _unreadable(f"there is no directory `{folder}`")
    help = f"did you mean `{os.path.join(folder, near)}`?" if near else ""
    return _unreadable(f"there is no file `{path}`", help)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return _REASONS.get(error.errno or 0, (error.strerror or str(error)).lower())
    return "this is not a path"


def _rejected(path: str, diagnostic: Diagnostic) -> Document:
    source = Source("", path)
    at_begin = Diagnostic(
        diagnostic.code, diagnostic.message, Span(source, 0, 0), helps=diagnostic.helps
    )
    return Document(source, None, [at_begin])


def _unreadable(message: str, help: str = "") -> Diagnostic:
    return Diagnostic(Code.UNREADABLE, message, helps=(Help(help),) if help else ())


def _not_text(message: str) -> Diagnostic:
    return Diagnostic(Code.NOT_TEXT, message, helps=(Help("save it as UTF-8 text"),))


def _too_large(path: str, size: int) -> Diagnostic:
    message = f"`{path}` has {size:,} bytes; the limit for a spec is {MAX_BYTES:,}"
    return Diagnostic(Code.TOO_LARGE, message, helps=(Help("use `repeat` and `each`"),))
