"""netspec from Python: `load` a spec, then check it, look at it, compile it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from netspec.check import Report, check, check_text, without_collecting
from netspec.diagnostics import Code, Diagnostic, Help, Span, SpecError
from netspec.elaborate import Catalog
from netspec.graph import Graph, Value

if TYPE_CHECKING:
    from torch import nn

    from netspec.codegen import Generated
    from netspec.codegen.presets import Family
    from netspec.schema import SpecFile
    from netspec.schema.graph import GraphModel


class MissingTorchError(ImportError):
    """PyTorch is wanted and not installed."""

    def __init__(self) -> None:
        super().__init__(
            "compiling requires PyTorch, which is not installed; install it with\n    pip "
            "install 'netspec-compiler[torch]'"
        )


class PrintedReport(Report):
    """A report that prints as `netspec check` prints it."""

    def __str__(self) -> str:
        from netspec.report.status_line import verdict

        findings = _in_full(self.diagnostics, self.document.source.name)
        if self.errors:
            return findings
        ok = f"{self.document.source.name}: {verdict(self)}"
        return f"{findings}\n\n{ok}" if findings else ok

    def __repr__(self) -> str:
        return f"<Report of {self.document.source.name}: {_summed(self)}>"


def _in_full(diagnostics: Sequence[Diagnostic], file: str) -> str:
    """Findings with their lines of the source, notes and helps."""
    from netspec.report.diagnostic import full

    return "\n\n".join(full(d, file=file) for d in diagnostics)


def _summed(report: Report) -> str:
    """`2 errors, 1 warning`; `ok` where there is nothing to say."""
    from netspec.report.numbers import counted

    errors = len(report.errors)
    warnings = len(report.diagnostics) - errors
    parts = [counted(n, noun) for n, noun in ((errors, "error"), (warnings, "warning")) if n]
    return ", ".join(parts) or "ok"


class Network:
    """A spec with its parameters set: it can be checked, elaborated and compiled."""

    def __init__(
        self,
        report: Report,
        settings: Mapping[str, object] | None = None,
        catalog: Catalog | None = None,
    ) -> None:
        self.report: Report = PrintedReport(
            report.document, report.spec, report.graph, report.diagnostics
        )
        self._settings, self._catalog = settings, catalog

    def __repr__(self) -> str:
        graph = self.report.graph
        if self.report.errors or graph is None:
            kind = "" if self.report.errors or self.report.spec is None else ", a library"
            return f"<Network {self.name}{kind}: {_summed(self.report)}>"
        from netspec.report.numbers import counted

        flow = " → ".join(", ".join(map(_shape, v)) for v in (graph.inputs, graph.outputs.values))
        return f"<Network {self.name}: {flow}, {counted(graph.parameter_count, 'parameter')}>"

    @property
    def name(self) -> str:
        """What the network is called."""
        return self.report.spec.name if self.report.spec else self.report.document.source.name

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All findings, in the order of the text."""
        return self.report.diagnostics

    def check(self) -> Report:
        """The report; the same that `netspec check` prints."""
        return self.report

    def elaborate(self) -> Graph:
        """The typed graph. Raises `SpecError` with every error if there are any."""
        if self.report.errors:
            raise _spec_error(self.report.errors, self.report.document.source.name)
        if self.report.graph is None:
            raise SpecError(
                Diagnostic("NS022", f"`{self.name}` is a library: it has no body", None)
            )
        return self.report.graph

    def graph_model(self) -> GraphModel:
        r"""The elaborated network as data. Raises `SpecError` with every error if there are any.

        Example:
            >>> network = load("netspec: 1\ninputs: {image: [N, 3, H, W]}\nbody: [ReLU]")
            >>> network.graph_model().nodes[0].outputs[0].shape
            ['N', 3, 'H', 'W']
        """
        from netspec.schema.graph import graph_model

        return graph_model(self.elaborate(), self.report.spec)

    def source(self, *, presets: bool = False) -> str:
        """The source of a Python program that defines the network; it needs torch alone.

        With `presets`, it has a function for each preset of the file as well, such as `resnet18()`. A preset
        that the program cannot carry is left out with a warning.
        """
        if not presets:
            return self._generated().source
        from warnings import warn

        family = self._family()
        for preset, reason in family.left_out:
            warn(f"the preset `{preset}` is skipped: {reason}", stacklevel=2)
        return family.generated.source

    def compile(self) -> nn.Module:
        """The network as an `nn.Module`, its weights freshly initialized."""
        generated = self._generated()
        try:
            from netspec.build import build
        except ModuleNotFoundError as error:
            if error.name != "torch":
                raise
            raise MissingTorchError from None
        try:
            return without_collecting(
                lambda: build(generated.source, generated.class_name, generated.annotated)
            )
        except ModuleNotFoundError as error:
            error.add_note(f"the program of `{self.name}` imports it: add it to the Python path")
            raise

    def render(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        format: str = "",
        depth: int | None = None,
        focus: str = "",
        theme: str = "light",
        by: str = "",
    ) -> str | bytes:
        """The network as a picture; written to `path`, if there is one, whose ending says the format.

        `format` is `svg`, `png` or `pdf`, which want Graphviz, or `dot`, `mermaid`, `boxes` or `rail` (default).
        Raises `SpecError` where the spec has errors, and `EngineError` where Graphviz cannot draw.
        """
        from netspec.render import picture, scene

        kind = format or (
            os.path.splitext(os.fspath(path))[1].lstrip(".") if path is not None else "rail"
        )
        content = picture(scene(self.elaborate(), depth=depth, focus=focus), kind, theme, by)
        if path is not None:
            with open(path, "wb") as file:
                file.write(content if isinstance(content, bytes) else content.encode())
        return content

    def _repr_svg_(self) -> str | None:
        """What a notebook shows: the picture, where the spec is valid and Graphviz is there."""
        from netspec.render import EngineError, fitting_depth, picture, scene

        if self.report.errors or self.report.graph is None:
            return None
        graph = self.report.graph
        try:
            svg = picture(scene(graph, depth=fitting_depth(graph)), "svg")
        except EngineError:
            return None
        return svg.decode() if isinstance(svg, bytes) else svg

    def load_weights(self, module: nn.Module, path: str | os.PathLike[str]) -> None:
        """Load the weights in a file into a module of this network, names renamed by the spec's `rename`.

        Every weight must be there and have its shape. Nothing in the file is run. Raises `SpecError` with
        what `netspec check --weights` says where it does not fit.
        """
        from netspec.build.weights import load_weights
        from netspec.syntax.rename_rules import rename_spans
        from netspec.weights import WeightsError, read_checkpoint
        from netspec.weights.agreement import agreement, file_problem

        name, spec = os.fspath(path), self.report.spec
        rules = spec.rename if spec is not None else {}
        spans = rename_spans(spec) if spec is not None else {}
        file_start = Span(self.report.document.source, 0, 0)
        try:
            problems = agreement(self.elaborate(), read_checkpoint(name), rules, file_start, spans)
            if errors := [d for d in problems if d.severity == "error"]:
                raise _spec_error(errors, self.report.document.source.name)
            load_weights(module, name, rules)
        except WeightsError as error:
            raise SpecError(file_problem(error, file_start)) from None

    def _generated(self) -> Generated:
        from netspec.codegen import generate

        file = self.report.document.source.name
        graph, spec = self.elaborate(), self.report.spec
        return without_collecting(
            lambda: generate(graph, "" if file.startswith("<") else file, spec)
        )

    def _family(self) -> Family:
        from netspec.codegen.presets import generate_family

        file = self.report.document.source.name
        graph, spec = self.elaborate(), self.report.spec
        assert spec is not None
        return without_collecting(
            lambda: generate_family(
                graph, "" if file.startswith("<") else file, spec, self._settings, self._catalog
            )
        )


