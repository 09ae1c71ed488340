"""A whole file, from its document: the top-level keys and everything they declare."""

from __future__ import annotations

import keyword
import os

from netspec.diagnostics import Code, Diagnostic, Findings, Help, Label, advice, closest
from netspec.document import Document, Entry, Mapping, Node, Scalar, Sequence, read
from netspec.spec.keys import Respelling, known
from netspec.spec.model import (
    TYPES,
    Block,
    Body,
    Dimension,
    InitRule,
    Input,
    Parameter,
    Spec,
)
from netspec.spec.step_keys import RESERVED
from netspec.spec.steps import StepReader

LANGUAGE = 1
"""The version of the language that this compiler reads."""

_KEYS = (
    "netspec",
    "name",
    "doc",
    "params",
    "presets",
    "inputs",
    "dims",
    "use",
    "blocks",
    "init",
    "body",
    "outputs",
    "budget",
)
_BLOCK_KEYS = ("doc", "params", "inputs", "body", "outputs")
_PARAMETER_KEYS = ("type", "default", "min", "max", "choices", "doc")
_INPUT_KEYS = ("shape", "dtype", "doc")
_SIZE_KEYS = ("min", "multiple_of", "example", "doc")
_BUDGETS = ("params", "macs", "activations", "depth")
_NOBODYS = frozenset({"x", "i", "input", "previous"})
_FUNCTIONS = frozenset(
    {"min", "max", "round", "floor", "ceil", "int", "len", "sum", "range", "true", "false", "null"}
)


def read_spec(
    document: Document, findings: Findings, respelling: Respelling | None = None
) -> Spec | None:
    """The spec that a document holds, and those of the files that it uses; None if it holds none."""
    return SpecReader(findings, {}, {} if respelling is None else respelling).read(document)


