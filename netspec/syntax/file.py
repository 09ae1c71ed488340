"""A whole file, from its document: the top-level keys and everything they declare."""

from __future__ import annotations

import os

from netspec.diagnostics import Code, Diagnostic, Diagnostics, Help, did_you_mean
from netspec.document import Document, Mapping, Scalar, TextNode, read
from netspec.limits import MOST_BYTES, MOST_NESTED_FILES
from netspec.similar_words import closest
from netspec.syntax.block_declarations import BlockReader
from netspec.syntax.fields import FieldReader
from netspec.syntax.formula_steps import formula_steps
from netspec.syntax.init_rules import InitReader
from netspec.syntax.inputs import InputReader
from netspec.syntax.key_tables import BUDGET_KEYS, FILE_KEYS
from netspec.syntax.keys import Respelling, known
from netspec.syntax.model import Spec
from netspec.syntax.parameters import ParameterReader
from netspec.syntax.steps import StepReader

LANGUAGE = 1.1
"""The newest version of the language that this compiler reads."""
VERSIONS = (1, LANGUAGE)
"""All versions. A file keeps the meaning of the one that it declares."""


def read_spec(
    document: Document, diagnostics: Diagnostics, respelling: Respelling | None = None
) -> Spec | None:
    """The spec that a document holds, and those of the files that it uses; None if it holds none."""
    return SpecReader(diagnostics, {}, {} if respelling is None else respelling).read(document)


