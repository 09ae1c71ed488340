"""The layers that a spec may use: those of netspec, those of installed packages, those of given files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netspec import layers
from netspec.layer.base import Layer

if TYPE_CHECKING:
    from netspec.elaborate.custom_layers import LayerDeclaration, OwnLayerError


class Catalog:
    """Finds layers by name. Runs the files at once, and imports the module of an entry point when it is used."""

    def __init__(self, files: Sequence[str] = ()) -> None:
        self._files: dict[str, LayerDeclaration] = {}
        self._failures: tuple[OwnLayerError, ...] = ()
        self._by_name: dict[str, type[Layer] | None] = {}
        if files:
            from netspec.elaborate.custom_layers import in_files

            self._files, self._failures = in_files(files)

    def find(self, op: str) -> type[Layer] | None:
        """The layer of that name, or None. Raises `OwnLayerError` where its declaration is broken."""
        layer = layers.find(op)
        if layer is not None and not self.is_in_files(op):
            return layer
        return self.custom(op)

    def is_in_files(self, op: str) -> bool:
        """Whether one of the given files declares that layer."""
        return op in self._files

    def custom(self, op: str) -> type[Layer] | None:
        """The custom layer of that name, or None. Raises `OwnLayerError` where its declaration is broken.

        It may have the name of a layer that a later version of the language introduced: the custom layer
        keeps its name.
        """
        if op not in self._by_name:
            declared = self._own(op)
            self._by_name[op] = declared.load() if declared is not None else None
        return self._by_name[op]

    def names(self) -> list[str]:
        """The names of all layers: netspec's first."""
        return [*layers.OPS, *self.own()]

    def own(self) -> dict[str, LayerDeclaration]:
        """The layers that are not netspec's, by name; one of a given file over one that is installed."""
        from netspec.elaborate.custom_layers import installed

        return {**installed(), **self._files}

    def _own(self, op: str) -> LayerDeclaration | None:
        if not op.isidentifier():
            return None
        declaration = self._files.get(op) or self.own().get(op)
        if declaration is None:
            for failure in self._failures:
                raise failure
        return declaration
