"""What the names of a formula mean at a step: its tensors, its numbers, and its tree of operations."""

from __future__ import annotations

import _ast as ast  # the node classes; `ast` itself takes 2 ms to load
from typing import TYPE_CHECKING, Any, Final

from netspec.diagnostics import Code, did_you_mean
from netspec.document import Scalar, TextNode
from netspec.elaborate.step_context import StepContext
from netspec.expr import ExpressionError
from netspec.expr.formula_parser import child_expressions, path_of
from netspec.expr.traversal import walk_tree
from netspec.expr.words import LITERALS, PLACES, TENSOR_WORDS, access
from netspec.graph.nodes import Value
from netspec.layer.base import Layer
from netspec.layers.formula_tree import (
    Index,
    NumberOperand,
    Operand,
    Operation,
    SliceItem,
    TensorOperand,
)
from netspec.similar_words import closest

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Interpreter

_BINARY: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
}
_UNARY: Final[dict[type[ast.unaryop], str]] = {ast.USub: "-", ast.UAdd: "+", ast.Invert: "~"}
_COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_ARGUMENT_NAMES: Final = {
    "*": "factor",
    "/": "divisor",
    "//": "divisor",
    "%": "divisor",
    "+": "offset",
    "-": "offset",
    "**": "exponent",
    "index": "index",
    "start": "start",
    "end": "end",
    "step": "step",
}
"""The names of numbers that are computed by an expression, by what uses them."""


