"""Which results of the nodes in a level are read outside of it: the outputs of the level."""

from __future__ import annotations

from netspec.schema.graph.level_tree import ROOT, LevelTree, Output, parent_path


class Exports:
    """The outputs of each level with their names."""

    def __init__(self, tree: LevelTree) -> None:
        self._tree = tree
        self._outputs: dict[str, dict[Output, str]] = {path: {} for path in tree.levels}
        self._tied: set[str] = set()
        for node in tree.model.nodes:
            reader = tree.level_of(node.path)
            if tree.outermost_sharer(node.path) is not None:
                continue
            for edge in node.inputs:
                self._read(tree.source(edge), reader)
            for tie in node.ties:
                self._tied.update(self._read(Output(tie.node, 0), reader))
        for level in tree.model.levels:
            for edge in level.inputs:
                self._read(tree.source(edge), parent_path(level.path))
        for edge in tree.model.outputs.values:
            self._read(tree.source(edge), ROOT)

    def of(self, level: str) -> dict[Output, str]:
        """The outputs of a level: result to name."""
        return self._outputs[level]

    def has_names(self, level: str) -> bool:
        """Whether the outputs are referred to by name: there are several, or a parameter is tied."""
        owner = self._tree.levels[level].shares or level
        return len(self._outputs[owner]) > 1 or owner in self._tied

    def _read(self, output: Output, reader: str) -> list[str]:
        """Record that the level `reader` reads a result; returns the levels that the result leaves."""
        tree = self._tree
        if output.path not in tree.position:
            return []
        around = set(tree.around(reader))
        left = [p for p in tree.around(tree.level_of(output.path)) if p not in around]
        sharer = next((p for p in reversed(left) if tree.levels[p].shares is not None), None)
        if sharer is None:
            for level in left:
                self._add(level, output)
            return left
        original = tree.counterpart(output, sharer)
        owner = tree.levels[sharer].shares
        assert owner is not None
        self._read(original, parent_path(owner))
        self._outputs[sharer][output] = self._outputs[owner][original]
        for level in tree.around(parent_path(sharer)):
            if level not in around:
                self._add(level, output)
        return left

    def _add(self, level: str, output: Output) -> None:
        outputs = self._outputs[level]
        if output in outputs:
            return
        inside = output.path.removeprefix(level).lstrip(".").partition(".")[0] or "output"
        base = inside if inside.isidentifier() else f"output_{inside}"
        name, count = base, 1
        while name in outputs.values():
            name, count = f"{base}_{count}", count + 1
        outputs[output] = name
