"""What the inspector says of a row: the pages of `netspec explain`, for a pane."""

from __future__ import annotations

from netspec.elaborate import Level, Node
from netspec.layers import find
from netspec.render.account import level_account, node_account
from netspec.render.account_text import level_text, node_text
from netspec.render.layer_guide import guide
from netspec.render.summary import Summary
from netspec.render.verdict import example_sizes
from netspec_tui.core.rows import Row
from netspec_tui.core.snapshot import Snapshot


def explained(snapshot: Snapshot, row: Row, columns: int) -> str:
    """Where its numbers come from; where something is wrong with it, that comes first."""
    parts = [*(f"✗ {error}" for error in row.errors)]
    graph, origin = snapshot.graph, row.box.origin
    if graph is None:
        return "\n\n".join(parts)
    at = snapshot.sizes
    said = example_sizes(graph, at) or ", ".join(f"{n} = {s}" for n, s in at.items())
    if isinstance(origin, Node) and origin.layer is not None and origin.known:
        sentence = guide(origin.op, type(origin.layer)).sentence
        parts.append(node_text(node_account(graph, origin, at), sentence, said, columns))
    elif isinstance(origin, Level) and all(n.known for n in origin.nodes()):
        parts.append(
            level_text(
                level_account(graph, origin, at), Summary(graph, at).row(origin), said, columns
            )
        )
    elif isinstance(origin, Node) and origin.layer is None:
        parts.append(f"{row.name}: input\n\nshape {row.shape}")
    elif isinstance(origin, Node):
        parts.append(_unknown(origin))
    return "\n\n".join(parts)


def _unknown(node: Node) -> str:
    """A node that an error left without a shape."""
    inputs = [
        f"  {v.node.path or v.node.name}: "
        + (f"[{', '.join(map(str, v.shape))}]" if v.shape is not None else "unknown")
        for v in node.inputs
    ]
    layer = find(node.op)
    sentence = guide(node.op, layer).sentence if layer is not None else ""
    return "\n".join(
        [f"{node.path}: {node.op}", sentence, "", "inputs", *inputs, "", "its shape is unknown"]
    )
