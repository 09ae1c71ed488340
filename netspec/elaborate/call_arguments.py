"""The arguments of calls and the values of parameters, evaluated as the op or the declaration has them."""

from __future__ import annotations

from collections.abc import Iterable

from netspec.diagnostics import Code, Diagnostics, Label, did_you_mean
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.elaborate.catalog import Catalog
from netspec.elaborate.op_lookup import OpLookup
from netspec.elaborate.op_value import Definition, OpValue
from netspec.elaborate.parameter_types import accepts, expected, type_of_default
from netspec.elaborate.scope import Reader
from netspec.expr import UNKNOWN
from netspec.expr.errors import LONGEST_LIST
from netspec.layer.argument_kinds import show
from netspec.layer.base import Layer
from netspec.similar_words import closest
from netspec.syntax import Block, Misspelled, Parameter, Respelling, Spec, Step
from netspec.syntax.key_tables import TYPES
from netspec.syntax.step_keys import OF_A_CALL


class Values(OpLookup):
    """All values in the text: of expressions, ops, arguments and parameters."""

    def __init__(self, diagnostics: Diagnostics, respelling: Respelling, catalog: Catalog) -> None:
        super().__init__(diagnostics, catalog)
        self.respelling = respelling
        """Keys of steps that the op does not have, and that are a key of every step."""

    def op_value(self, node: TextNode, reader: Reader, file: Spec) -> object:
        """The value of a parameter of type `op`, as written: a name, or `{op: …, arguments}`."""
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return self.definition(node.value, node, reader, file) or UNKNOWN
        if isinstance(node, Mapping) and isinstance(op := node.get("op"), Scalar):
            base = self.definition(op.text, op, reader, file)
            if base is None:
                return UNKNOWN
            rest = [(k, v) for k, v in node.entries if k.text != "op"]
            arguments = self.call_arguments(base.definition, rest, reader, file)
            if not isinstance(base.definition, Block):
                self._accepted(base.definition, rest, arguments)
            return self._bounded(
                OpValue(base.name, base.definition, {**base.arguments, **arguments}), node
            )
        self.error(
            Code.BAD_ARGUMENT,
            "an op must be a name, or `{op: …}` with its arguments",
            node,
            "not an op",
        )
        return UNKNOWN

    def _bounded(self, op: OpValue, node: TextNode) -> object:
        """An op, unless it holds too many ops as arguments of arguments."""
        if op.size <= LONGEST_LIST:
            return op
        self.error(
            Code.BOUNDS, f"this op contains more than {LONGEST_LIST:,} ops in its arguments", node
        )
        return UNKNOWN

    def call_arguments(
        self,
        definition: Definition,
        written: Iterable[tuple[Scalar, TextNode]],
        reader: Reader,
        file: Spec,
        step: Step | None = None,
    ) -> dict[str, object]:
        """The arguments of a call, evaluated as the op declares them; `UNKNOWN` where one failed."""
        if isinstance(definition, Block):
            return self._block_arguments(definition, written, reader, file, step)
        arguments: dict[str, object] = {}
        declared = definition.arguments
        inputs = set(definition.inputs)
        for key, node in written:
            name = key.text
            if name not in declared:
                if name in inputs and not inputs.isdisjoint(arguments):
                    continue  # one mistake: the inputs are given as arguments
                name = self.stray(definition, key, reader, step)
                if name not in declared:
                    arguments[name] = UNKNOWN
                    continue
            if type(node) is Scalar and type(node.value) is not str:
                arguments[name] = node.value
            else:
                arguments[name] = self.argument(declared[name].kind, node, reader)
        return arguments

    def _block_arguments(
        self,
        block: Block,
        written: Iterable[tuple[Scalar, TextNode]],
        reader: Reader,
        file: Spec,
        step: Step | None,
    ) -> dict[str, object]:
        arguments: dict[str, object] = {}
        for key, node in written:
            name = key.text
            if name not in block.parameters:
                arguments[name] = UNKNOWN
                name = self.stray(block, key, reader, step)
            parameter = block.parameters.get(name)
            if parameter is not None:
                arguments[name] = self.parameter(parameter, node, reader, file)
        return arguments

    def stray(self, definition: Definition, key: Scalar, reader: Reader, step: Step | None) -> str:
        """Report an argument that the op does not have; the name that was intended, if it is known."""
        from netspec.elaborate.unknown_argument import stray_argument
        from netspec.elaborate.unnamed_arguments import unnamed_arguments

        unnamed = unnamed_arguments(definition, key, step, reader)
        if unnamed is not None:
            self.diagnostics.add(unnamed)
            return key.text
        diagnostic, suggestion = stray_argument(definition, key, reader.frame.level, step)
        self.diagnostics.add(diagnostic)
        if suggestion in OF_A_CALL:
            self.respelling[key.source.name, key.start] = Misspelled(suggestion, diagnostic)
        return key.text if suggestion is None else suggestion

    def _accepted(
        self,
        definition: type[Layer],
        written: Iterable[tuple[Scalar, TextNode]],
        arguments: dict[str, object],
    ) -> None:
        """Report arguments of an op value that the layer does not have, at their location."""
        known = {name: value for name, value in arguments.items() if value is not UNKNOWN}
        _, errors = definition.make(known)
        for key, node in written:
            for error in errors:
                if error.name == key.text and key.text in known:
                    self.error(error.code, error.message, node, error.label, *error.helps)
                    arguments[key.text] = UNKNOWN

    def parameter(self, parameter: Parameter, node: TextNode, reader: Reader, file: Spec) -> object:
        """A parameter's value as written at `node`, evaluated and checked against its type."""
        kind = parameter.type or type_of_default(parameter.default)
        if kind == "op":
            return self.op_value(node, reader, file)
        if kind == "[op]" and isinstance(node, Sequence):
            ops = [self.op_value(item, reader, file) for item in node.items]
            return UNKNOWN if any(op is UNKNOWN for op in ops) else ops
        value = self.value(node, reader, text=kind in ("str", "[str]", "any", "[any]"))
        if value is UNKNOWN or self._mistyped(parameter, kind, value, reader):
            return UNKNOWN
        if not accepts(kind)(value) and self.is_misspelled_type(node, reader):
            return UNKNOWN
        return self.checked(parameter, kind, value, node)

    def _mistyped(self, parameter: Parameter, kind: str, value: object, reader: Reader) -> bool:
        """Report a text default that was probably intended as a type, judging by the values passed for it."""
        if kind not in ("str", "[str]"):
            return False
        texts = value if isinstance(value, list) else [value]
        if all(isinstance(t, str) and t.isidentifier() and t not in reader.env for t in texts):
            return False
        return self._misspelled_type(parameter)

    def is_misspelled_type(self, node: TextNode, reader: Reader) -> bool:
        """Whether a value is a parameter whose default was intended as its type, which is reported then."""
        name = node.text.removeprefix("=").strip() if isinstance(node, Scalar) else ""
        block = reader.frame.level.block
        parameters = block.parameters if block is not None else reader.frame.file.parameters
        parameter = parameters.get(name)
        default = parameter.default if parameter is not None else None
        word = _only_word(default)
        if parameter is None or word is None:
            return False
        text = word.text if word is default else [word.text]
        return reader.env.get(name) == text and self._misspelled_type(parameter)

    def _misspelled_type(self, parameter: Parameter) -> bool:
        """Whether a default that is text is spelled almost as a type, which is reported then."""
        word = _only_word(parameter.default)
        if parameter.type or word is None or word.quoted:
            return False
        suggestion = closest(word.text, TYPES)
        if suggestion is not None:
            self.error(
                Code.BAD_VALUE,
                f"`{word.text}` is not a parameter type, so `{parameter.name}` is text",
                word,
                "a text",
                did_you_mean(suggestion),
            )
        return suggestion is not None

    def checked(self, parameter: Parameter, kind: str, value: object, node: TextNode) -> object:
        """`value` if the parameter accepts it, otherwise `UNKNOWN` and a diagnostic."""
        requirement = "" if accepts(kind)(value) else f"must be {expected(kind)}"
        if not requirement and isinstance(value, int | float) and not isinstance(value, bool):
            if parameter.least is not None and value < parameter.least:
                requirement = f"must be at least {show(parameter.least)}"
            elif parameter.most is not None and value > parameter.most:
                requirement = f"must be at most {show(parameter.most)}"
        if not requirement and parameter.choices and value not in parameter.choices:
            requirement = f"must be one of {', '.join(show(c) for c in parameter.choices)}"
        if requirement:
            self.error(
                Code.BAD_ARGUMENT,
                f"`{parameter.name}` cannot be {show(value)}",
                node,
                requirement,
                labels=(Label(parameter.place.span, "declared here"),),
            )
            return UNKNOWN
        if kind == "int" and isinstance(value, float):
            return int(value)
        return value


def _only_word(default: TextNode | None) -> Scalar | None:
    """The scalar that a default is, or is a list of: `itn` in `depths: itn` and in `depths: [itn]`."""
    if isinstance(default, Sequence) and len(default.items) == 1:
        (default,) = default.items
    return default if isinstance(default, Scalar) else None
