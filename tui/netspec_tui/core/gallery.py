"""Networks to start from, and specs that lie around."""

from __future__ import annotations

import os

from netspec.gallery import entries as listed

_MOST = 400
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "build", "dist"})


def entries() -> list[tuple[str, str, str]]:
    """Name, first line and path of every network of the gallery."""
    return [(name, _about(entry.path), entry.path) for name, entry in listed().items()]


def _about(path: str) -> str:
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
        if len(paths) > _MOST:
            break
    return paths


def _is_spec(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except OSError:
        return False
    return b"netspec:" in head or b'"netspec"' in head
