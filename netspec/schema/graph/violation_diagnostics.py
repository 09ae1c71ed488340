"""A violation of a graph model as a diagnostic."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic
from netspec.schema.graph.graph_places import GraphPlaces
from netspec.schema.graph.structure import Violation

_CODES = {
    "duplicate_path": Code.SAME_PATH,
    "bad_path": Code.BAD_NAME,
    "unknown_level": Code.UNKNOWN_REFERENCE,
    "unknown_node": Code.UNKNOWN_REFERENCE,
    "later_node": Code.FORWARD_REFERENCE,
    "cycle": Code.FORWARD_REFERENCE,
    "result_out_of_range": Code.UNKNOWN_REFERENCE,
    "input_names": Code.INPUT_COUNT,
    "shared_op": Code.SHARED,
    "shared_level": Code.SHARED,
    "output_count": Code.BAD_VALUE,
    "inferred_otherwise": Code.INFERRED,
    "not_expressible": Code.COMPILE,
}
"""The code of each kind of violation."""


def violation_diagnostic(violation: Violation, places: GraphPlaces) -> Diagnostic:
    """The diagnostic on a violation, at the place of its field."""
    field = ".".join(map(str, violation.location))
    message = violation.message
    if violation.kind == "inferred_otherwise":
        message = f"`{field}` contradicts the network: {message}"
    return Diagnostic(_CODES[violation.kind], message, places.of(violation.location))
