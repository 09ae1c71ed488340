"""A difference for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.compare.difference import Change, Difference, NodeChange
from netspec.compare.facts import Facts, NodeFacts
from netspec.report.json_text import FORMAT_VERSION, json_text

if TYPE_CHECKING:
    from netspec.report.json_types import (
        ChangeJson,
        ComparedNetworkJson,
        ComparedNodeJson,
        DiffReportJson,
        NodeChangeJson,
    )


def difference_json(network_difference: Difference) -> str:
    """The whole difference, node by node."""
    report: DiffReportJson = {
        "format_version": FORMAT_VERSION,
        "different": bool(network_difference),
        "before": _network(network_difference.before),
        "after": _network(network_difference.after),
        "settings": _changes(network_difference.settings),
        "inputs": _changes(network_difference.inputs),
        "outputs": _changes(network_difference.outputs),
        "totals": _changes(network_difference.totals),
        "renamed": [
            {"before": a, "after": b, "nodes": n} for a, b, n in network_difference.renamed
        ],
        "removed": [_node(n) for n in network_difference.removed],
        "added": [_node(n) for n in network_difference.added],
        "changed": [_changed(c) for c in network_difference.changed],
    }
    return json_text(report)


def _network(facts: Facts) -> ComparedNetworkJson:
    return {
        "name": facts.name,
        "nodes": len(facts.nodes),
        "parameters": facts.parameters,
        "macs": facts.macs,
        "macs_unknown": list(facts.uncounted),
        "sizes": facts.sizes,
        "valid_for": facts.valid,
    }


def _changes(changes: tuple[Change, ...]) -> list[ChangeJson]:
    return [{"name": c.name, "before": c.before, "after": c.after} for c in changes]


def _node(node: NodeFacts) -> ComparedNodeJson:
    return {
        "path": node.path,
        "op": node.op,
        "arguments": dict(node.arguments),
        "from": list(node.inputs),
        "shapes": list(node.shapes),
        "parameters": node.parameters,
        "macs": None if node.uncounted else node.macs,
    }


def _changed(change: NodeChange) -> NodeChangeJson:
    return {
        "before": _node(change.before),
        "after": _node(change.after),
        "decided": _changes(change.arguments),
        "follows": _changes(change.results),
    }