class SpecReader:
    """Reads files into specs; `open_files` are those being read now, to find `use` going in circles."""

    def __init__(
        self, findings: Findings, loaded: dict[str, Spec | None], respelling: Respelling
    ) -> None:
        self.findings = findings
        self.steps = StepReader(findings, respelling)
        self.loaded = loaded
        self.open_files: list[str] = []

    def error(self, code: str, message: str, node: Node, label: str = "", *helps: str) -> None:
        """Report an error at `node`."""
        self.steps.error(code, message, node, label, *helps)

    def read(self, document: Document) -> Spec | None:
        """The spec of one document."""
        for diagnostic in document.diagnostics:
            self.findings.add(diagnostic)
        root = document.root
        if root is None:
            return None
        if not isinstance(root, Mapping):
            self.error(
                Code.NOT_A_SPEC,
                "this is not a netspec file: its top level is no mapping",
                root,
                "",
                "a spec begins with `netspec: 1`",
            )
            return None
        if not self._version(root):
            return None
        root = known(root, _KEYS, self.findings, "a spec")
        spec = Spec(document, root)
        stem = os.path.splitext(os.path.basename(document.source.name))[0]
        spec.name = self._text(root, "name") or stem
        spec.doc = self._text(root, "doc")
        spec.parameters = self.parameters(root.get("params"))
        spec.presets = self._presets(root.get("presets"), spec)
        spec.inputs = self._inputs(root.get("inputs"))
        spec.dims = self._dims(root.get("dims"))
        spec.uses = self._uses(root.get("use"), document)
        spec.blocks = self._blocks(root.get("blocks"), spec)
        spec.init = self._init(root.get("init"), spec)
        if (body := root.get("body")) is not None:
            spec.body = self.steps.body(body, "`body`")
        spec.outputs = root.get("outputs")
        spec.budget = self._budget(root.get("budget"))
        return spec

    # ---- the keys, in the order of the page ----------------------------------------------------

    def _version(self, root: Mapping) -> bool:
        node = root.get("netspec")
        if node is None:
            first = root.entries[0][0] if root.entries else root
            near = next((k for k, _ in root.entries if closest(k.text, ["netspec"])), None)
            self.error(
                Code.NOT_A_SPEC,
                "this is not a netspec file: it has no `netspec` key",
                near or first,
                "",
                "did you mean `netspec`?" if near else "begin with `netspec: 1`",
            )
            return False
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 1:
            self.error(
                Code.VERSION,
                "`netspec` is the version of the language",
                node,
                "not a version",
                f"write `netspec: {LANGUAGE}`",
            )
            return False
        if value >= LANGUAGE + 1:
            self.error(
                Code.VERSION,
                f"this file is in version {value} of the language; this compiler reads {LANGUAGE}",
                node,
                f"newer than {LANGUAGE}",
                "upgrade: pip install --upgrade netspec-compiler",
            )
            return False
        return True

    def _text(self, node: Mapping, key: str) -> str:
        value = node.get(key)
        return "" if value is None else self.steps.text_of(value, f"`{key}`")

    def _mapping(self, node: Node | None, what: str) -> tuple[Entry, ...]:
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return ()
        if isinstance(node, Mapping):
            return node.entries
        self.error(
            Code.BAD_VALUE,
            f"`{what}` must be a mapping from names",
            node,
            "not a mapping",
            f"write `{what}: {_EXAMPLES.get(what, '{name: …}')}`",
        )
        return ()

    def parameters(self, node: Node | None, *, of_a_block: bool = False) -> dict[str, Parameter]:
        """The declarations under a `params` key."""
        found = {}
        for key, value in self._mapping(node, "params"):
            if of_a_block and key.text in RESERVED:
                self.error(
                    Code.BAD_NAME,
                    f"`{key.text}` cannot name a parameter",
                    key,
                    "a key of every step",
                    "no use of the block could give it: choose another name",
                )
            elif self._usable(key):
                found[key.text] = self._parameter(key, value)
        return found

    def _usable(self, key: Scalar) -> bool:
        """Whether an expression can say this name."""
        if key.text in _NOBODYS:
            self.error(
                Code.BAD_NAME,
                f"`{key.text}` cannot name a parameter",
                key,
                "has a meaning of its own",
                "`x`, `i`, `input` and `previous` are nobody else's names",
            )
            return False
        if not key.text.isidentifier() or keyword.iskeyword(key.text) or key.text in _FUNCTIONS:
            self.error(
                Code.BAD_NAME,
                f"`{key.text}` cannot name a parameter",
                key,
                "no expression could say it",
                "use letters, digits and `_`, and no word of the expression language",
            )
            return False
        return True

    def _parameter(self, key: Scalar, value: Node) -> Parameter:
        declared = Parameter(key.text, key, "")
        if isinstance(value, Mapping) and value.get("op") is None:
            value = known(value, _PARAMETER_KEYS, self.findings, "a parameter")
            if (kind := value.get("type")) is not None:
                declared.type = self._type(kind)
            declared.default = value.get("default")
            declared.least = self._number(value.get("min"))
            declared.most = self._number(value.get("max"))
            if (choices := value.get("choices")) is not None:
                declared.choices = self._choices(choices)
            declared.doc = self._text(value, "doc")
        elif _type_word(value):
            declared.type = _type_word(value)
        else:
            declared.default = value
            if isinstance(value, Mapping):
                declared.type = "op"
        return declared

    def _type(self, node: Node) -> str:
        if word := _type_word(node):
            return word
        written = f"`{node.text}`" if isinstance(node, Scalar) else "this"
        meant = closest(written.strip("`"), TYPES)
        self.error(
            Code.BAD_VALUE,
            f"{written} is no type of a parameter",
            node,
            "unknown type",
            f"did you mean `{meant}`?"
            if meant
            else f"a type is {', '.join(TYPES)}, or a list such as [int]",
        )
        return meant or "any"

    def _number(self, node: Node | None) -> float | None:
        if node is None:
            return None
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.error(Code.BAD_VALUE, "expected a number", node, "not a number")
            return None
        return value

    def _choices(self, node: Node) -> tuple[object, ...]:
        if not isinstance(node, Sequence):
            self.error(Code.BAD_VALUE, "`choices` is a list of values", node, "not a list")
            return ()
        return tuple(plain(item) for item in node.items)

    def _presets(self, node: Node | None, spec: Spec) -> dict[str, Mapping]:
        found = {}
        for key, value in self._mapping(node, "presets"):
            if not isinstance(value, Mapping):
                self.error(
                    Code.BAD_VALUE, f"the preset `{key.text}` must map parameters to values", value
                )
                continue
            for name, _ in value.entries:
                if name.text not in spec.parameters:
                    self._no_parameter(name, spec)
            found[key.text] = value
        return found

    def _no_parameter(self, name: Scalar, spec: Spec) -> None:
        meant = closest(name.text, spec.parameters)
        self.findings.add(
            Diagnostic(
                Code.UNKNOWN_PARAMETER,
                f"`{spec.name}` has no parameter `{name.text}`",
                name.span,
                "unknown parameter",
                helps=(
                    advice(
                        f"did you mean `{meant}`?" if meant else "declare it under `params`",
                        name.span,
                    ),
                ),
                name=name.text,
            )
        )

    def _inputs(self, node: Node | None) -> tuple[Input, ...]:
        found = []
        for key, value in self._mapping(node, "inputs"):
            shape: Node | None = value
            dtype = "float32"
            if isinstance(value, Mapping):
                value = known(value, _INPUT_KEYS, self.findings, "an input")
                shape = value.get("shape")
                dtype = self._dtype(value.get("dtype"))
            if not isinstance(shape, Sequence):
                self.error(
                    Code.BAD_VALUE,
                    f"the input `{key.text}` needs a shape",
                    shape or value,
                    "not a list of sizes",
                    f"write `{key.text}: [N, 3, H, W]`; a name with a capital is a symbolic size",
                )
                continue
            found.append(Input(key.text, key, shape, dtype))
        return tuple(found)

    def _dtype(self, node: Node | None) -> str:
        if node is None:
            return "float32"
        text = self.steps.text_of(node, "`dtype`").removeprefix("torch.")
        if text not in DTYPES:
            meant = closest(text, DTYPES)
            self.error(
                Code.BAD_VALUE,
                f"`{text}` is no element type of torch",
                node,
                "unknown dtype",
                f"did you mean `{meant}`?" if meant else f"a dtype is {', '.join(DTYPES)}",
            )
        return text

    def _dims(self, node: Node | None) -> dict[str, Dimension]:
        found = {}
        for key, value in self._mapping(node, "dims"):
            dim = Dimension(key.text, key, node=value)
            if isinstance(value, Mapping):
                value = known(value, _SIZE_KEYS, self.findings, "a size")
                dim.least = self._positive(value.get("min")) or 1
                dim.multiple_of = self._positive(value.get("multiple_of")) or 1
                dim.example = self._positive(value.get("example"))
            else:
                dim.example = self._positive(value)
            found[key.text] = dim
        return found

    def _positive(self, node: Node | None) -> int | None:
        if node is None:
            return None
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10**12:
            self.error(Code.BAD_VALUE, "expected a whole number of at least 1", node, "not a size")
            return None
        return value

    def _uses(self, node: Node | None, document: Document) -> dict[str, Spec]:
        found = {}
        for key, value in self._mapping(node, "use"):
            spec = self._used(key, value, document)
            if spec is not None:
                found[key.text] = spec
        return found

    def _used(self, key: Scalar, value: Node, document: Document) -> Spec | None:
        if not isinstance(value, Scalar) or not isinstance(value.value, str):
            self.error(
                Code.BAD_USE, f"`use: {key.text}` must be the path of a file", value, "not a path"
            )
            return None
        here = os.path.dirname(document.source.name)
        path = os.path.normpath(os.path.join(here, value.text))
        identity = os.path.realpath(path)
        mine = os.path.realpath(document.source.name)
        if identity in (*self.open_files, mine):
            chain = [*self.open_files, mine]
            names = [os.path.basename(p) for p in [*chain[chain.index(identity) :], identity]]
            self.error(
                Code.BAD_USE,
                f"the files use each other in a circle: {' → '.join(names)}",
                value,
                "closes the circle",
                "move the shared blocks into a file that uses neither",
            )
            return None
        if identity not in self.loaded:
            used = read(path)
            if used.unreadable:
                reason = used.diagnostics[0]
                self.findings.add(
                    Diagnostic(
                        Code.BAD_USE,
                        f"cannot use `{value.text}`: {reason.message}",
                        value.span,
                        helps=(Help("the path is relative to this file"), *reason.helps),
                    )
                )
                return None
            if "netspec" not in used.source.text:
                self.error(
                    Code.BAD_USE,
                    f"cannot use `{value.text}`: it is not a netspec file",
                    value,
                    "no `netspec: 1` in it",
                    "a file that others use begins with `netspec: 1`, and has `blocks`",
                )
                return None
            self.open_files.append(mine)
            self.loaded[identity] = self.read(used)
            self.open_files.pop()
        return self.loaded[identity]

    def _blocks(self, node: Node | None, spec: Spec) -> dict[str, Block]:
        found = {}
        for key, value in self._mapping(node, "blocks"):
            found[key.text] = self._block(key, value, spec)
        return found

    def _block(self, key: Scalar, value: Node, spec: Spec) -> Block:
        if isinstance(value, Sequence):
            return Block(key.text, key, self.steps.body(value, f"the block `{key.text}`"), spec)
        if isinstance(value, Mapping) and value.get("op") is not None and value.get("body") is None:
            self.error(
                Code.MISSING_KEY,
                f"the block `{key.text}` has no `body`",
                key,
                "this is a step",
                f"put it into a list: `{key.text}: [{{op: …}}]`",
            )
            return Block(key.text, key, Body((), value), spec, failed=True)
        written = value
        if isinstance(value, Mapping):
            value = known(value, _BLOCK_KEYS, self.findings, "a block")
        body = value.get("body") if isinstance(value, Mapping) else None
        if not isinstance(value, Mapping) or body is None:
            if (
                value is written
            ):  # else it has a key that nothing is known by, which may be this one
                self.error(
                    Code.MISSING_KEY,
                    f"the block `{key.text}` has no `body`",
                    key,
                    "",
                    "a block is a list of steps, or a mapping with `body`",
                )
            return Block(key.text, key, Body((), value), spec, failed=True)
        block = Block(key.text, key, self.steps.body(body, "`body`"), spec)
        block.parameters = self.parameters(value.get("params"), of_a_block=True)
        block.inputs = self._names(value.get("inputs"))
        block.outputs = value.get("outputs")
        block.doc = self._text(value, "doc")
        return block

    def _names(self, node: Node | None) -> tuple[Scalar, ...]:
        if node is None:
            return ()
        items = node.items if isinstance(node, Sequence) else [node]
        names = [item for item in items if isinstance(item, Scalar)]
        if (
            len(names) != len(items)
            or not all(isinstance(n.value, str) for n in names)
            or not names
        ):
            self.error(Code.BAD_VALUE, "`inputs` of a block is a list of names", node)
        seen: dict[str, Scalar] = {}
        for name in names:
            if name.text in seen:
                self.findings.add(
                    Diagnostic(
                        Code.BAD_NAME,
                        f"two inputs are called `{name.text}`",
                        name.span,
                        labels=(Label(seen[name.text].span, "the first one"),),
                    )
                )
            seen[name.text] = name
        return tuple(seen.values())

    def _init(self, node: Node | None, spec: Spec) -> tuple[InitRule, ...]:
        rules = []
        for target, value in self._mapping(node, "init"):
            if isinstance(value, Scalar):
                self._no_parameter_to_start(target, value)
                continue
            for parameter, how in self._mapping(value, f"init: {target.text}"):
                rule = self._init_rule(target, parameter, how, spec)
                if rule is not None:
                    rules.append(rule)
        return tuple(rules)

    def _no_parameter_to_start(self, target: Scalar, value: Scalar) -> None:
        head, _, parameter = target.text.rpartition(".")
        parts = (head, parameter) if parameter in ("weight", "bias") else (target.text, "weight")
        self.error(
            Code.INIT,
            f"`{target.text}` does not say which parameter starts so",
            value,
            "",
            f'name the parameter: `"{parts[0]}": {{{parts[1]}: {value.text}}}`',
        )

    def _init_rule(
        self, target: Scalar, parameter: Scalar, how: Node, spec: Spec
    ) -> InitRule | None:
        arguments: dict[str, tuple[Scalar, Node]] = {}
        fn: Node | None = how
        if isinstance(how, Mapping):
            fn = how.get("fn")
            arguments = {k.text: (k, v) for k, v in how.entries if k.text != "fn"}
        if not isinstance(fn, Scalar) or not isinstance(fn.value, str):
            self.error(
                Code.INIT,
                f"`{parameter.text}` needs a function of torch.nn.init",
                how,
                "",
                "write `weight: zeros_`, or `weight: {fn: normal_, std: 0.02}`",
            )
            return None
        return InitRule(target, parameter, fn.text, arguments, fn, spec)

    def _budget(self, node: Node | None) -> dict[str, tuple[Scalar, Node]]:
        if isinstance(node, Mapping):
            node = known(node, _BUDGETS, self.findings, "a budget")
        return {k.text: (k, v) for k, v in self._mapping(node, "budget")}


_EXAMPLES = {
    "params": "{width: 64}",
    "presets": "{large: {width: 128}}",
    "inputs": "{image: [N, 3, H, W]}",
    "dims": "{H: {min: 32}}",
    "use": "{resnet: ./resnet.yaml}",
    "blocks": "{Block: [ReLU]}",
    "init": "{Conv2d: {weight: zeros_}}",
    "budget": "{params: 1000000}",
}
"""What the mappings of a file look like."""

DTYPES = (
    "float32",
    "float64",
    "float16",
    "bfloat16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "bool",
    "complex64",
    "complex128",
)
"""The element types that an input may have, as torch spells them."""


def _type_word(node: Node) -> str:
    """The type that `int` or `[int]` names, or `""`."""
    if isinstance(node, Scalar) and node.text in TYPES:
        return node.text
    if isinstance(node, Sequence) and len(node.items) == 1 and isinstance(node.items[0], Scalar):
        inner = _type_word(node.items[0])
        return f"[{inner}]" if inner else ""
    return ""


def plain(node: Node) -> object:
    """The value of a tree, without its places."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key.text: plain(value) for key, value in node.entries}
