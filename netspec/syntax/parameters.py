"""`params` and `presets`: the values that a user of a file or block may choose."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Edit, Help, advice, did_you_mean
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.similar_words import closest
from netspec.syntax.fields import FieldReader, is_word, plain_value
from netspec.syntax.key_tables import PARAMETER_KEYS, TYPES
from netspec.syntax.keys import known
from netspec.syntax.model import RESERVED_NAMES, Parameter, Spec
from netspec.syntax.step_keys import RESERVED

_FUNCTIONS = frozenset(
    {"min", "max", "round", "floor", "ceil", "int", "len", "sum", "range", "true", "false", "null"}
)


def _is_name(node: TextNode) -> bool:
    return isinstance(node, Scalar) and isinstance(node.value, str) and node.text.isidentifier()


class ParameterReader(FieldReader):
    """Reads declarations of parameters, and the presets that set them."""

    def parameters(
        self, node: TextNode | None, *, of_a_block: bool = False
    ) -> dict[str, Parameter]:
        """The declarations under a `params` key."""
        parameters: dict[str, Parameter] = {}
        if isinstance(node, Sequence) and node.items and all(_is_name(item) for item in node.items):
            return self._listed(node)
        for key, value in self.mapping(node, "params"):
            if of_a_block and key.text in RESERVED:
                self.error(
                    Code.BAD_NAME,
                    f"`{key.text}` cannot name a parameter",
                    key,
                    "reserved step key",
                    "a use of the block could not set it: choose another name",
                )
            elif self._usable(key):
                parameters[key.text] = self._parameter(key, value)
        return parameters

    def _listed(self, node: Sequence) -> dict[str, Parameter]:
        """Names alone, as a function lists its arguments: each is required, and of any type."""
        names = [item for item in node.items if isinstance(item, Scalar)]
        listed = ", ".join(f"{name.text}: int" for name in names)
        self.diagnostics.add(
            Diagnostic(
                Code.BAD_VALUE,
                "`params` must be a mapping from names to types or defaults",
                node.span,
                "a list of names",
                helps=(
                    Help(
                        f"write `params: {{{listed}}}`",
                        (Edit(node.span, f"{{{listed}}}"),),
                        safe=False,
                    ),
                ),
            )
        )
        return {
            name.text: Parameter(name.text, name, "any") for name in names if self._usable(name)
        }

    def _usable(self, key: Scalar) -> bool:
        """Whether the name is valid in an expression."""
        if key.text in RESERVED_NAMES:
            self.error(
                Code.BAD_NAME,
                f"`{key.text}` cannot name a parameter",
                key,
                RESERVED_NAMES[key.text],
                "`x`, `i`, `input` and `previous` are reserved",
            )
            return False
        if not is_word(key.text) or key.text in _FUNCTIONS:
            self.error(
                Code.BAD_NAME,
                f"`{key.text}` cannot name a parameter",
                key,
                "not a valid identifier",
                "use letters, digits and `_`, and no keyword of the expression language",
            )
            return False
        return True

    def _parameter(self, key: Scalar, value: TextNode) -> Parameter:
        declared = Parameter(key.text, key, "")
        if isinstance(value, Mapping) and value.get("op") is None:
            value = known(value, PARAMETER_KEYS, self.diagnostics, "a parameter")
            if (kind := value.get("type")) is not None:
                declared.type = self._type(kind)
            declared.default = value.get("default")
            declared.least = self.number(value.get("min"))
            declared.most = self.number(value.get("max"))
            if (choices := value.get("choices")) is not None:
                declared.choices = self._choices(choices)
            declared.doc = self.text(value, "doc")
        elif _type_word(value):
            declared.type = _type_word(value)
        else:
            declared.default = value
            if isinstance(value, Mapping):
                declared.type = "op"
        return declared

    def _type(self, node: TextNode) -> str:
        if word := _type_word(node):
            return word
        if (
            isinstance(node, Sequence)
            and len(node.items) == 1
            and isinstance(node.items[0], Scalar)
        ):
            inner = self._type(node.items[0])
            return f"[{inner}]" if inner != "any" else "any"
        written = f"`{node.text}`" if isinstance(node, Scalar) else "this"
        suggestion = closest(written.strip("`"), TYPES)
        self.error(
            Code.BAD_VALUE,
            f"{written} is not a parameter type",
            node,
            "unknown type",
            did_you_mean(suggestion)
            if suggestion
            else f"the types are {', '.join(TYPES)}, and lists such as [int]",
        )
        return suggestion or "any"

    def _choices(self, node: TextNode) -> tuple[object, ...]:
        if not isinstance(node, Sequence):
            self.error(Code.BAD_VALUE, "`choices` must be a list of values", node, "not a list")
            return ()
        return tuple(plain_value(item) for item in node.items)

    def presets(self, node: TextNode | None, spec: Spec) -> dict[str, Mapping]:
        """The presets by name; each sets parameters that the file has."""
        presets = {}
        for key, value in self.mapping(node, "presets"):
            if not isinstance(value, Mapping):
                self.error(
                    Code.BAD_VALUE, f"the preset `{key.text}` must map parameters to values", value
                )
                continue
            for name, _ in value.entries:
                if name.text not in spec.parameters:
                    self._no_parameter(name, spec)
            presets[key.text] = value
        return presets

    def _no_parameter(self, name: Scalar, spec: Spec) -> None:
        suggestion = closest(name.text, spec.parameters)
        self.diagnostics.add(
            Diagnostic(
                Code.UNKNOWN_PARAMETER,
                f"`{spec.name}` has no parameter `{name.text}`",
                name.span,
                "unknown parameter",
                helps=(
                    advice(
                        did_you_mean(suggestion) if suggestion else "declare it under `params`",
                        name.span,
                    ),
                ),
                name=name.text,
            )
        )


def _type_word(node: TextNode) -> str:
    """The type that `int` or `[int]` names, or `""`."""
    if isinstance(node, Scalar) and node.text in TYPES:
        return node.text
    if isinstance(node, Sequence) and len(node.items) == 1 and isinstance(node.items[0], Scalar):
        inner = _type_word(node.items[0])
        return f"[{inner}]" if inner else ""
    return ""
