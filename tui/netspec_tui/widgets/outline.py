"""What is in the file: parameters, inputs, blocks and steps, as a tree."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from netspec.assist.outline import Symbol

_SIGNS = {"parameter": "=", "input": "→", "block": "◇", "step": ""}


class Outline(Tree[Symbol]):
    """A tree of the file's symbols; it keeps what is open while the text changes."""

    class Chosen(Message):
        """A symbol was chosen."""

        def __init__(self, symbol: Symbol) -> None:
            super().__init__()
            self.symbol = symbol

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("spec", id=id)
        self.show_root = False
        self.guide_depth = 2
        self._shown: tuple[object, ...] = ()
        self.by_offset: list[tuple[int, int, TreeNode[Symbol]]] = []

    def show(self, symbols: Sequence[Symbol], errors: Sequence[int]) -> None:
        """Show the symbols of a text; `errors` are offsets of what is wrong."""
        key = (tuple(_key(s) for s in symbols), tuple(errors))
        if key == self._shown:
            return
        self._shown = key
        closed = {
            _way(node) for node in _nodes(self.root) if not node.is_expanded and node.children
        }
        known = bool(self.by_offset)
        self.clear()
        self.by_offset = []
        for symbol in symbols:
            self._add(self.root, symbol, errors, closed, known)
        self.root.expand()

    def _add(
        self, parent: TreeNode[Symbol], symbol: Symbol, errors: Sequence[int],
        closed: set[tuple[str, ...]], known: bool,
    ) -> None:  # fmt: skip
        wrong = any(symbol.span.start <= e < symbol.span.end for e in errors)
        label = Text(
            f"{_SIGNS.get(symbol.kind, '')} {symbol.name}".strip(),
            style="bold" if symbol.children else "",
        )
        if symbol.detail and symbol.detail != symbol.name and symbol.kind != "block":
            label.append(f" {symbol.detail}", style="dim")
        if wrong:
            label.append(" ✗", style="bold red")
        if not symbol.children:
            leaf = parent.add_leaf(label, symbol)
            self.by_offset.append((symbol.span.start, symbol.span.end, leaf))
            return
        node = parent.add(label, symbol)
        self.by_offset.append((symbol.span.start, symbol.span.end, node))
        if not known or _way(node) not in closed:
            node.expand()
        for child in symbol.children:
            self._add(node, child, errors, closed, known)

    def follow(self, offset: int) -> None:
        """Put the cursor on the innermost symbol around an offset, without telling anyone."""
        best = None
        for start, end, node in self.by_offset:
            if start <= offset < end and (best is None or end - start <= best[1] - best[0]):
                best = (start, end, node)
        if best is not None and best[2] is not self.cursor_node:
            with self.prevent(Tree.NodeHighlighted, Tree.NodeSelected):
                self.move_cursor(best[2])

    def on_tree_node_selected(self, event: Tree.NodeSelected[Symbol]) -> None:
        """Pass on what was chosen."""
        event.stop()
        if event.node.data is not None:
            self.post_message(self.Chosen(event.node.data))


def _nodes(node: TreeNode[Symbol]) -> list[TreeNode[Symbol]]:
    return [node, *(n for child in node.children for n in _nodes(child))]


def _way(node: TreeNode[Symbol]) -> tuple[str, ...]:
    way: list[str] = []
    at: TreeNode[Symbol] | None = node
    while at is not None and at.data is not None:
        way.insert(0, at.data.name)
        at = at.parent
    return tuple(way)


def _key(symbol: Symbol) -> tuple[object, ...]:
    return (
        symbol.name,
        symbol.detail,
        symbol.span.start,
        symbol.span.end,
        tuple(_key(c) for c in symbol.children),
    )
