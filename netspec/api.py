"""The Python API: `load` a spec, then check, render or compile it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from netspec.check import Report, without_collecting
from netspec.diagnostics import Diagnostic, Diagnostics, Severity, Span, SpecError
from netspec.elaborate import Catalog
from netspec.graph import Graph, Value
from netspec.printed_report import PrintedReport, counted_diagnostics, diagnostics_in_full
from netspec.program_cache import (
    PROGRAMS,
    CompiledProgram,
    depends_on_text_alone,
    file_key,
    text_key,
)
from netspec.spec_sources import (
    Paths,
    SpecSource,
    custom_catalog,
    is_text,
    layer_files,
    source_report,
)

if TYPE_CHECKING:
    from torch import nn

    from netspec.codegen import Generated
    from netspec.codegen.generation import Rewrite
    from netspec.codegen.presets import Family
    from netspec.optimize.memory import MemoryPlan
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
        preset: str | None = None,
    ) -> None:
        self.report: Report = PrintedReport(
            report.document, report.spec, report.graph, report.diagnostics
        )
        self._settings, self._catalog, self._preset = settings, catalog, preset
        self._programs: dict[object, CompiledProgram] = {}

    def __repr__(self) -> str:
        graph = self.report.graph
        if self.report.errors or graph is None:
            kind = "" if self.report.errors or self.report.spec is None else ", a library"
            return f"<Network {self.name}{kind}: {counted_diagnostics(self.report)}>"
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

    def memory_plan(self, sizes: Mapping[str, int] | None = None) -> MemoryPlan:
        r"""Predict the memory of a training step, and what checkpoints make of it.

        Args:
            sizes: The sizes of symbols, that of the batch at least; the examples of the spec for others.

        Returns:
            Programs of which none has both a higher peak and more recomputation than another.

        Raises:
            SpecError: The spec has errors; the exception has all of them.
            ValueError: A symbol has no size.

        Example:
            >>> import netspec
            >>> text = "netspec: 1\ninputs: {t: [N, 4]}\nbody: [{op: Linear, out_features: 2}]"
            >>> plan = netspec.load(text).memory_plan({"N": 8})
            >>> plan.parameter_bytes, plan.input_bytes, [row.recomputed_flops for row in plan.rows]
            (40, 128, [0])
        """
        from netspec.optimize.memory import complete_sizes, plan_memory

        graph = self.elaborate()
        complete = complete_sizes(graph, sizes or {})
        return without_collecting(lambda: plan_memory(graph, complete))

    def source(
        self,
        *,
        presets: bool = False,
        optimize: Optimization | None = None,
        memory: int | None = None,
        sizes: Mapping[str, int] | None = None,
    ) -> str:
        r"""Return the source of a Python program that defines the network. The program imports PyTorch only.

        Args:
            presets: Whether to add a function for each preset of the file, such as `resnet18()`. A warning
                reports each preset that one program cannot represent.
            optimize: `training` for a program that trains in less memory, `memory` for one whose training step
                fits into `memory`, `inference` for a program with a class that runs on folded weights; the
                results differ by rounding.
            memory: The bytes that a training step may take; `optimize` is `memory`.
            sizes: With `memory`, the sizes of symbols, as for `memory_plan`.

        Returns:
            The source, formatted.

        Raises:
            SpecError: The spec has errors; the exception has all of them.
            ValueError: `optimize` is not a known word, there is no such program with `presets`, or none fits
                into `memory`.

        Example:
            >>> import netspec
            >>> network = netspec.load("netspec: 1\nname: net\ninputs: {image: [N, 3, H, W]}\nbody: [ReLU]")
            >>> "class Net(nn.Sequential):" in network.source()
            True
        """
        if not presets:
            return generated_program(self, optimize, memory, sizes).source
        if optimize == "inference":
            raise ValueError("a program for inference has one class and no functions for presets")
        if optimize == "memory" or memory is not None:
            raise ValueError("a program for a budget of memory has no functions for presets")
        from warnings import warn

        family = generated_family(self, optimize)
        for preset, reason in family.left_out:
            warn(f"the preset `{preset}` is skipped: {reason}", stacklevel=2)
        return family.generated.source

    def compile(
        self,
        *,
        initialize: bool = True,
        optimize: Optimization | None = None,
        memory: int | None = None,
        sizes: Mapping[str, int] | None = None,
    ) -> nn.Module:
        r"""Construct the network as an `nn.Module` with newly initialized weights.

        Args:
            initialize: Whether to initialize the weights. Pass `False` if `load_weights` or `load_state_dict`
                overwrites them anyway: until then, weights that would be random are uninitialized memory.
            optimize: `training` for a module that trains in less memory, `memory` for one whose training step
                fits into `memory`, `inference` for a module that runs on folded weights, in evaluation and
                without gradients. The results differ by rounding; the weights have the same names and values.
            memory: The bytes that a training step may take; `optimize` is `memory`.
            sizes: With `memory`, the sizes of symbols, as for `memory_plan`.

        Returns:
            The module.

        Raises:
            SpecError: The spec has errors; the exception has all of them.
            ValueError: `optimize` is not a known word, or no program fits into `memory`.
            MissingTorchError: PyTorch is not installed.

        Example:
            >>> import netspec
            >>> network = netspec.load("netspec: 1\ninputs: {t: [N, 4]}\nbody: [{op: Linear, out_features: 2}]")
            >>> sum(p.numel() for p in network.compile().parameters())
            10
        """
        program = _compiled_program(self, optimize, memory, sizes)
        return _constructed(program, initialize=initialize)

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


def _compiled_program(
    network: Network,
    optimize: Optimization | None,
    memory: int | None = None,
    sizes: Mapping[str, int] | None = None,
) -> CompiledProgram:
    """The program of a network as text, which is generated once."""
    key = (optimize, memory, tuple(sorted((sizes or {}).items())))
    program = network._programs.get(key)
    if program is None:
        generated = generated_program(network, optimize, memory, sizes)
        program = CompiledProgram(
            generated.source, generated.class_name, generated.annotated, network.name
        )
        network._programs[key] = program
    return program


def _constructed(program: CompiledProgram, *, initialize: bool) -> nn.Module:
    """A module of a program."""
    try:
        from netspec.build import build
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingTorchError from None
    try:
        return without_collecting(
            lambda: build(program.source, program.class_name, program.annotated, draws=initialize)
        )
    except ModuleNotFoundError as error:
        error.add_note(f"the program of `{program.network}` imports it: add it to the Python path")
        raise


Optimization: TypeAlias = Literal["training", "memory", "inference"]
"""The purpose that a program is rewritten for."""


def generated_program(
    network: Network,
    optimize: Optimization | None = None,
    memory: int | None = None,
    sizes: Mapping[str, int] | None = None,
    weights: str = "",
) -> Generated:
    """The program of a network; one for inference may load a file of weights next to it."""
    from netspec.codegen import generate

    if optimize == "memory" or memory is not None:
        return _program_within(network, optimize, memory, sizes)
    file = network.report.document.source.name
    graph, spec = network.elaborate(), network.report.spec
    rewrite = _rewrite(optimize, weights)
    return without_collecting(
        lambda: generate(graph, "" if file.startswith("<") else file, spec, rewrite=rewrite)
    )


def _program_within(
    network: Network,
    optimize: Optimization | None,
    memory: int | None,
    sizes: Mapping[str, int] | None,
) -> Generated:
    """The program of a network whose training step fits into a budget."""
    from netspec.elaborate import elaborate
    from netspec.optimize.memory import BudgetError, program_within

    if memory is None:
        raise ValueError("`optimize='memory'` requires a budget in bytes: `memory=2 * 2**30`")
    if optimize not in {None, "memory", "training"}:
        raise ValueError(f"`memory` is a budget for training, not for {optimize}")
    plan = network.memory_plan(sizes)
    row = plan.best(memory, training_only=optimize == "training")
    if row is None:
        raise BudgetError(plan, memory)
    file, spec = network.report.document.source.name, network.report.spec

    def elaborate_again() -> Graph:
        assert spec is not None
        settings = dict(network._settings or {})
        graph = elaborate(spec, Diagnostics(), settings, network._preset, None, network._catalog)
        assert graph is not None
        return graph

    name = "" if file.startswith("<") else file
    return without_collecting(lambda: program_within(plan, row, elaborate_again, name, spec))


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


def _rewrite(optimize: str | None, weights: str = "") -> Rewrite | None:
    """The rewrite of a program for a purpose."""
    if optimize is None:
        return None
    if optimize == "training":
        from netspec.optimize import optimize_training

        return optimize_training
    if optimize == "inference":
        from netspec.optimize.inference import optimize_inference

        return partial(optimize_inference, weights=weights)
    raise ValueError(
        f"`optimize` must be 'training', 'memory', 'inference' or None, got {optimize!r}"
    )


def _spec_error(errors: Sequence[Diagnostic], file: str) -> SpecError:
    """The error that prints diagnostics as the command line does."""
    return SpecError(*errors, text=diagnostics_in_full(errors, file))


def _shape(value: Value) -> str:
    return f"[{', '.join(map(str, value.shape or ()))}]"


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
    files = layer_files(layers)
    if layers is not None and files is None:
        params["layers"] = layers
    catalog = custom_catalog(files or [])
    return Network(source_report(path_or_text, params, preset, catalog), params, catalog, preset)


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

    def module() -> nn.Module:
        key = _program_key(path_or_text, preset, params) if layers is None else None
        program = PROGRAMS.find(key)
        if program is None:
            network = load(path_or_text, preset=preset, layers=layers, **params)
            program = _compiled_program(network, None)
            if depends_on_text_alone(network.elaborate(), network.report.spec):
                PROGRAMS.add(key, program)
        return _constructed(program, initialize=initialize)

    # One pause of the collector, not one a stage: between two it would walk all that the first has made.
    return without_collecting(module)


def _program_key(
    path_or_text: SpecSource, preset: str | None, params: Mapping[str, object]
) -> bytes | None:
    """What the program of a spec depends on; None for data."""
    if not isinstance(path_or_text, str | os.PathLike):
        return None
    if isinstance(path_or_text, str) and is_text(path_or_text):
        return text_key(path_or_text, preset, params)
    return file_key(path_or_text, preset, params)
