"""Expressions of specs: parsed by a whitelist, evaluated within bounds, printed as Python."""

from netspec.expr.errors import ExpressionError
from netspec.expr.evaluate import evaluate
from netspec.expr.parser import Expression, parse_expression
from netspec.expr.template import Template, parse_template
from netspec.expr.value_types import UNKNOWN, LoopItem, Scope, Unknown

__all__ = [
    "UNKNOWN",
    "Expression",
    "ExpressionError",
    "LoopItem",
    "Scope",
    "Template",
    "Unknown",
    "evaluate",
    "parse_expression",
    "parse_template",
]
