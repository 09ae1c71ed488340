"""`init`: how weights start."""

from __future__ import annotations

from netspec.diagnostics import Code
from netspec.document import Mapping, Scalar, TextNode
from netspec.syntax.fields import FieldReader
from netspec.syntax.model import InitRule, Spec


class InitReader(FieldReader):
    """Reads the rules of `init`."""

    def rules(self, node: TextNode | None, spec: Spec) -> tuple[InitRule, ...]:
        """The rules, in the order of the text."""
        rules = []
        for target, value in self.mapping(node, "init"):
            if isinstance(value, Scalar):
                self._no_parameter_to_start(target, value)
                continue
            for parameter, how in self.mapping(value, f"init: {target.text}"):
                rule = self._init_rule(target, parameter, how, spec)
                if rule is not None:
                    rules.append(rule)
        return tuple(rules)

    def _no_parameter_to_start(self, target: Scalar, value: Scalar) -> None:
        head, _, parameter = target.text.rpartition(".")
        parts = (head, parameter) if parameter in ("weight", "bias") else (target.text, "weight")
        self.error(
            Code.INIT,
            f"`{target.text}` does not name a parameter to initialize",
            value,
            "",
            f'name the parameter: `"{parts[0]}": {{{parts[1]}: {value.text}}}`',
        )

    def _init_rule(
        self, target: Scalar, parameter: Scalar, how: TextNode, spec: Spec
    ) -> InitRule | None:
        arguments: dict[str, tuple[Scalar, TextNode]] = {}
        fn: TextNode | None = how
        if isinstance(how, Mapping):
            fn = how.get("fn")
            arguments = {k.text: (k, v) for k, v in how.entries if k.text != "fn"}
        if not isinstance(fn, Scalar) or not isinstance(fn.value, str):
            self.error(
                Code.INIT,
                f"`{parameter.text}` requires a function of torch.nn.init",
                how,
                "",
                "write `weight: zeros_`, or `weight: {fn: normal_, std: 0.02}`",
            )
            return None
        return InitRule(target, parameter, fn.text, arguments, fn, spec)