class SpecReader(FieldReader):
    """Reads files into specs; `open_files` are those being read now, to find `use` going in circles."""

    def __init__(
        self, diagnostics: Diagnostics, loaded: dict[str, Spec | None], respelling: Respelling
    ) -> None:
        super().__init__(StepReader(diagnostics, respelling))
        self.loaded = loaded
        self.open_files: list[str] = []
        self.bytes_left = MOST_BYTES

    def read(self, document: Document) -> Spec | None:
        """The spec of one document."""
        for diagnostic in document.diagnostics:
            self.diagnostics.add(diagnostic)
        root = document.root
        if root is None:
            return None
        if not isinstance(root, Mapping):
            self.error(
                Code.NOT_A_SPEC,
                "this is not a netspec file: its top level is not a mapping",
                root,
                "",
                "start a spec with `netspec: 1`",
            )
            return None
        version = self._version(root)
        if version is None:
            return None
        parameters, inputs = ParameterReader(self.steps), InputReader(self.steps)
        shaped = None
        if root.get("inputs") is None and any(k.text not in FILE_KEYS for k, _ in root.entries):
            root, shaped = inputs.with_inputs(root)
        root = known(root, FILE_KEYS, self.diagnostics, "a spec")
        spec = Spec(document, root)
        spec.version = version
        stem = os.path.splitext(os.path.basename(document.source.name))[0]
        spec.name = self.text(root, "name") or stem
        spec.doc = self.text(root, "doc")
        spec.parameters = parameters.parameters(root.get("params"))
        spec.presets = parameters.presets(root.get("presets"), spec)
        spec.inputs = inputs.inputs(root.get("inputs")) if shaped is None else shaped
        spec.dims = inputs.dims(root.get("dims"))
        spec.uses = self._uses(root.get("use"), document)
        spec.blocks = BlockReader(self.steps, parameters).blocks(root.get("blocks"), spec)
        spec.init = InitReader(self.steps).rules(root.get("init"), spec)
        if (body := root.get("body")) is not None:
            spec.body = self.steps.body(body, "`body`")
        spec.outputs = root.get("outputs")
        if spec.body is not None:
            spec.body.output_formulas = formula_steps(spec.outputs)
        spec.budget = self._budget(root.get("budget"))
        spec.rename = self._rename(root.get("rename"))
        return spec

    def _version(self, root: Mapping) -> float | None:
        """The version of the language that a file declares; None after an error."""
        node = root.get("netspec")
        if node is None:
            first = root.entries[0][0] if root.entries else root
            near = next((k for k, _ in root.entries if closest(k.text, ["netspec"])), None)
            self.error(
                Code.NOT_A_SPEC,
                "this is not a netspec file: it has no `netspec` key",
                near or first,
                "",
                did_you_mean("netspec") if near else "add `netspec: 1` at the top",
            )
            return None
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or (value not in VERSIONS and value < LANGUAGE)
        ):
            self.error(
                Code.VERSION,
                "`netspec` must be the version of the language",
                node,
                "not a version",
                f"write `netspec: {LANGUAGE}`",
            )
            return None
        if value > LANGUAGE:
            self.error(
                Code.VERSION,
                f"this file uses version {value} of the language; this compiler reads version "
                f"{LANGUAGE}",
                node,
                f"newer than {LANGUAGE}",
                "upgrade: pip install --upgrade netspec-compiler",
            )
            return None
        return value

    def _uses(self, node: TextNode | None, document: Document) -> dict[str, Spec]:
        specs_by_alias = {}
        for key, value in self.mapping(node, "use"):
            spec = self._used(key, value, document)
            if spec is not None:
                specs_by_alias[key.text] = spec
        return specs_by_alias

    def _used(self, key: Scalar, value: TextNode, document: Document) -> Spec | None:
        if not isinstance(value, Scalar) or not isinstance(value.value, str):
            self.error(
                Code.BAD_USE, f"`use: {key.text}` must be the path of a file", value, "not a path"
            )
            return None
        if "\0" in value.text:
            self.error(
                Code.BAD_USE, f"`use: {key.text}` is not a path", value, "contains a zero character"
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
                f"the files use each other in a cycle: {' → '.join(names)}",
                value,
                "closes the cycle",
                "move the shared blocks into a file that uses none of these",
            )
            return None
        if identity not in self.loaded:
            if len(self.open_files) >= MOST_NESTED_FILES:
                self.error(
                    Code.BAD_USE,
                    f"files use each other more than {MOST_NESTED_FILES} deep",
                    value,
                    "one too many",
                )
                return None
            used = read(path)
            if not self._usable(used, value):
                return None
            self.open_files.append(mine)
            self.loaded[identity] = self.read(used)
            self.open_files.pop()
        return self.loaded[identity]

    def _usable(self, used: Document, value: Scalar) -> bool:
        """Whether a file can be read as a spec; the diagnostic on one that cannot is at its path, `value`."""
        if used.unreadable:
            reason = used.diagnostics[0]
            self.diagnostics.add(
                Diagnostic(
                    Code.BAD_USE,
                    f"cannot use `{value.text}`: {reason.message}",
                    value.span,
                    helps=(Help("the path is relative to this file"), *reason.helps),
                )
            )
            return False
        if self.bytes_left < 0:
            return False
        self.bytes_left -= len(used.source.text)
        if self.bytes_left < 0:
            self.error(
                Code.TOO_LARGE,
                f"the files of this spec have more than {MOST_BYTES:,} bytes in total",
                value,
                "limit exceeded here",
                "use fewer files, or smaller ones",
            )
            return False
        if not used.has_version and (diagnostic := _foreign(used)) is not None:
            self.error(Code.BAD_USE, f"cannot use `{value.text}`: {diagnostic.message}", value)
            return False
        if "netspec" not in used.source.text:
            self.error(
                Code.BAD_USE,
                f"cannot use `{value.text}`: it is not a netspec file",
                value,
                "it has no `netspec: 1`",
                "start a used file with `netspec: 1`, and declare `blocks`",
            )
            return False
        return True

    def _rename(self, node: TextNode | None) -> dict[str, str]:
        """The rules for names in files of weights."""
        if node is None:
            return {}
        from netspec.syntax.rename_rules import rule_fault

        rules = {}
        for key, value in self.mapping(node, "rename"):
            if not isinstance(value, Scalar) or not (
                isinstance(value.value, str) or value.text == ""
            ):
                self.error(
                    Code.BAD_VALUE, f"`rename: {key.text}` must be a name", value, "not a name",
                    'write `"norm.1": norm1`; an empty name, `""`, removes the old one',
                )  # fmt: skip
                continue
            fault = rule_fault(key.text, value.text)
            if fault is not None:
                message = f"the rule `rename: {key.text}` {fault[0]}"
                self.error(Code.BAD_VALUE, message, key, "not a rule", fault[1])
                continue
            rules[key.text] = value.text
        return rules

    def _budget(self, node: TextNode | None) -> dict[str, tuple[Scalar, TextNode]]:
        if isinstance(node, Mapping):
            node = known(node, BUDGET_KEYS, self.diagnostics, "a budget")
        return {k.text: (k, v) for k, v in self.mapping(node, "budget")}


def _foreign(document: Document) -> Diagnostic | None:
    """The diagnostic on a file of another tool."""
    from netspec.document.foreign import foreign

    return foreign(document)
