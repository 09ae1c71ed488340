"""The Python API: `load` a spec, then check, render or compile it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from netspec.check import Report, check, check_text, without_collecting
from netspec.diagnostics import Code, Diagnostic, Help, Severity, Span, SpecError
from netspec.elaborate import Catalog
from netspec.graph import Graph, Value

if TYPE_CHECKING:
    from torch import nn

    from netspec.codegen import Generated
    from netspec.codegen.generation import Rewrite
    from netspec.codegen.presets import Family
    from netspec.schema import SpecFile
    from netspec.schema.graph import GraphModel


class MissingTorchError(ImportError):
    """PyTorch is required and is not installed. A subclass of `ImportError`.

    Example:
        >>> import netspec
        >>> issubclass(netspec.MissingTorchError, ImportError)
        True
    """

    def __init__(self) -> None:
        super().__init__(
            "compiling requires PyTorch, which is not installed; install it with\n    pip "
            "install 'netspec-compiler[torch]'"
        )


class PrintedReport(Report):
    """A report that prints as `netspec check` prints it."""

    def __str__(self) -> str:
        from netspec.report.status_line import verdict

        text = _in_full(self.diagnostics, self.document.source.name)
        if self.errors:
            return text
        ok = f"{self.document.source.name}: {verdict(self)}"
        return f"{text}\n\n{ok}" if text else ok

    def __repr__(self) -> str:
        return f"<Report of {self.document.source.name}: {_summed(self)}>"


def _in_full(diagnostics: Sequence[Diagnostic], file: str) -> str:
    """Diagnostics with their lines of the source, notes and helps."""
    from netspec.report.diagnostic import full

    return "\n\n".join(full(d, file=file) for d in diagnostics)


def _summed(report: Report) -> str:
    """`2 errors, 1 warning`; `ok` for none."""
    from netspec.report.numbers import counted

    errors = len(report.errors)
    warnings = len(report.diagnostics) - errors
    parts = [counted(n, noun) for n, noun in ((errors, "error"), (warnings, "warning")) if n]
    return ", ".join(parts) or "ok"


class Network:
    r"""A spec with values for its parameters, as `load` returns it.

    Attributes:
        report: The report of the check: the spec, the graph and the diagnostics.

    Example:
        >>> import netspec
        >>> network = netspec.load("netspec: 1\ninputs: {image: [N, 3, H, W]}\nbody: [ReLU]")
        >>> network
        <Network <text>: [N, 3, H, W] → [N, 3, H, W], 0 parameters>
    """

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
        """The name of the network: that of the spec, or of its file."""
        return self.report.spec.name if self.report.spec else self.report.document.source.name

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All diagnostics, errors and warnings, in the order of the text."""
        return self.report.diagnostics

    def check(self) -> Report:
        r"""Return the report, which prints as `netspec check` prints it. Never raises.

        Returns:
            The report. `report.valid` is whether the spec has no errors.

        Example:
            >>> import netspec
            >>> network = netspec.load("netspec: 1\ninputs: {image: [N, 3, H, W]}\nbody: [Relu]")
            >>> network.check().valid
            False
        """
        return self.report

    def elaborate(self) -> Graph:
        r"""Return the typed graph: every step unrolled, with the shapes of all values.

        Returns:
            The graph.

        Raises:
            SpecError: The spec has errors; the exception has all of them.

        Example:
            >>> import netspec
            >>> text = "netspec: 1\ninputs: {t: [N, 8, L]}\nbody: [{op: MaxPool1d, kernel_size: 2}]"
            >>> network = netspec.load(text)
            >>> [str(size) for size in network.elaborate().outputs.values[0].shape]
            ['N', '8', 'L//2']
        """
        if self.report.errors:
            raise _spec_error(self.report.errors, self.report.document.source.name)
        if self.report.graph is None:
            raise SpecError(
                Diagnostic("NS022", f"`{self.name}` is a library: it has no body", None)
            )
        return self.report.graph

    def graph_model(self) -> GraphModel:
        r"""Return the elaborated network as data, for JSON.

        Returns:
            The graph model.

        Raises:
            SpecError: The spec has errors; the exception has all of them.

        Example:
            >>> import netspec
            >>> network = netspec.load("netspec: 1\ninputs: {image: [N, 3, H, W]}\nbody: [ReLU]")
            >>> network.graph_model().nodes[0].outputs[0].shape
            ['N', 3, 'H', 'W']
        """
        from netspec.schema.graph import graph_model

        return graph_model(self.elaborate(), self.report.spec)

    def source(self, *, presets: bool = False, optimize: Optimization | None = None) -> str:
        r"""Return the source of a Python program that defines the network. The program imports PyTorch only.

        Args:
            presets: Whether to add a function for each preset of the file, such as `resnet18()`. A warning
                reports each preset that one program cannot represent.
            optimize: `training` for a program that trains in less memory, `inference` for a program with
                a class that runs on folded weights; the results differ by rounding.

        Returns:
            The source, formatted.

        Raises:
            SpecError: The spec has errors; the exception has all of them.
            ValueError: `optimize` is not a known word, or there is no such program with `presets`.

        Example:
            >>> import netspec
            >>> network = netspec.load("netspec: 1\nname: net\ninputs: {image: [N, 3, H, W]}\nbody: [ReLU]")
            >>> "class Net(nn.Sequential):" in network.source()
            True
        """
        if not presets:
            return generated_program(self, optimize).source
        if optimize == "inference":
            raise ValueError("a program for inference has one class and no functions for presets")
        from warnings import warn

        family = generated_family(self, optimize)
        for preset, reason in family.left_out:
            warn(f"the preset `{preset}` is skipped: {reason}", stacklevel=2)
        return family.generated.source

    def compile(
        self, *, initialize: bool = True, optimize: Optimization | None = None
    ) -> nn.Module:
        r"""Construct the network as an `nn.Module` with newly initialized weights.

        Args:
            initialize: Whether to initialize the weights. Pass `False` if `load_weights` or `load_state_dict`
                overwrites them anyway: until then, weights that would be random are uninitialized memory.
            optimize: `training` for a module that trains in less memory, `inference` for a module that
                runs on folded weights, in evaluation and without gradients. The results differ by rounding; the
                weights have the same names and values.

        Returns:
            The module.

        Raises:
            SpecError: The spec has errors; the exception has all of them.
            ValueError: `optimize` is not a known word.
            MissingTorchError: PyTorch is not installed.

        Example:
            >>> import netspec
            >>> network = netspec.load("netspec: 1\ninputs: {t: [N, 4]}\nbody: [{op: Linear, out_features: 2}]")
            >>> sum(p.numel() for p in network.compile().parameters())
            10
        """
        generated = generated_program(self, optimize)
        try:
            from netspec.build import build
        except ModuleNotFoundError as error:
            if error.name != "torch":
                raise
            raise MissingTorchError from None
        try:
            return without_collecting(
                lambda: build(
                    generated.source, generated.class_name, generated.annotated, draws=initialize
                )
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
        r"""Render the network as a picture.

        Args:
            path: The file to write; its suffix determines the format.
            format: `svg`, `png` or `pdf`, which require Graphviz, or `dot`, `mermaid`, `boxes` or `rail`. The
                default is the suffix of `path`, or `rail`.
            depth: The levels of the module tree to show; None for all.
            focus: The path of a module; only that module is drawn.
            theme: `light`, `dark` or `print`.
            by: The cost that shades the boxes: `params`, `macs` or `activations`; empty for the kind of layer.

        Returns:
            The picture: bytes for `png` and `pdf`, otherwise text.

        Raises:
            SpecError: The spec has errors; the exception has all of them.
            EngineError: Graphviz is not installed, or cannot draw the network.

        Example:
            >>> import netspec
            >>> network = netspec.load("netspec: 1\ninputs: {image: [N, 3, H, W]}\nbody: [ReLU]")
            >>> network.render(format="mermaid").startswith("flowchart")
            True
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
        """The picture in a notebook, if the spec is valid and Graphviz is installed."""
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
        """Load a file of weights into a module of this network. The `rename` of the spec renames its entries.

        The file must have every weight with its shape. No code in the file is run.

        Args:
            module: The module that `compile` returned.
            path: A file of safetensors, or of `torch.save`.

        Raises:
            SpecError: The file does not match; the exception has the errors of `netspec check --weights`.
        """
        from netspec.build.weights import load_weights
        from netspec.syntax.rename_rules import rename_spans
        from netspec.weights import WeightsError, read_checkpoint
        from netspec.weights.agreement import agreement, file_diagnostic

        name, spec = os.fspath(path), self.report.spec
        rules = spec.rename if spec is not None else {}
        spans = rename_spans(spec) if spec is not None else {}
        file_start = Span(self.report.document.source, 0, 0)
        try:
            diagnostics = agreement(
                self.elaborate(), read_checkpoint(name), rules, file_start, spans
            )
            if errors := [d for d in diagnostics if d.severity == Severity.ERROR]:
                raise _spec_error(errors, self.report.document.source.name)
            load_weights(module, name, rules)
        except WeightsError as error:
            raise SpecError(file_diagnostic(error, file_start)) from None


Optimization: TypeAlias = Literal["training", "inference"]
"""The purpose that a program is rewritten for."""


def generated_program(network: Network, optimize: Optimization | None = None) -> Generated:
    """The program of a network."""
    from netspec.codegen import generate

    file = network.report.document.source.name
    graph, spec = network.elaborate(), network.report.spec
    rewrite = _rewrite(optimize)
    return without_collecting(
        lambda: generate(graph, "" if file.startswith("<") else file, spec, rewrite=rewrite)
    )


def generated_family(network: Network, optimize: Optimization | None = None) -> Family:
    """The program of a network with a function for each preset, and the presets that it omits."""
    from netspec.codegen.presets import generate_family

    file = network.report.document.source.name
    graph, spec = network.elaborate(), network.report.spec
    assert spec is not None
    return without_collecting(
        lambda: generate_family(
            graph,
            "" if file.startswith("<") else file,
            spec,
            network._settings,
            network._catalog,
            _rewrite(optimize),
        )
    )


def _rewrite(optimize: str | None) -> Rewrite | None:
    """The rewrite of a program for a purpose."""
    if optimize is None:
        return None
    if optimize == "training":
        from netspec.optimize import optimize_training

        return optimize_training
    if optimize == "inference":
        from netspec.optimize.inference import optimize_inference

        return optimize_inference
    raise ValueError(f"`optimize` must be 'training', 'inference' or None, got {optimize!r}")


def _spec_error(errors: Sequence[Diagnostic], file: str) -> SpecError:
    """The error that prints diagnostics as the command line does."""
    return SpecError(*errors, text=_in_full(errors, file))


def _shape(value: Value) -> str:
    return f"[{', '.join(map(str, value.shape or ()))}]"


Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A path, or several."""
SpecSource: TypeAlias = "str | os.PathLike[str] | SpecFile | GraphModel | Mapping[str, Any]"
"""A path or a text, of a spec or of a graph in JSON; a spec as data, a graph as data, or either as a dict."""


def load(
    path_or_text: SpecSource,
    *,
    preset: str | None = None,
    layers: Paths | None = None,
    **params: Any,
) -> Network:
    r"""Load a spec from a file, from its text, or from data.

    Loading does not fail on errors of the spec: `Network.check` reports them, and `Network.compile` raises them.

    Args:
        path_or_text: A path; the text of a spec, which has a line break or starts with `{`; a `SpecFile`; a
            graph as a `GraphModel` or as JSON, which has no parameters; or a dict with what the JSON of a spec
            or graph holds.
        preset: The name of a preset of the spec.
        layers: Files with custom layers. Any value that is not a path is the value of a parameter `layers`.
        params: Values of parameters of the spec, which override those of the preset.

    Returns:
        The network.

    Raises:
        SpecError: A file of `layers` cannot be used.
        TypeError: The first argument has the wrong type, or a `GraphModel` has parameters.

    Example:
        >>> import netspec
        >>> network = netspec.load(
        ...     "netspec: 1\nparams: {width: 8}\ninputs: {t: [N, 4]}\nbody: [{op: Linear, out_features: =width}]",
        ...     width=16,
        ... )
        >>> network.elaborate().parameter_count
        80
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
    if isinstance(path_or_text, Mapping):
        report = check_text(_json_of(path_or_text), "<dict>", params, preset, catalog)
    elif not isinstance(path_or_text, str | os.PathLike):
        return _report_of_data(path_or_text, params, preset, catalog)
    elif isinstance(path_or_text, str) and _is_text(path_or_text):
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


def _is_text(path_or_text: str) -> bool:
    return "\n" in path_or_text or path_or_text.lstrip().startswith("{")


def source(
    path_or_text: SpecSource,
    *,
    preset: str | None = None,
    layers: Paths | None = None,
    **params: Any,
) -> str:
    r"""Return the generated program of a spec: `load(…).source()`.

    Args:
        path_or_text: A path, the text of a spec, a `SpecFile` or a `GraphModel`, as for `load`.
        preset: The name of a preset of the spec.
        layers: Files with custom layers.
        params: Values of parameters of the spec.

    Returns:
        The source, formatted.

    Raises:
        SpecError: The spec has errors; the exception has all of them.

    Example:
        >>> import netspec
        >>> program = netspec.source("netspec: 1\ninputs: {t: [N, 4]}\nbody: [{op: Linear, out_features: 2}]")
        >>> "nn.Linear(4, 2)" in program
        True
    """
    return load(path_or_text, preset=preset, layers=layers, **params).source()


def compile(
    path_or_text: SpecSource,
    *,
    preset: str | None = None,
    layers: Paths | None = None,
    initialize: bool = True,
    **params: Any,
) -> nn.Module:
    r"""Construct the module of a spec: `load(…).compile()`.

    Args:
        path_or_text: A path, the text of a spec, a `SpecFile` or a `GraphModel`, as for `load`.
        preset: The name of a preset of the spec.
        layers: Files with custom layers.
        initialize: Whether to initialize the weights, as for `Network.compile`.
        params: Values of parameters of the spec.

    Returns:
        The module, with newly initialized weights.

    Raises:
        SpecError: The spec has errors; the exception has all of them.
        MissingTorchError: PyTorch is not installed.

    Example:
        >>> import netspec
        >>> import torch
        >>> module = netspec.compile("netspec: 1\ninputs: {t: [N, 4]}\nbody: [{op: Linear, out_features: 2}]")
        >>> module(torch.zeros(3, 4)).shape
        torch.Size([3, 2])
    """
    # One pause of the collector, not one a stage: between two it would walk all that the first has made.
    return without_collecting(
        lambda: load(path_or_text, preset=preset, layers=layers, **params).compile(
            initialize=initialize
        )
    )
