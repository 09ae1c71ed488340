"""`net.yaml@v1.2`: a spec as it is in a revision of a git repository, with the files that it uses."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from tempfile import TemporaryDirectory

from netspec.document import Mapping, Scalar, parse
from netspec.document.loading import MAX_BYTES

_PATIENCE = 30
"""The time limit for git, in seconds."""


class RevisionError(Exception):
    """A revision that is not available, with a help."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message, self.help = message, help


def split(operand: str) -> tuple[str, str]:
    """The path and the revision that an operand names; a file that has such a name is that file.

    >>> split("net.yaml@HEAD~2"), split("net.yaml")
    (('net.yaml', 'HEAD~2'), ('net.yaml', ''))
    """
    path, separator, revision = operand.rpartition("@")
    return (
        (path, revision)
        if separator and path and revision and not os.path.exists(operand)
        else (operand, "")
    )


@contextlib.contextmanager
def checked_out(path: str, revision: str) -> Iterator[str]:
    """A copy of the file as it was, in a folder of its own and gone to; its name there. Raises `RevisionError`."""
    with copy_at_revision(path, revision) as (folder, inside), contextlib.chdir(folder):
        yield inside


@contextlib.contextmanager
def copy_at_revision(path: str, revision: str) -> Iterator[tuple[str, str]]:
    """A copy of the file as it was: a folder of its own, and the name in it. Raises `RevisionError`."""
    folder = os.path.dirname(os.path.realpath(path)) or "."
    top = _top(folder, path)
    inside = os.path.relpath(os.path.realpath(path), top)
    commit = _commit(folder, revision)
    with TemporaryDirectory(prefix="netspec-") as copy:
        _copy(inside, top, commit, copy, revision)
        yield copy, inside


def _top(folder: str, path: str) -> str:
    """The root of the repository that a file is in."""
    if not os.path.isdir(folder):
        raise RevisionError(f"there is no directory `{os.path.dirname(path)}`")
    done = _git(folder, "rev-parse", "--show-toplevel")
    if done.returncode:
        raise RevisionError(
            f"`{path}` is not in a git repository, so it has no revisions",
            "compare two files: `netspec diff A B`",
        )
    return os.path.realpath(done.stdout.decode("utf-8", "surrogateescape").rstrip("\n"))


def _commit(folder: str, revision: str) -> str:
    done = _git(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    if done.returncode:
        raise RevisionError(
            f"git has no revision `{revision}`",
            "pass a commit, a branch or a tag: `net.yaml@HEAD~1`",
        )
    return done.stdout.decode().strip()


def _copy(inside: str, top: str, commit: str, copy: str, revision: str) -> None:
    """Write the file, and whatever it and the others use, into the folder `copy`."""
    waiting, done, left = [inside], set[str](), MAX_BYTES
    while waiting:
        path = waiting.pop()
        if path in done or path.startswith(".."):
            continue
        done.add(path)
        place = f"{commit}:{path.replace(os.sep, '/')}"
        size = _git(top, "cat-file", "-s", place)
        left -= int(size.stdout) if size.returncode == 0 else 0
        if left < 0:
            raise RevisionError(
                f"`{path}` exceeds the limit of {MAX_BYTES:,} bytes for the files of revision "
                f"`{revision}`"
            )
        content = _git(top, "cat-file", "blob", place)
        if content.returncode:
            if path == inside:
                raise RevisionError(f"`{path}` is not in revision `{revision}`")
            continue  # the check of the copy says so, at the line that uses it
        target = os.path.join(copy, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(content.stdout[: MAX_BYTES + 1])
        waiting += _used(content.stdout, path)


def _used(data: bytes, path: str) -> list[str]:
    """The paths of the files that a spec uses."""
    root = parse(data[:MAX_BYTES].decode("utf-8", "replace"), path).root
    uses = root.get("use") if isinstance(root, Mapping) else None
    if not isinstance(uses, Mapping):
        return []
    here = os.path.dirname(path)
    texts = [value.text for _, value in uses.entries if isinstance(value, Scalar)]
    return [os.path.normpath(os.path.join(here, text)) for text in texts if "\0" not in text]


def _git(folder: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", "-C", folder, *arguments], capture_output=True, timeout=_PATIENCE, check=False
        )
    except FileNotFoundError:
        raise RevisionError("a revision requires git, but `git` is not on the path") from None
    except subprocess.TimeoutExpired:
        raise RevisionError(f"git did not answer within {_PATIENCE} seconds") from None
