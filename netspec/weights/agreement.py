"""Whether a file of weights loads into a network: names, shapes and element types, as diagnostics."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.compare.state_dict import state
from netspec.diagnostics import Code, Diagnostic, Help, Span
from netspec.graph import Graph
from netspec.weights.checkpoint import Checkpoint, WeightsError
from netspec.weights.name_mismatch import FileNames, name_mismatches, other_names
from netspec.weights.renaming import Rules, renamed_key
from netspec.weights.rule_diagnostics import rule_diagnostics
from netspec.weights.shape_mismatch import shape_mismatches
from netspec.weights.type_mismatch import type_mismatches


def agreement(
    graph: Graph,
    file: Checkpoint,
    rules: Rules,
    start: Span,
    rule_spans: Mapping[str, Span] | None = None,
) -> list[Diagnostic]:
    """The errors that prevent loading a file into a network.

    `start` is where the spec begins, and `rule_spans` are the places of its rules for names.
    """
    expected = state(graph)
    names = _names(file, rules)
    renames, names = other_names(expected, names, file, rules)
    return [
        *(file_diagnostic(error, start) for error in file.load_errors),
        *rule_diagnostics(file, rules, start, rule_spans or {}),
        *renames,
        *name_mismatches(expected, names, file, start),
        *shape_mismatches(expected, names.weights, file),
        *type_mismatches(expected, names.weights, file),
    ]


def file_diagnostic(error: WeightsError, start: Span) -> Diagnostic:
    """The diagnostic for a file that cannot be read or would not be loaded."""
    helps = (Help(error.help),) if error.help else ()
    return Diagnostic(Code.WEIGHTS_FILE, error.message, start, helps=helps)


def _names(file: Checkpoint, rules: Rules) -> FileNames:
    """The names of a file as they are in the network; of two with one name, that which had it, or the first."""
    originals: dict[str, str] = {}
    for key in file.weights:
        name = renamed_key(key, rules)
        if name == key or name not in originals:
            originals[name] = key
    weights = {name: file.weights[key] for name, key in originals.items()}
    return FileNames(weights, originals, file.non_tensors)