class FormulaNames:
    """Reads one formula at one step.

    Attributes:
        paths: The names of the tensors that it reads, in the order of the formula.
        tensors: These tensors.
        numbers: The numbers that it computes, by the name of the argument, as they are written.
    """

    def __init__(self, interpreter: Interpreter, context: StepContext, node: Scalar) -> None:
        self.interpreter, self.context, self.node = interpreter, context, node
        self.text = node.text[1:]
        self.paths: list[str] = []
        self.tensors: list[Value] = []
        self.numbers: dict[str, TextNode] = {}
        written = context.step.written_arguments
        self.written_arguments = context.step.arguments if written is None else written
        self._call_numbers = {k.text: v for k, v in self.written_arguments}
        """The numbers that are arguments of the step."""
        self._inputs = dict(zip(context.input_names, context.x, strict=False))
        if len(context.x) == 1 and not self._inputs:
            self._inputs["x"] = context.x[0]

    # ---- names --------------------------------------------------------------------------------------

    def has_tensor_name(self, tree: ast.expr) -> bool:
        """Whether a name in a tree means a tensor, apart from those whose sizes are read.

        Otherwise, the text is an expression that returns an op.
        """
        roots_of_sizes = {
            child
            for node in walk_tree(tree)
            if isinstance(node, ast.Attribute) and node.attr in (*TENSOR_WORDS, *PLACES)
            for child in walk_tree(node.value)
        }
        return any(
            isinstance(node, ast.Name)
            and node not in roots_of_sizes
            and self._is_tensor(_head(node))
            for node in walk_tree(tree)
        )

    def require_known(self, tree: ast.expr) -> None:
        """Reject the first name that means nothing.

        Raises:
            ExpressionError: There is one.
        """
        self.operand(tree)

    def _is_tensor(self, name: str) -> bool:
        if name in LITERALS:
            return False
        return name in self._inputs or self.context.frame.find(name) is not None

    def _names_tensor(self, node: ast.expr, name: str) -> bool:
        if name in self._call_numbers:
            return False
        is_tensor, is_parameter = self._is_tensor(name), name in self.context.env
        if is_tensor and is_parameter and name not in self._inputs:
            raise self._rejected(
                node, f"`{name}` is both a step and a parameter here", "rename one of them"
            )
        if not (is_tensor or is_parameter or name in LITERALS):
            raise self._unknown(node, name)
        return is_tensor

    def _unknown(self, node: ast.expr, name: str) -> ExpressionError:
        names = [*self._inputs, *self.context.frame.names(), *self.context.env]
        suggestion = closest(name, names)
        last_names = ", ".join(f"`{n}`" for n in list(dict.fromkeys(names))[-6:])
        message = f"there is no step, input or parameter `{name}` here"
        help_ = (
            did_you_mean(suggestion)
            if suggestion
            else f"the names available here are: {last_names}"
        )
        start = node.col_offset
        return ExpressionError(Code.UNKNOWN_NAME, message, start, start + len(name), (help_,))

    def stray_argument(self) -> Scalar | None:
        """An argument of the step whose name the formula does not have."""
        return next((k for k, _ in self.written_arguments if k.text not in self.numbers), None)

    # ---- the tree -----------------------------------------------------------------------------------

    def operand(self, node: ast.expr) -> Operand | None:
        """The operand that a tree is.

        Args:
            node: A tree of the formula.

        Returns:
            The operand; `tensors` and `numbers` grow by what it reads. None if the tree reads no tensor, apart
            from sizes: it is a number, or a part of one.

        Raises:
            ExpressionError: A name is unknown, or a formula has no such operation.
        """
        if isinstance(node, ast.ListComp) or (
            isinstance(node, ast.Attribute | ast.Call) and access(node) is not None
        ):
            return None
        path = path_of(node)
        if path is not None:
            return self._tensor(node, path) if self._names_tensor(node, _head(node)) else None
        match node:
            case ast.BinOp() if type(node.op) in _BINARY:
                return self._operation(_BINARY[type(node.op)], node, node.left, node.right)
            case ast.UnaryOp() if type(node.op) in _UNARY:
                return self._operation(_UNARY[type(node.op)], node, node.operand)
            case ast.Compare() if len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
                sign = _COMPARISONS[type(node.ops[0])]
                return self._operation(sign, node, node.left, node.comparators[0])
            case ast.Subscript():
                return self._index(node)
        if all([self.operand(child) is None for child in child_expressions(node)]):  # noqa: C419 - rejects the first unknown name
            return None
        from netspec.elaborate.formula_errors import unsupported

        message, help_ = unsupported(node, self.text)
        raise self._rejected(node, message, *([help_] if help_ else []))

    def _tensor(self, node: ast.expr, path: str) -> TensorOperand:
        """A name, or a path such as `backbone.c5`."""
        if path not in self.paths:
            self.tensors.append(self._value(node, path))
            self.paths.append(path)
        return TensorOperand(self.paths.index(path))

    def _value(self, node: ast.expr, path: str) -> Value:
        frame = self.context.frame
        if path in self._inputs:
            if not self.context.input_names:
                self.interpreter.read_previous(self.context.step, frame)
            return self._inputs[path]
        span = self.node.part(1 + node.col_offset, 1 + (node.end_col_offset or 0))
        place = Scalar(self.node.source, span.start, span.end, path, path)
        ((_, value),) = self.interpreter.references.results(place, frame, self.context.env)
        return value

    def _operation(self, sign: str, node: ast.expr, *operands: ast.expr) -> Operation | None:
        tensors = [self.operand(each) for each in operands]
        if all(tensor is None for tensor in tensors):
            return None
        values = [
            self._number(each, sign) if tensor is None else tensor
            for each, tensor in zip(operands, tensors, strict=True)
        ]
        return Operation(sign, tuple(values), self._piece(node), _span(node))

    def _index(self, node: ast.Subscript) -> Index | None:
        base = self.operand(node.value)
        if base is None:
            if self.operand(node.slice) is None:
                return None
            raise self._rejected(
                node.slice,
                "a list cannot be indexed with a tensor",
                "store the list as a `Constant`",
            )
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        index_items = [self._index_item(item) for item in items]
        if index_items.count("...") > 1:
            raise self._rejected(node, "an index has at most one `...`", "remove the others")
        return Index(base, tuple(index_items), self._piece(node), _span(node))

    def _index_item(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant) and node.value is ...:
            return "..."
        if (isinstance(node, ast.Constant) and node.value is None) or path_of(node) == "null":
            return "None"
        if isinstance(node, ast.Slice):
            ends = ((node.lower, "start"), (node.upper, "end"), (node.step, "step"))
            start, end, step = [None if e is None else self._end(e, role) for e, role in ends]
            return SliceItem((start, end, step))
        tensor = self.operand(node)
        return self._number(node, "index") if tensor is None else tensor

    def _end(self, node: ast.expr, role: str) -> NumberOperand:
        if self.operand(node) is None:
            return self._number(node, role)
        raise self._rejected(
            node,
            "the ends of a range must be numbers: with a tensor, the size depends on its values",
        )

    def _number(self, node: ast.expr, role: str) -> NumberOperand:
        """A number as it is written, or an argument of the layer with its expression."""
        if isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
            return NumberOperand("", node.value)
        if (
            isinstance(node, ast.Name)
            and (written_number := self._call_numbers.get(node.id)) is not None
        ):
            self.numbers[node.id] = written_number
            return NumberOperand(node.id)
        expression = f"={self._piece(node)}"
        for name, written in self.numbers.items():
            if isinstance(written, Scalar) and written.text == expression:
                return NumberOperand(name)
        name = node.id if isinstance(node, ast.Name) else _ARGUMENT_NAMES.get(role, "number")
        while name in self.numbers or name in self._call_numbers or hasattr(Layer, name):
            name += "_"
        span = self.node.part(1 + node.col_offset, 1 + (node.end_col_offset or 0))
        place = Scalar(self.node.source, span.start, span.end, expression, expression)
        self.numbers[name] = place
        return NumberOperand(name)

    # ---- texts and places ---------------------------------------------------------------------------

    def _piece(self, node: ast.expr) -> str:
        start, end = _span(node)
        return " ".join(self.text[start:end].split())

    def _rejected(self, node: ast.expr, message: str, *helps: str) -> ExpressionError:
        return ExpressionError(Code.EXPRESSION, message, *_span(node), helps)


def _head(node: ast.expr) -> str:
    """The first name of a path."""
    path = path_of(node)
    assert path is not None
    return path.partition(".")[0]


def _span(node: ast.expr) -> tuple[int, int]:
    return node.col_offset, node.end_col_offset or node.col_offset
