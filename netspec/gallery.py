"""The networks that come with netspec, and their descriptions."""

from __future__ import annotations

import os
import re

_IN_CLONE = os.path.dirname(os.path.abspath(__file__))
"""The folder of the package."""


class GalleryEntry:
    """One network of the gallery: its name, such as `textbook/lenet`, and its file."""

    __slots__ = ("name", "path")

    def __init__(self, name: str, path: str) -> None:
        self.name, self.path = name, path

    @property
    def text(self) -> str:
        """The whole file."""
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    @property
    def about(self) -> str:
        """The sentence that the file begins with."""
        header, _, _ = self.text.partition("\n#\n")
        return " ".join(line.lstrip("# ").rstrip() for line in header.splitlines())

    @property
    def presets(self) -> tuple[str, ...]:
        """The names of its presets."""
        return tuple(key for key, _ in self._below("presets"))

    @property
    def used(self) -> tuple[str, ...]:
        """The files that it uses, relative to its own."""
        return tuple(value for _, value in self._below("use"))

    def _below(self, key: str) -> list[tuple[str, str]]:
        """The value of a key of the file, as text."""
        from netspec.document import Mapping, Scalar, parse

        root = parse(self.text, self.path).root
        node = root.get(key) if isinstance(root, Mapping) else None
        if not isinstance(node, Mapping):
            return []
        return [(k.text, v.text if isinstance(v, Scalar) else "") for k, v in node.entries]


def gallery_folder() -> str:
    """The folder of the networks: in the installed package, or next to it in a clone."""
    inside = os.path.join(_IN_CLONE, "specs")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(_IN_CLONE), "specs")


def networks_by_name() -> dict[str, GalleryEntry]:
    """Every network by name; those of the textbooks last."""
    networks = {}
    root = gallery_folder()
    for directory, _, names in os.walk(root):
        for file in names:
            if file.endswith(".yaml"):
                path = os.path.join(directory, file)
                name = os.path.relpath(path, root).removesuffix(".yaml").replace(os.sep, "/")
                networks[name] = GalleryEntry(name, path)
    return {name: networks[name] for name in sorted(networks, key=lambda n: ("/" in n, n))}


def suggested_name(name: str, among: dict[str, GalleryEntry]) -> GalleryEntry | None:
    """The network that a name means: `resnet`, `resnet.yaml`, and `lenet` for `textbook/lenet`."""
    name = re.sub(r"\.ya?ml$", "", name.replace("\\", "/").removeprefix("specs/"))
    if name in among:
        return among[name]
    ending = [entry for full, entry in among.items() if full.endswith(f"/{name}")]
    return ending[0] if len(ending) == 1 else None
