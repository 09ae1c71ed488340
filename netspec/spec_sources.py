"""What `netspec.load` accepts, checked: a path, a text, a spec or a graph as data."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from netspec.check import Report, check, check_text
from netspec.diagnostics import Code, Diagnostic, Help, SpecError
from netspec.elaborate import Catalog

if TYPE_CHECKING:
    from netspec.schema import SpecFile
    from netspec.schema.graph import GraphModel


Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A path, or several."""


SpecSource: TypeAlias = "str | os.PathLike[str] | SpecFile | GraphModel | Mapping[str, Any]"
"""A path or a text, of a spec or of a graph in JSON; a spec as data, a graph as data, or either as a dict."""


def custom_catalog(files: list[str]) -> Catalog:
    """The layers that a spec may use. Raises `SpecError` where a file declares none, or one twice."""
    if not files:
        return Catalog()
    from netspec.elaborate.custom_layers import OwnLayerError

    try:
        return Catalog(files)
    except OwnLayerError as error:
        helps = (Help(error.help),) if error.help else ()
        raise SpecError(Diagnostic(Code.OWN_LAYER, error.message, None, helps=helps)) from None


def layer_files(layers: object) -> list[str] | None:
    """The files that `layers` names, or None for a value of another kind."""
    paths = [layers] if isinstance(layers, str | os.PathLike) else layers
    if not isinstance(paths, list | tuple) or not paths:
        return None
    if not all(isinstance(path, str | os.PathLike) for path in paths):
        return None
    return [os.fspath(path) for path in paths]


def source_report(
    path_or_text: SpecSource,
    params: Mapping[str, object],
    preset: str | None,
    catalog: Catalog,
) -> Report:
    """The report on what `netspec.load` is called with."""
    if isinstance(path_or_text, Mapping):
        report = check_text(_json_of(path_or_text), "<dict>", params, preset, catalog)
    elif not isinstance(path_or_text, str | os.PathLike):
        return _report_of_data(path_or_text, params, preset, catalog)
    elif isinstance(path_or_text, str) and is_text(path_or_text):
        report = check_text(path_or_text, "<text>", params, preset, catalog)
    else:
        report = check(os.fspath(path_or_text), params, preset, catalog)
    if not report.document.is_graph_data:
        return report
    from netspec.schema.graph import graph_report

    return graph_report(report.document, catalog, params, preset)


def _json_of(data: Mapping[str, Any]) -> str:
    """A spec or graph as text, whose lines its diagnostics point into."""
    import json

    try:
        return json.dumps(data, indent=2, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"the dict is not the data of a spec or graph: {error}") from None


def _report_of_data(
    data: SpecFile | GraphModel, params: Mapping[str, object], preset: str | None, catalog: Catalog
) -> Report:
    from netspec.schema.graph import GraphModel, model_report
    from netspec.schema.spec_file import SpecFile

    if isinstance(data, SpecFile):
        return check_text(data.to_yaml(), data.file or "<spec>", params, preset, catalog)
    if not isinstance(data, GraphModel):
        kind = type(data).__name__
        raise TypeError(f"expected a path, a text, a SpecFile, a GraphModel or a dict, not {kind}")
    if params or preset is not None:
        raise TypeError("a graph has no parameters and presets to choose")
    return model_report(data, catalog)


def is_text(path_or_text: str) -> bool:
    """Whether it is the text of a spec, and not a path."""
    return "\n" in path_or_text or path_or_text.lstrip().startswith("{")
