"""From a path to a document: every way in which there may be no spec there."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from netspec.diagnostics import Code
from netspec.document import read
from netspec.document.loading import MAX_BYTES


def rejected(path: object, code: str) -> str:
    """The message with which a path is rejected."""
    document = read(str(path))
    assert document.root is None
    assert document.unreadable
    [diagnostic] = document.diagnostics
    assert diagnostic.code == code
    assert diagnostic.span is not None
    return "\n".join([diagnostic.message, *(help.text for help in diagnostic.helps)])


def test_a_file_is_read_byte_for_byte(tmp_path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffa: é\r\nb: 😀\r\n".encode())
    document = read(str(path))
    assert document.source.text == "\ufeffa: é\r\nb: 😀\r\n"
    assert document.source.name == str(path)
    assert not document.diagnostics
    assert document.root.get("b").span.text == "😀"


def test_a_file_that_is_not_there_may_have_been_misspelled(tmp_path) -> None:
    (tmp_path / "densenet.yaml").write_text("netspec: 1")
    message = rejected(tmp_path / "densnet.yaml", Code.UNREADABLE)
    assert "there is no file" in message
    assert f"did you mean `{tmp_path}{os.sep}densenet.yaml`?" in message
    assert "there is no directory" in rejected(tmp_path / "no" / "a.yaml", Code.UNREADABLE)
    assert "there is no file `" in rejected(tmp_path / "zzz", Code.UNREADABLE)


def test_a_directory_is_no_file(tmp_path) -> None:
    assert "is a directory" in rejected(tmp_path, Code.UNREADABLE)


@pytest.mark.parametrize("path", ["a\0b", "", "x" * 5000])
def test_what_is_no_path_is_rejected(path) -> None:
    rejected(path, Code.UNREADABLE)


def test_a_path_through_a_file_is_rejected(tmp_path) -> None:
    (tmp_path / "a").write_text("")
    assert "is a file, not a directory" in rejected(tmp_path / "a" / "b", Code.UNREADABLE)


def test_links_in_a_circle_are_rejected(tmp_path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert "form a cycle" in rejected(tmp_path / "a", Code.UNREADABLE)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_and_devices_are_not_waited_for(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is not a regular file" in rejected(tmp_path / "pipe", Code.UNREADABLE)
    assert "is not a regular file" in rejected("/dev/zero", Code.UNREADABLE)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        assert "is not a regular file" in rejected(tmp_path / "s", Code.UNREADABLE)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read all")
def test_a_forbidden_file_says_so(tmp_path) -> None:
    path = tmp_path / "a"
    path.write_text("a: b")
    path.chmod(0)
    assert "permission denied" in rejected(path, Code.UNREADABLE)


def test_a_file_that_is_too_large_is_not_read(tmp_path) -> None:
    path = tmp_path / "a"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert "4,194,305 bytes; the limit for a spec is 4,194,304" in rejected(path, Code.TOO_LARGE)


def test_what_is_not_utf_8_says_where(tmp_path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"a: 1\nb: caf\xe9\n")
    assert "is not UTF-8: byte 11 (0xe9, in line 2)" in rejected(path, Code.NOT_TEXT)
    path.write_bytes(b"abcd\x00.")
    assert "is not a text file: byte 4 is zero" in rejected(path, Code.NOT_TEXT)
    path.write_bytes(b"\x80\x02}q\x00.")
    assert "is a pickle" in rejected(path, Code.FOREIGN)
    for encoding in ("utf-16", "utf-16-be", "utf-16-le"):
        path.write_bytes("\ufeffa: b".encode(encoding))
        assert "is UTF-16, but a spec must be UTF-8" in rejected(path, Code.NOT_TEXT)


def test_an_empty_file_is_readable_but_empty(tmp_path) -> None:
    path = tmp_path / "a"
    for text in ("", "\n\n", "# a comment\n", "---\n", "\ufeff", "  "):
        path.write_text(text, encoding="utf-8")
        document = read(str(path))
        assert not document.unreadable
        assert [d.code for d in document.diagnostics] == [Code.EMPTY]
        assert document.diagnostics[0].message == "the file is empty"
