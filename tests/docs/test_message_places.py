"""Every place in the code that makes a diagnostic is reached by a spec of the manual, or is read by a test named here."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from doc_pages import CODE_PAGES, MESSAGES, ROOT

from netspec.check import check_text
from netspec.diagnostics import Diagnostic
from netspec.layer.shape_rules import ShapeError

MAKERS = {"Diagnostic", "error", "ShapeError"}
PACKAGES = ("syntax", "elaborate", "diagnosis", "graph", "layer", "layers")
NOTATIONS = "diagnostics/test_other_notations.py::test_it_is_one_error_that_says_what_to_write"
ELSEWHERE = {
    "block_declarations.py: _listed": NOTATIONS,
    "fields.py: _unmapped": NOTATIONS,
    "input_notations.py: _unnamed": NOTATIONS,
    "input_notations.py: shape_key_diagnostic": NOTATIONS,
    "missing_op.py: op_with_colon": NOTATIONS,
    "steps.py: _values": NOTATIONS,
    "declared_shapes.py: read_size": NOTATIONS,
    "unnamed_arguments.py: unnamed_arguments": NOTATIONS,
    "custom_layer_errors.py: broken": "test_own_layers.py::test_a_rule_that_fails_is_a_diagnostic",
    "custom_layer_errors.py: validate_result": "test_own_layers.py::test_a_rule_that_fails_is_a_diagnostic",
    "op_lookup.py: _layer": "test_own_layers.py::test_importing_torch_in_a_declaration_is_a_diagnostic",
    "op_lookup.py: _block": "language/test_file.py::test_an_unknown_block_of_a_used_file_is_one_error",
    "file.py: _used": "test_cli.py::test_files_that_use_each_other",
    "file.py: _usable": "language/test_foreign_files.py::test_a_used_file_of_another_tool_is_named",
    "validity.py: _check_related_examples": "language/test_file.py::test_examples_that_are_not_valid_together_are_warned_of",
    "budget.py: _cannot_tell": "test_own_layers.py::test_a_budget_with_an_unknown_cost_is_a_warning",
    "parameter_settings.py: _preset": "test_cli.py::test_parameters_are_set",
    "parameter_settings.py: _settings": "test_cli.py::test_parameters_are_set",
    "branches_by_name.py: branches_by_name": NOTATIONS,
    "conditional.py: infer": "layers/test_later_messages.py::test_messages_of_later_layers",
    "constant.py: validate": "layers/test_later_messages.py::test_messages_of_later_layers",
    "creation.py: infer": "layers/test_later_messages.py::test_messages_of_later_layers",
    "creation.py: length": "layers/test_later_messages.py::test_messages_of_later_layers",
    "creation.py: validate": "layers/test_later_messages.py::test_messages_of_later_layers",
    "flips.py: validate": "layers/test_later_messages.py::test_messages_of_later_layers",
    "element_types.py: require_fit": "layers/test_later_messages.py::test_messages_of_later_layers",
    "element_types.py: require_one_dtype": "layers/test_later_messages.py::test_messages_of_later_layers",
    "formula.py: validate": "language/test_formulas.py::test_messages",
    "formula_index.py: _apply": "language/test_formulas.py::test_messages",
    "formula_index.py: _check_count": "language/test_formulas.py::test_messages",
    "formula_index.py: _range": "language/test_formulas.py::test_messages",
    "formula_types.py: dtype_error": "language/test_formulas.py::test_messages",
    "formulas.py: step": "language/test_formulas.py::test_messages",
    "formulas.py: value": "language/test_formulas.py::test_messages",
    "gather.py: check_dtypes": "layers/test_later_messages.py::test_messages_of_later_layers",
    "gather.py: hold_rank": "layers/test_later_messages.py::test_messages_of_later_layers",
    "gather.py: hold_within": "layers/test_later_messages.py::test_messages_of_later_layers",
    "gather.py: infer": "layers/test_later_messages.py::test_messages_of_later_layers",
    "grid.py: infer": "layers/test_later_messages.py::test_messages_of_later_layers",
    "join_mismatch.py: _side_changes": "diagnostics/test_similar_faults.py::test_channels_and_sides_that_differ_are_both_advised",
    "order.py: hold": "layers/test_later_messages.py::test_messages_of_later_layers",
    "pair_operations.py: check_dtypes": "layers/test_later_messages.py::test_messages_of_later_layers",
    "pair_operations.py: check_operands": "layers/test_later_messages.py::test_messages_of_later_layers",
    "parts.py: infer": "layers/test_later_messages.py::test_messages_of_later_layers",
    "products.py: _names": "layers/test_later_messages.py::test_messages_of_later_layers",
    "products.py: infer": "layers/test_later_messages.py::test_messages_of_later_layers",
    "products.py: unequal": "layers/test_later_messages.py::test_messages_of_later_layers",
    "products.py: wrong": "layers/test_later_messages.py::test_messages_of_later_layers",
    "repeat.py: counts": "layers/test_later_messages.py::test_messages_of_later_layers",
    "statistics.py: validate": "layers/test_later_messages.py::test_messages_of_later_layers",
    "unknown_argument.py: _decimal_comma": "diagnostics/test_similar_faults.py::test_the_first_help_leaves_no_diagnostic",
}
"""Function to the test that reads its message: those that need files, settings, custom layers, or minutes."""
UNREACHED = {"upsample.py: resized", "squeeze.py: _inferred"}
"""No spec was seen that reaches these: a symbolic size with an upper bound below what is required, and a size
that overflows only once a dimension is dropped."""


def places() -> Iterator[tuple[str, str, int, int]]:
    """File, function, first and last line of every call that makes a diagnostic."""
    for package in PACKAGES:
        for file in sorted((ROOT / "netspec" / package).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            for function in ast.walk(tree):
                if not isinstance(function, ast.FunctionDef):
                    continue
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and _name(call) in MAKERS:
                        yield str(file), function.name, call.lineno, call.end_lineno or call.lineno


def _name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def reached(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, int]]:
    """The lines that stood on the stack while the specs of the manual were checked."""
    lines: set[tuple[str, int]] = set()

    def noting(made: type) -> None:
        plain = made.__init__

        def init(self, *args, **keywords) -> None:
            frame = sys._getframe(1)
            while frame is not None:
                if "netspec" in frame.f_code.co_filename:
                    lines.add((frame.f_code.co_filename, frame.f_lineno))
                frame = frame.f_back  # type: ignore[assignment]
            plain(self, *args, **keywords)

        monkeypatch.setattr(made, "__init__", init)

    noting(Diagnostic)
    noting(ShapeError)
    for page in (*MESSAGES, *CODE_PAGES):
        text = (ROOT / page).read_text(encoding="utf-8")
        for spec in re.findall(r"^```yaml (?:wrong|file net\.yaml)\n(.*?)^```$", text, re.M | re.S):
            check_text(spec, "net.yaml")
    return lines


def test_every_place_that_makes_a_diagnostic_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    met = reached(monkeypatch)
    missed = {
        f"{Path(file).name}: {function}"
        for file, function, first, last in places()
        if not any((file, line) in met for line in range(first, last + 1))
    }
    assert missed == ELSEWHERE.keys() | UNREACHED


def test_the_tests_that_are_named_exist() -> None:
    for named in ELSEWHERE.values():
        path, _, name = named.partition("::")
        assert f"def {name}" in (ROOT / "tests" / path).read_text(encoding="utf-8"), named