def _spec_error(errors: Sequence[Diagnostic], file: str) -> SpecError:
    """The error that prints findings as the command line does."""
    return SpecError(*errors, text=_in_full(errors, file))


def _shape(value: Value) -> str:
    return f"[{', '.join(map(str, value.shape or ()))}]"


Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A path, or several."""
SpecSource: TypeAlias = "str | os.PathLike[str] | SpecFile | GraphModel"
"""A path, the text of a spec, a spec as data, or a graph as data."""


def load(
    path_or_text: SpecSource,
    *,
    preset: str | None = None,
    layers: Paths | None = None,
    **params: Any,
) -> Network:
    r"""A spec from a file, from its text, or from a `SpecFile`; `params` override the file's parameters.

    A text is distinguished from a path by its line breaks: `load("netspec: 1\n…")`. A `GraphModel` is a network
    without parameters. `layers` names the files
    that declare layers of your own; whatever is no path is the value of a parameter of that name.
    """
    files = _files(layers)
    if layers is not None and files is None:
        params["layers"] = layers
    catalog = _catalog(files or [])
    return Network(_report(path_or_text, params, preset, catalog), params, catalog)


def _catalog(files: list[str]) -> Catalog:
    """The layers that a spec may use. Raises `SpecError` where a file declares none, or one twice."""
    if not files:
        return Catalog()
    from netspec.elaborate.custom_layers import OwnLayerError

    try:
        return Catalog(files)
    except OwnLayerError as error:
        helps = (Help(error.help),) if error.help else ()
        raise SpecError(Diagnostic(Code.OWN_LAYER, error.message, None, helps=helps)) from None


def _files(layers: object) -> list[str] | None:
    """The files that `layers` names, or None for a value of another kind."""
    paths = [layers] if isinstance(layers, str | os.PathLike) else layers
    if not isinstance(paths, list | tuple) or not paths:
        return None
    if not all(isinstance(path, str | os.PathLike) for path in paths):
        return None
    return [os.fspath(path) for path in paths]


def _report(
    path_or_text: SpecSource,
    params: Mapping[str, object],
    preset: str | None,
    catalog: Catalog,
) -> Report:
    if not isinstance(path_or_text, str | os.PathLike):
        return _report_of_data(path_or_text, params, preset, catalog)
    path_text = os.fspath(path_or_text)
    if not isinstance(path_or_text, os.PathLike) and _is_text(path_text):
        return check_text(path_text, "<text>", params, preset, catalog)
    return check(path_text, params, preset, catalog)


def _report_of_data(
    data: SpecFile | GraphModel, params: Mapping[str, object], preset: str | None, catalog: Catalog
) -> Report:
    from netspec.schema.graph import GraphModel, report
    from netspec.schema.spec_file import SpecFile

    if isinstance(data, SpecFile):
        return check_text(data.to_yaml(), data.file or "<spec>", params, preset, catalog)
    if not isinstance(data, GraphModel):
        kind = type(data).__name__
        raise TypeError(f"expected a path, a text, a SpecFile or a GraphModel, not {kind}")
    if params or preset is not None:
        raise TypeError("a graph has no parameters and presets to choose")
    return report(data, catalog)


def _is_text(path_or_text: str) -> bool:
    return "\n" in path_or_text or path_or_text.lstrip().startswith("{")


def source(
    path_or_text: SpecSource,
    *,
    preset: str | None = None,
    layers: Paths | None = None,
    **params: Any,
) -> str:
    """The generated source of a spec. Raises `SpecError` where the spec has errors."""
    return load(path_or_text, preset=preset, layers=layers, **params).source()


def compile(
    path_or_text: SpecSource,
    *,
    preset: str | None = None,
    layers: Paths | None = None,
    **params: Any,
) -> nn.Module:
    """A spec as an `nn.Module`. Raises `SpecError`, and `MissingTorchError` without PyTorch."""
    # One pause of the collector, not one a stage: between two it would walk all that the first has made.
    return without_collecting(
        lambda: load(path_or_text, preset=preset, layers=layers, **params).compile()
    )
