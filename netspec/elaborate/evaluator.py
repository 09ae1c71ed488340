"""Values of the text: expressions evaluated, op values resolved, parameters bound to their types."""

from __future__ import annotations

from collections.abc import Iterable

from netspec import layers
from netspec.diagnostics import (
    Code,
    Diagnostic,
    Findings,
    Help,
    Label,
    advice,
    closest,
    did_you_mean,
)
from netspec.document import Entry, Mapping, Node, Scalar, Sequence
from netspec.elaborate.catalog import Catalog
from netspec.elaborate.initializer_arguments import read_mapping
from netspec.elaborate.op_value import OpValue
from netspec.elaborate.parameter_types import accepts, expected, type_of_default
from netspec.elaborate.run_limits import passed, spend_work
from netspec.elaborate.scope import Reader
from netspec.elaborate.unknown_argument import Definition, stray_argument
from netspec.expr import UNKNOWN, ExpressionError, Item, Unknown, evaluate, parse_expression
from netspec.expr.errors import LONGEST_LIST
from netspec.expr.value_types import extent
from netspec.layers.arguments import Kind
from netspec.layers.base import Layer, show
from netspec.limits import LimitError, RunBudget
from netspec.record import replace
from netspec.syntax import Block, Misspelt, Parameter, Respelling, Spec, Step
from netspec.syntax.key_tables import TYPES
from netspec.syntax.step_keys import OF_A_CALL

_FAILURE = 100
"""Operations that an expression without a value counts as: there is something to say of each."""
_YAML_1_1 = ("yes", "on", "no", "off")
"""What was a boolean in YAML 1.1, and is often still written."""


