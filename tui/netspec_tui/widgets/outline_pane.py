"""The parameters, inputs, blocks and steps of the file, as a tree."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from rich.text import Text
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from netspec.assist.outline import Symbol

_SIGNS = {"parameter": "=", "input": "→", "block": "◇", "step": ""}

Key = tuple[str, str, str, bool, bool]
"""Kind, name, detail, whether the symbol has children, whether it contains an error."""


class Outline(Tree[Symbol]):
    """A tree of the symbols of the file. A new text replaces only the nodes that differ."""

    class Chosen(Message):
        """A symbol was chosen."""

        def __init__(self, symbol: Symbol) -> None:
            super().__init__()
            self.symbol = symbol

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("spec", id=id)
        self.show_root = False
        self.guide_depth = 2
        self._errors: list[int] = []
        self._keys: dict[int, Key] = {}
        """The content of each label, by the id of its node."""
        self._places: list[tuple[int, int, TreeNode[Symbol]]] | None = None

    def show(self, symbols: Sequence[Symbol], errors: Sequence[int]) -> None:
        """Show the symbols of a text; `errors` are the offsets of errors."""
        self._errors = sorted(errors)
        self._places = None
        self._sync(self.root, symbols)
        if not self.root.is_expanded:
            self.root.expand()

    def _sync(self, parent: TreeNode[Symbol], symbols: Sequence[Symbol]) -> None:
        """Set the children of a node: common ones at both ends keep their state, those between are replaced."""
        old = list(parent.children)
        most = min(len(old), len(symbols))
        ahead = next((k for k in range(most) if _name(old[k]) != symbols[k].name), most)
        most -= ahead
        behind = next((k for k in range(most) if _name(old[~k]) != symbols[~k].name), most)
        for node in old[ahead : len(old) - behind]:
            node.remove()
        for k in range(ahead, len(symbols) - behind):
            self._add(parent, symbols[k], k)
        unchanged = [*zip(old[:ahead], symbols, strict=False)]
        if behind:
            unchanged += zip(old[-behind:], symbols[-behind:], strict=True)
        for node, symbol in unchanged:
            self._update(node, symbol)

    def _add(self, parent: TreeNode[Symbol], symbol: Symbol, position: int) -> None:
        has, key = bool(symbol.children), self._key(symbol)
        before = position if position < len(parent.children) else None
        node = parent.add(self._label(*key), symbol, before=before, expand=has, allow_expand=has)
        self._keys[node.id] = key
        for k, child in enumerate(symbol.children):
            self._add(node, child, k)

    def _update(self, node: TreeNode[Symbol], symbol: Symbol) -> None:
        before, key = node.data, self._key(symbol)
        node.data = symbol
        if key != self._keys.get(node.id):
            self._keys[node.id] = key
            node.set_label(self._label(*key))
        if symbol.children or node.children:
            self._sync(node, symbol.children)
        if before is not None and bool(before.children) != bool(symbol.children):
            node.allow_expand = bool(symbol.children)
            node.expand()

    def _key(self, symbol: Symbol) -> Key:
        first = bisect_left(self._errors, symbol.span.start)
        has_error = first < len(self._errors) and self._errors[first] < symbol.span.end
        detail = "" if symbol.kind == "block" or symbol.detail == symbol.name else symbol.detail
        return symbol.kind, symbol.name, detail, bool(symbol.children), has_error

    def _label(
        self, kind: str, name: str, detail: str, has_children: bool, has_error: bool
    ) -> Text:
        label = Text(f"{_SIGNS.get(kind, '')} {name}".strip(), style="bold" if has_children else "")
        if detail:
            label.append(f" {detail}", style="dim")
        if has_error:
            label.append(" ✗", style=f"bold {self.app.current_theme.error}")
        return label

    def restyle(self) -> None:
        """Draw the labels again in the colors of the current theme."""
        for node in _below(self.root):
            if (key := self._keys.get(node.id)) is not None and key[-1]:
                node.set_label(self._label(*key))

    def follow(self, offset: int) -> None:
        """Move the cursor to the innermost symbol around an offset, without a message."""
        if self._places is None:
            nodes = [n for n in _below(self.root) if n.data is not None]
            self._places = sorted(
                ((n.data.span.start, -n.data.span.end, n) for n in nodes if n.data is not None),
                key=lambda place: place[:2],
            )
        place_index = bisect_right(self._places, offset, key=lambda place: place[0]) - 1
        while place_index >= 0 and offset >= -self._places[place_index][1]:
            place_index -= 1
        node = self._places[place_index][2] if place_index >= 0 else None
        if node is not None and node is not self.cursor_node:
            with self.prevent(Tree.NodeHighlighted, Tree.NodeSelected):
                self.move_cursor(node)

    def on_tree_node_selected(self, event: Tree.NodeSelected[Symbol]) -> None:
        """Report the chosen symbol."""
        event.stop()
        if event.node.data is not None:
            self.post_message(self.Chosen(event.node.data))


def _name(node: TreeNode[Symbol]) -> str:
    return node.data.name if node.data is not None else ""


def _below(node: TreeNode[Symbol]) -> list[TreeNode[Symbol]]:
    return [n for child in node.children for n in (child, *_below(child))]
