"""Every spec in specs/: clean, valid where it says and nowhere else, and of the shapes it says."""

from __future__ import annotations

import re

import gallery
import gallery_page
import pytest
import torch
from torch import nn

from netspec.graph import Graph

EVERY_SPEC = pytest.mark.parametrize("name", gallery.NAMES)
CHEAP = {name for name in gallery.NAMES if gallery.graph(name).macs() < 4e8}


def test_the_gallery_is_not_empty() -> None:
    assert {"densenet121", "resnet", "textbook/lenet", "unet"} <= set(gallery.NAMES)


def test_the_page_of_the_gallery_is_up_to_date() -> None:
    assert gallery_page.PAGE.read_text(encoding="utf-8") == gallery_page.page()


@EVERY_SPEC
def test_every_preset_checks_without_a_diagnostic(name: str) -> None:
    for preset in gallery.presets(name):
        assert gallery.member(name, preset).diagnostics == (), preset


@EVERY_SPEC
def test_a_spec_checks_without_a_diagnostic(name: str) -> None:
    assert gallery.network(name).diagnostics == ()


@EVERY_SPEC
def test_a_spec_begins_with_where_its_network_comes_from(name: str) -> None:
    lines = gallery.network(name).report.document.source.text.splitlines()
    header = [line for line in lines[: lines.index("netspec: 1")] if line != "#"]
    assert len(header) >= 3
    assert all(line.startswith("# ") for line in header)
    assert re.search(r"\b(19|20)\d\d\b", " ".join(header))


@EVERY_SPEC
def test_a_spec_counts_its_parameters_rightly(name: str) -> None:
    text = gallery.network(name).report.document.source.text.partition("\nnetspec:")[0]
    header = " ".join(line.lstrip("# ") for line in text.splitlines())
    parameter_counts = {
        int(n.replace(",", "")) for n in re.findall(r"(\d[\d,]{4,}) parameters", header)
    }
    counts = {gallery.graph(name).parameter_count}
    counts |= {gallery.member(name, p).elaborate().parameter_count for p in gallery.presets(name)}
    assert parameter_counts <= counts


@EVERY_SPEC
def test_a_spec_is_called_what_its_file_is_called(name: str) -> None:
    assert gallery.network(name).name == name.rpartition("/")[2]


@EVERY_SPEC
def test_no_line_of_a_spec_needs_scrolling(name: str) -> None:
    text = gallery.network(name).report.document.source.text
    assert max(len(line) for line in text.splitlines()) <= 120


@pytest.mark.parametrize(
    "name",
    [n if n in CHEAP else pytest.param(n, marks=pytest.mark.sweep) for n in gallery.NAMES],
)
def test_a_spec_runs_at_its_example_sizes(name: str) -> None:
    graph = gallery.graph(name)
    assert _result(name, graph.examples) == _inferred(graph, graph.examples)


@EVERY_SPEC
def test_a_spec_runs_at_the_smallest_sizes_it_is_valid_for(name: str) -> None:
    graph = gallery.graph(name)
    sizes = gallery.smallest(graph)
    assert _result(name, sizes) == _inferred(graph, sizes)


@EVERY_SPEC
def test_no_shape_differs_from_what_torch_gives(name: str) -> None:
    graph, module = gallery.graph(name), gallery.compiled(name)
    for sizes in gallery.several(graph, 3 if name in CHEAP else 2):
        actual_shapes = _shapes_by_path(module, gallery.inputs(graph, sizes))
        inferred = {
            path: [gallery.shape(output, sizes) for output in outputs]
            for path, outputs in gallery.modules(graph)
        }
        assert actual_shapes.keys() <= inferred.keys()
        for (
            path,
            shapes,
        ) in actual_shapes.items():  # a level returns the results that are read
            assert _is_part(shapes, inferred[path]), (path, sizes)


def _is_part(some: list[object], every: list[object]) -> bool:
    """Whether a list is another one, or that without some of its items."""
    rest = iter(every)
    return bool(some) and all(item in rest for item in some)


@EVERY_SPEC
def test_every_layer_that_torch_has_as_a_module_is_at_its_path(name: str) -> None:
    graph, module = gallery.graph(name), gallery.compiled(name)
    there = gallery.own_modules(module).keys()
    assert there <= {path for path, _ in gallery.modules(graph)}
    assert {
        node.path for node in graph.nodes if node.parameters and node.op != "Parameter"
    } <= there


@EVERY_SPEC
def test_the_parameters_are_as_many_and_as_large_as_inferred(name: str) -> None:
    graph, module = gallery.graph(name), gallery.compiled(name)
    inferred = {
        f"{node.path}.{weight}".rstrip("."): shape
        for node in graph.nodes
        for weight, shape in node.parameters.items()
    }
    actual_parameters = {
        path: tuple(weight.shape)
        for path, weight in module.named_parameters(remove_duplicate=False)
    }
    assert actual_parameters == inferred
    assert graph.parameter_count == sum(weight.numel() for weight in module.parameters())


@EVERY_SPEC
def test_one_size_below_the_smallest_torch_fails_too(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph, module = gallery.graph(name), gallery.compiled(name)
    monkeypatch.setitem(gallery.unchecked(module), "_check_inputs", lambda *_: None)
    for symbol, size in gallery.smallest(graph).items():
        if size > 1:
            with pytest.raises(RuntimeError):
                module(*gallery.inputs(graph, {**gallery.smallest(graph), symbol: size - 1}))


@EVERY_SPEC
def test_one_size_below_the_smallest_is_rejected_with_the_sizes_that_are_valid(name: str) -> None:
    graph, module = gallery.graph(name), gallery.compiled(name)
    for symbol, domain in graph.domains.items():
        if domain.smallest() > 1:
            sizes = {**gallery.smallest(graph), symbol: domain.smallest() - 1}
            with pytest.raises(ValueError, match=rf"`\w+` must be \[N, .*{symbol} "):
                module(*gallery.inputs(graph, sizes))


def test_sizes_that_are_no_multiple_of_sixteen_fail_in_torch_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = gallery.compiled("unet")
    monkeypatch.setitem(gallery.unchecked(module), "_check_inputs", lambda *_: None)
    for size in (17, 24, 31):
        with pytest.raises(RuntimeError, match="Sizes of tensors must match"):
            module(torch.zeros(1, 1, size, 16))


def _result(name: str, sizes: dict[str, int]) -> list[tuple[int, ...]]:
    with torch.no_grad():
        result = gallery.compiled(name)(*gallery.inputs(gallery.graph(name), sizes))
    return [tuple(tensor.shape) for tensor in gallery.tensors(result)]


def _inferred(graph: Graph, sizes: dict[str, int]) -> list[tuple[int, ...]]:
    return [gallery.shape(value, sizes) for value in graph.outputs.values]


def _shapes_by_path(
    module: nn.Module, inputs: list[torch.Tensor]
) -> dict[str, list[tuple[int, ...]]]:
    """The output shapes of every submodule; a plain `nn.ModuleList` has no `forward`, so nothing calls it."""
    shapes_by_path: dict[str, list[tuple[int, ...]]] = {}

    def hook(path: str) -> object:
        def note(_module: nn.Module, _inputs: object, output: object) -> None:
            shapes_by_path[path] = [tuple(tensor.shape) for tensor in gallery.tensors(output)]

        return note

    modules = {p: m for p, m in gallery.own_modules(module).items() if type(m) is not nn.ModuleList}
    handles = [m.register_forward_hook(hook(p)) for p, m in modules.items()]
    try:
        with torch.no_grad():
            module(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    assert len(shapes_by_path) == len(handles)
    return shapes_by_path