class Values:
    """Evaluates what the text says; what goes wrong is reported and becomes `UNKNOWN`."""

    def __init__(self, findings: Findings, respelling: Respelling, catalog: Catalog) -> None:
        self.findings = findings
        self.budget = RunBudget()
        """What is left to the run."""
        self.catalog = catalog
        self.respelling = respelling
        """The keys of steps that an op does not know, and that mean a key of every step."""
        self._ops: dict[tuple[Spec, str], OpValue] = {}
        self._unknown_ops: set[tuple[Node, str]] = set()

    def error(
        self,
        code: str,
        message: str,
        node: Node,
        label: str = "",
        *helps: str,
        labels: tuple[Label, ...] = (),
        name: str = "",
    ) -> None:
        """Report an error at `node`; `name` is what stands for nothing there."""
        advices = tuple(advice(h, node.span, name) for h in helps)
        self.findings.add(
            Diagnostic(code, message, node.span, label, labels, helps=advices, name=name)
        )

    def value(
        self, node: Node, reader: Reader, *, text: bool = False, words: frozenset[str] = frozenset()
    ) -> object:
        """The value of a field. `text` says that text is text, `words` which texts are."""
        if isinstance(node, Scalar):
            value = node.value
            if not isinstance(value, str):
                return value
            if value.startswith("="):
                return self.expression(value[1:], node, reader, offset=1)
            if text or value in words:
                return value
            if value in _YAML_1_1 and value not in reader.env:
                boolean_word = "true" if value in _YAML_1_1[:2] else "false"
                self.error(
                    Code.UNKNOWN_NAME,
                    f"`{value}` is text in YAML 1.2, not a boolean",
                    node,
                    "text",
                    f"write `{boolean_word}`",
                )
                return UNKNOWN
            return self.expression(value, node, reader)
        if isinstance(node, Sequence):
            return self._list(node, reader, text=text, words=words)
        assert isinstance(node, Mapping)
        entries = {k.text: self.value(v, reader, text=True) for k, v in node.entries}
        if any(v is UNKNOWN for v in entries.values()):
            return UNKNOWN
        return self._whole(entries, list(entries.values()), node)

    def _list(self, node: Sequence, reader: Reader, *, text: bool, words: frozenset[str]) -> object:
        items = [self.value(item, reader, text=text, words=words) for item in node.items]
        if any(item is UNKNOWN for item in items):
            return UNKNOWN
        return self._whole(items, items, node)

    def _whole(self, value: object, items: list[object], node: Node) -> object:
        """A list or mapping, unless it holds too much: shared lists take no room until they are written out."""
        if not any(isinstance(item, list | tuple | dict) for item in items):
            return value
        count = extent(value)
        spend_work(self.budget, count, node)
        if count <= LONGEST_LIST:
            return value
        self.error(
            Code.BOUNDS,
            f"this value contains more than {LONGEST_LIST:,} values, including those of "
            "nested lists",
            node,
            "too large",
        )
        return UNKNOWN

    def expression(self, text: str, node: Node, reader: Reader, offset: int = 0) -> object:
        """The value of an expression that is in `node`."""
        try:
            value = evaluate(parse_expression(text), reader, self.budget)
        except LimitError as error:
            raise passed(error, node) from None
        except ExpressionError as error:
            spend_work(self.budget, _FAILURE, node)
            a_step = error.code == Code.UNKNOWN_NAME and text[error.end : error.end + 1] == "."
            if not (a_step and reader.frame.lost):  # then it may be the one whose name is lost
                finding = expression_finding(error, node, offset)
                if finding.name in reader.later:
                    hint = f"`{finding.name}` is declared later: declare it before this one"
                    finding = replace(finding, helps=(Help(hint),))
                self.findings.add(finding)
            return UNKNOWN
        return value.value if isinstance(value, Item) else value

    def argument(self, kind: Kind, node: Node, reader: Reader) -> object:
        """The value of a layer's argument; a word where a few words are wanted is left to the kind."""
        if kind.initializes and isinstance(node, Mapping):
            return read_mapping(node, self, reader)
        if kind.words and isinstance(node, Scalar) and isinstance(node.value, str):
            word = node.value
            a_word = word.isidentifier() and word not in reader.env
            if a_word and (kind.text or word in kind.words or closest(word, kind.words)):
                return word
        if isinstance(node, Scalar) and node.value in kind.others_words:  # the kind refuses it
            return node.value if node.value not in reader.env else self.value(node, reader)
        return self.value(node, reader, text=kind.text, words=kind.words)

    # ---- ops -------------------------------------------------------------------------------------

    def definition(self, name: str, node: Node, reader: Reader, file: Spec) -> OpValue | None:
        """What an op's name means here: an op parameter, a block, a used file's block, a layer."""
        if name[:1] == "=":
            return self._computed_op(name, node, reader, file)
        held = reader.env.get(name)
        if held is not None:
            if isinstance(held, Item):
                held = held.value
            if isinstance(held, OpValue):
                reader.asked = True
                return held
            if held is UNKNOWN:
                return None
        known = self._ops.get((file, name))
        return known or self._defined(name, node, reader, file)

    def _computed_op(self, text: str, node: Node, reader: Reader, file: Spec) -> OpValue | None:
        """The op of a name, or the one that an expression gives or names."""
        name = text[1:].strip()
        if name.replace(".", "_").isidentifier() and name not in reader.env:
            return self.definition(name, node, reader, file)
        value = self.expression(text[1:], node, reader, offset=1)
        if isinstance(value, OpValue) or value is UNKNOWN:
            return value if isinstance(value, OpValue) else None
        if isinstance(value, str) and value[:1] != "=":
            return self.definition(value, node, reader, file)
        self.error(
            Code.BAD_ARGUMENT,
            f"`{name}` is {a_kind(value)}, not an op",
            node,
            "not an op",
            "an expression for an op must return an op parameter, or the name of an op as text",
        )
        return None

    def _defined(self, name: str, node: Node, reader: Reader, file: Spec) -> OpValue | None:
        """The block or layer of that name."""
        definition: Definition | Unknown | None = None
        if name in file.blocks or ("." in name and not self._from_elsewhere(name, file)):
            definition = self._block(name, node, file)
            if definition is None:
                return None
        definition = definition or self._layer(name, node)
        if isinstance(definition, Unknown):
            return None
        if definition is None:
            self._unknown_op(name, node, reader, file)
            return None
        op = self._ops[file, name] = OpValue(name, definition, {})
        return op

    def _unknown_op(self, name: str, node: Node, reader: Reader, file: Spec) -> None:
        """Report an op that there is not, once for all iterations around it."""
        if (node, name) in self._unknown_ops:
            return
        self._unknown_ops.add((node, name))
        from netspec.elaborate.unknown_op import unknown_op

        self.findings.add(unknown_op(name, node, reader, file, self.catalog.names()))

    def _from_elsewhere(self, name: str, file: Spec) -> bool:
        """Whether a name with a dot is one of another library, such as `F.relu`, and of no file that is used."""
        alias = name.partition(".")[0]
        if any(key.text == alias for key, _ in _entries(file.root.get("use"))):
            return False
        from netspec.layers.other_names import translated

        return alias in ("nn", "torch", "F") or translated(name) is not None

    def _layer(self, name: str, node: Node) -> type[Layer] | Unknown | None:
        """The layer of that name; one whose declaration is broken is reported, and unknown."""
        layer = layers.find(name)
        if layer is not None:
            return layer
        from netspec.elaborate.custom_layers import OwnLayerError

        try:
            return self.catalog.find(name)
        except OwnLayerError as error:
            helps = (error.help,) if error.help else ()
            self.error(Code.OWN_LAYER, error.message, node, "cannot be used", *helps)
            return UNKNOWN

    def _block(self, name: str, node: Node, file: Spec) -> Block | None:
        if name in file.blocks:
            return file.blocks[name]
        alias, _, block = name.partition(".")
        used = file.uses.get(alias)
        if used is None:
            self._no_alias(name, node, file)
            return None
        block_spec = used.blocks.get(block)
        if block_spec is None:
            suggestion = closest(block, used.blocks)
            self.error(
                Code.UNKNOWN_OP,
                f"`{used.name}` has no block `{block}`",
                node,
                "unknown block",
                did_you_mean(f"{alias}.{suggestion}")
                if suggestion
                else f"its blocks are: {', '.join(used.blocks)}",
                name=name,
            )
            block_spec = used.blocks.get(suggestion) if suggestion else None
        return block_spec

    def _no_alias(self, name: str, node: Node, file: Spec) -> None:
        """Report an op of a file that is not used."""
        from netspec.layers.other_names import method_of_tensors

        alias, _, block = name.partition(".")
        if not any(key.text == alias for key, _ in _entries(file.root.get("use"))):
            suggestion = closest(alias, file.uses)
            if suggestion is None and (layer := method_of_tensors(block)) is not None:
                words = did_you_mean(layer, " (ops are spelled without a tensor)")
                label = "not a layer or block"
                self.error(Code.UNKNOWN_OP, f"unknown op `{name}`", node, label, words, name=name)
                return
            self.error(
                Code.UNKNOWN_OP,
                f"unknown op `{name}`: `{alias}` is not declared under `use`",
                node,
                "unknown file",
                *(
                    [did_you_mean(f"{suggestion}.{block}")]
                    if suggestion
                    else [f"declare it: `use: {{{alias}: ./{alias}.yaml}}`"]
                ),
                name=alias,
            )

    def op_value(self, node: Node, reader: Reader, file: Spec) -> object:
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

    def _bounded(self, op: OpValue, node: Node) -> object:
        """An op, unless it holds too many ops as arguments of arguments."""
        if op.size <= LONGEST_LIST:
            return op
        self.error(
            Code.BOUNDS, f"this op contains more than {LONGEST_LIST:,} ops in its arguments", node
        )
        return UNKNOWN

    # ---- arguments and parameters -----------------------------------------------------------------

    def call_arguments(
        self,
        definition: Definition,
        written: Iterable[tuple[Scalar, Node]],
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
        written: Iterable[tuple[Scalar, Node]],
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
        """Report an argument that the op does not have; the name that was intended, if that can be told."""
        finding, suggestion = stray_argument(definition, key, reader.frame.level, step)
        self.findings.add(finding)
        if suggestion in OF_A_CALL:
            self.respelling[key.source.name, key.start] = Misspelt(suggestion, finding)
        return key.text if suggestion is None else suggestion

    def _accepted(
        self,
        definition: type[Layer],
        written: Iterable[tuple[Scalar, Node]],
        arguments: dict[str, object],
    ) -> None:
        """Report arguments of an op value that the layer does not take, where they are written."""
        known = {name: value for name, value in arguments.items() if value is not UNKNOWN}
        _, errors = definition.make(known)
        for key, node in written:
            for error in errors:
                if error.name == key.text and key.text in known:
                    self.error(error.code, error.message, node, error.label, *error.helps)
                    arguments[key.text] = UNKNOWN

    def parameter(self, parameter: Parameter, node: Node, reader: Reader, file: Spec) -> object:
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
        if not accepts(kind)(value) and self.is_misspelt_type(node, reader):
            return UNKNOWN
        return self.checked(parameter, kind, value, node)

    def _mistyped(self, parameter: Parameter, kind: str, value: object, reader: Reader) -> bool:
        """Whether a default that is text was intended as a type, as what is given for it shows; reported."""
        if kind != "str":
            return False
        if isinstance(value, str) and value.isidentifier() and value not in reader.env:
            return False
        return self._misspelt_type(parameter)

    def is_misspelt_type(self, node: Node, reader: Reader) -> bool:
        """Whether a value is a parameter whose default was intended as its type, which is reported then."""
        name = node.text.removeprefix("=").strip() if isinstance(node, Scalar) else ""
        block = reader.frame.level.block
        parameters = block.parameters if block is not None else reader.frame.file.parameters
        parameter = parameters.get(name)
        default = parameter.default if parameter is not None else None
        if parameter is None or not isinstance(default, Scalar):
            return False
        return reader.env.get(name) == default.text and self._misspelt_type(parameter)

    def _misspelt_type(self, parameter: Parameter) -> bool:
        """Whether a default that is text is spelled almost as a type, which is reported then."""
        default = parameter.default
        if parameter.type or not isinstance(default, Scalar) or default.quoted:
            return False
        suggestion = closest(default.text, TYPES)
        if suggestion is not None:
            self.error(
                Code.BAD_VALUE,
                f"`{default.text}` is not a parameter type, so `{parameter.name}` is text",
                default,
                "a text",
                did_you_mean(suggestion),
            )
        return suggestion is not None

    def checked(self, parameter: Parameter, kind: str, value: object, node: Node) -> object:
        """`value` if the parameter takes it, else `UNKNOWN` and a finding."""
        problem = "" if accepts(kind)(value) else f"must be {expected(kind)}"
        if not problem and isinstance(value, int | float) and not isinstance(value, bool):
            if parameter.least is not None and value < parameter.least:
                problem = f"must be at least {show(parameter.least)}"
            elif parameter.most is not None and value > parameter.most:
                problem = f"must be at most {show(parameter.most)}"
        if not problem and parameter.choices and value not in parameter.choices:
            problem = f"must be one of {', '.join(show(c) for c in parameter.choices)}"
        if problem:
            self.error(
                Code.BAD_ARGUMENT,
                f"`{parameter.name}` cannot be {show(value)}",
                node,
                problem,
                labels=(Label(parameter.place.span, "declared here"),),
            )
            return UNKNOWN
        if kind == "int" and isinstance(value, float):
            return int(value)
        return value


def a_kind(value: object) -> str:
    """What a value is, as a user calls it."""
    kinds: list[tuple[type, str]] = [
        (bool, "true or false"),
        (int, "an integer"),
        (float, "a number"),
        (str, "text"),
        (list, "a list"),
        (type(None), "null"),
        (OpValue, "an op"),
    ]
    return next((name for kind, name in kinds if isinstance(value, kind)), "a size of a tensor")


def expression_finding(error: ExpressionError, node: Node, offset: int = 0) -> Diagnostic:
    """The diagnostic of an error in an expression, at its very characters where they can be told."""
    assert isinstance(node, Scalar)
    span = node.part(offset + error.start, offset + error.end) if error.end else node.span
    unknown = error.code == Code.UNKNOWN_NAME
    name = node.text[offset + error.start : offset + error.end] if unknown else ""
    helps = tuple(advice(h, span) for h in error.helps)
    return Diagnostic(error.code, error.message, span, helps=helps, name=name)


def _entries(node: Node | None) -> tuple[Entry, ...]:
    return node.entries if isinstance(node, Mapping) else ()
