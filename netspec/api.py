"""netspec from Python: `load` a spec, then check it, look at it, compile it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netspec.check import Report, check, check_text, without_collecting
from netspec.diagnostics import Diagnostic, SpecError
from netspec.elaborate import Graph

if TYPE_CHECKING:
    from torch import nn


class MissingTorchError(ImportError):
    """PyTorch is wanted and not installed."""

    def __init__(self) -> None:
        super().__init__(
            "compiling needs PyTorch, which is not installed; install it with\n"
            "    pip install 'netspec-compiler[torch]'"
        )


class Network:
    """A spec with its parameters set: it can be checked, elaborated and compiled."""

    def __init__(self, report: Report) -> None:
        self.report = report

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
            raise SpecError(*self.report.errors)
        if self.report.graph is None:
            raise SpecError(
                Diagnostic("NS022", f"`{self.name}` is a library: it has no body", None)
            )
        return self.report.graph

    def source(self) -> str:
        """The source of a Python program that defines the network; it needs torch alone."""
        return self._generated()[0]

    def compile(self) -> nn.Module:
        """The network as an `nn.Module`, its weights freshly initialised."""
        source, name = self._generated()
        try:
            from netspec.build import build
        except ModuleNotFoundError as error:
            if error.name != "torch":
                raise
            raise MissingTorchError from None
        return without_collecting(lambda: build(source, name))

    def _generated(self) -> tuple[str, str]:
        from netspec.codegen import generate

        file = self.report.document.source.name
        graph = self.elaborate()
        return without_collecting(lambda: generate(graph, "" if file.startswith("<") else file))


def load(
    path_or_text: str | os.PathLike[str], *, preset: str | None = None, **params: Any
) -> Network:
    r"""A spec from a file, or from its text; `params` override the file's parameters.

    A text is told from a path by its line breaks: `load("netspec: 1\n…")`.
    """
    return Network(_report(path_or_text, params, preset))


def _report(
    path_or_text: str | os.PathLike[str], params: Mapping[str, object], preset: str | None
) -> Report:
    given = os.fspath(path_or_text)
    if not isinstance(path_or_text, os.PathLike) and _is_text(given):
        return check_text(given, "<text>", params, preset)
    return check(given, params, preset)


def _is_text(given: str) -> bool:
    return "\n" in given or given.lstrip().startswith("{")


def source(
    path_or_text: str | os.PathLike[str], *, preset: str | None = None, **params: Any
) -> str:
    """The generated source of a spec. Raises `SpecError` where the spec has errors."""
    return load(path_or_text, preset=preset, **params).source()


def compile(
    path_or_text: str | os.PathLike[str], *, preset: str | None = None, **params: Any
) -> nn.Module:
    """A spec as an `nn.Module`. Raises `SpecError`, and `MissingTorchError` without PyTorch."""
    return load(path_or_text, preset=preset, **params).compile()
