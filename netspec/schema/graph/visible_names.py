"""The names that can be referred to in a body of a spec under construction."""

from __future__ import annotations

from collections.abc import Mapping
from keyword import iskeyword

from netspec.schema.graph.graph_model import GraphModel
from netspec.schema.graph.level_tree import Source
from netspec.schema.graph.marked_text import Location
from netspec.schema.graph.step_layout import StepText


class NotExpressibleError(Exception):
    """A valid graph that a spec cannot express; `location` is the field that prevents it."""

    def __init__(self, location: Location, message: str) -> None:
        super().__init__(message)
        self.location, self.message = location, message


class FreshNames:
    """Names that no node, level or input of a graph has."""

    def __init__(self, model: GraphModel) -> None:
        paths = [*(n.path for n in model.nodes), *(level.path for level in model.levels)]
        self._taken = {part for path in paths for part in path.split(".")}
        self._taken |= {tensor.name for tensor in model.inputs}

    def name(self, base: str) -> str:
        """The base, or the base with a number; taken from now on."""
        name, count = base, 1
        while name in self._taken:
            count += 1
            name = f"{base}{count}"
        self._taken.add(name)
        return name


class VisibleBody:
    """A body: its steps so far, and its names. Names of enclosing bodies are visible, too."""

    def __init__(self, level: str, outer: VisibleBody | None, fresh: FreshNames) -> None:
        self.level, self.outer, self._fresh = level, outer, fresh
        self.steps: list[StepText] = []
        self.previous: Source | None = None
        """The result of the last step."""
        self.captured: list[Source] | None = None
        """Of a block: the values that it reads beyond the inputs of its level; each becomes an input."""
        self.input_names: list[str] = []
        self._references: dict[Source, str] = {}
        self._steps_by_path: dict[str, StepText] = {}
        self._steps_by_name: dict[str, StepText] = {}

    def define(self, source: Source, reference: str) -> None:
        """Let a reference mean a value."""
        self._references.setdefault(source, reference)

    def append(
        self, step: StepText, path: str, results: Mapping[Source, str], *, flows: bool
    ) -> None:
        """Append a step; `results` are its results by their names after a dot."""
        self._append(step)
        self._steps_by_path[path] = step
        name = step.name.replace("{", "{{").replace("}", "}}")
        for source, result in results.items():
            self.define(source, f"{name}.{result}" if result else name)
        step.main = next(iter(results), None)
        if flows:
            self.previous = step.main
        if "*" in step.name and step.main is not None:
            del self._references[step.main]
            self._add_alias(step.main, None if flows else name)

    def rename(self, source: Source) -> None:
        """Give a value a name of its own."""
        reference = self._references.pop(source)
        self._add_alias(source, reference)

    def reference(self, source: Source, location: Location, *, identifier: bool = False) -> str:
        """The text that means a value here; with `identifier`, one that an expression can mention."""
        hidden: set[str] = set()
        body: VisibleBody | None = self
        while body is not None:
            if (reference := body._references.get(source)) is not None:
                head = reference.partition(".")[0]
                is_plain = reference.isidentifier() and not iskeyword(reference)
                is_inner = reference == "input" and body is not self
                if is_inner or head in hidden or (identifier and not is_plain):
                    reference = body._add_alias(source, reference)
                elif head in body._steps_by_name:
                    body._steps_by_name[head].is_referenced = True
                return reference
            if body.captured is not None:
                name = self._fresh.name("captured")
                body.captured.append(source)
                body.input_names.append(name)
                body.define(source, name)
                continue
            hidden |= set(body._steps_by_name)
            body = body.outer
        raise NotExpressibleError(
            location,
            f"{_described(source)} is not available here: a node reads what runs before the modules around it",
        )

    def step(self, path: str, location: Location) -> str:
        """The name of the step at a path, for `share`."""
        hidden: set[str] = set()
        body: VisibleBody | None = self
        while body is not None:
            step = body._steps_by_path.get(path)
            if step is not None and step.name not in hidden:
                step.is_referenced = True
                return step.name.replace("{", "{{").replace("}", "}}")
            hidden |= set(body._steps_by_name)
            body = body.outer
        raise NotExpressibleError(
            location,
            f"`{path}` cannot be shared here: only earlier nodes and modules of the same module, "
            "or of one around it, can be",
        )

    def _add_alias(self, source: Source, reference: str | None) -> str:
        name = self._fresh.name("value")
        entries: dict[str, object] = {} if reference is None else {"from": reference}
        if reference is not None and (head := reference.partition(".")[0]) in self._steps_by_name:
            self._steps_by_name[head].is_referenced = True
        self._append(StepText(name, (), entries, []))
        self._steps_by_name[name].is_referenced = True
        self._references[source] = name
        self.previous = source
        return name

    def _append(self, step: StepText) -> None:
        self.steps.append(step)
        self._steps_by_name[step.name] = step


def _described(source: Source) -> str:
    return f"`{source[0]}`"
