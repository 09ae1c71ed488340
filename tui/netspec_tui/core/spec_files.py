"""The networks of the gallery, and the specs in a folder."""

from __future__ import annotations

import os
from typing import NamedTuple

from netspec.gallery import networks_by_name

_MOST_FILES = 400
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "build", "dist"})


class GalleryEntry(NamedTuple):
    """A network of the gallery."""

    name: str
    description: str
    path: str


def gallery_entries() -> list[GalleryEntry]:
    """Every network of the gallery."""
    return [GalleryEntry(n, _description(e.path), e.path) for n, e in networks_by_name().items()]


def _description(path: str) -> str:
    """The first line of the file, without its comment sign."""
    with open(path, encoding="utf-8") as file:
        first = file.readline().strip()
    return first.lstrip("# ").partition(": ")[0] if first.startswith("#") else ""


def specs_below(folder: str) -> list[str]:
    """The YAML and JSON files below a folder that have the key `netspec`."""
    paths: list[str] = []
    for directory, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if f[0] != "." and f not in _SKIPPED)
        for name in sorted(files):
            path = os.path.normpath(os.path.join(directory, name))
            if name.endswith((".yaml", ".yml", ".json")) and _is_spec(path):
                paths.append(path)
        if len(paths) > _MOST_FILES:
            break
    return paths


def _is_spec(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except OSError:
        return False
    return b"netspec:" in head or b'"netspec"' in head
