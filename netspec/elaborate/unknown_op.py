"""The message for an unknown op."""

from __future__ import annotations

import re

from netspec import layers
from netspec.diagnostics import Code, Diagnostic, Suggestion, advice, did_you_mean
from netspec.document import TextNode
from netspec.elaborate.constructor_call import call_helps, written_call
from netspec.elaborate.converted_values import with_converted_values
from netspec.elaborate.op_value import OpValue
from netspec.elaborate.scope import Reader
from netspec.expr import LoopItem
from netspec.layers.other_names import Translation, translated, without_module
from netspec.layers.out_of_scope import OUT_OF_SCOPE
from netspec.limits import RUN
from netspec.similar_words import closest, one_slip
from netspec.syntax import Spec

_CALL = re.compile(r"([\w.]+)\((.*)\)", re.DOTALL)


def unknown_op(
    name: str, node: TextNode, reader: Reader, file: Spec, known: list[str]
) -> Diagnostic:
    """The diagnostic on an op that is neither layer nor block, with the most similar of all layers `known`."""
    message, label = f"unknown op `{name}`", "not a layer or block"
    known = available(known, file.version)
    if name in OUT_OF_SCOPE:
        message, label, advice_text = (
            f"`{name}` of torch.nn is not an op",
            "not an op",
            _eager(name) or OUT_OF_SCOPE[name],
        )
    elif name in reader.env:
        message, label, advice_text = _held(name, reader.env[name])
    elif name.partition("[")[0] in reader.env:
        advice_text = f"write `={name}`: expressions start with `=` here"
    elif (call := written_call(name)) is not None and (
        helps := call_helps(call, node, reader, file)
    ):
        label = label if call.is_python else "an op with arguments in one text"
        return Diagnostic(Code.UNKNOWN_OP, message, node.span, label, helps=tuple(helps), name=name)
    elif called := _CALL.fullmatch(name):
        op = without_module(called[1])[1]
        arguments = f"{{op: {op}, …}}` and pass the arguments by name"
        advice_text = f"write `{arguments if called[2] else op + '`'}"
    elif (newer := _newer_by_other_name(name, node, file)) is not None:
        return newer
    elif _has_values(name, file):
        advice_text = (
            f"write `{{op: {name.split(maxsplit=1)[0]}, …}}` and pass the arguments by name"
        )
    else:
        advice_text = _suggestion(name, reader, file, known)
    return Diagnostic(
        Code.UNKNOWN_OP,
        message,
        node.span,
        label,
        helps=(with_converted_values(name, advice(advice_text, node.span), reader),),
        name=name,
    )


def _newer_by_other_name(name: str, node: TextNode, file: Spec) -> Diagnostic | None:
    """The diagnostic on what another library calls an op of a later version, such as `torch.gather`."""
    from netspec.elaborate.language_version import later_version
    from netspec.layers.op_tables import SINCE

    translation = translated(name)
    if translation is None or not translation.certain or len(translation.layers) != 1:
        return None
    op = translation.layers[0]
    if SINCE.get(op, 1) <= file.version:
        return None
    return later_version(op, Code.UNKNOWN_OP, node, file, written=name)


def available(ops: list[str], version: float) -> list[str]:
    """Those ops that are in a version of the language."""
    from netspec.layers.op_tables import SINCE

    return [op for op in ops if SINCE.get(op, 1) <= version]


def _eager(name: str) -> str:
    """The help that names the layer of a lazy one; empty for any other."""
    layer = name.removeprefix("Lazy")
    if layer == name or layer not in layers.OPS or layer.endswith(("Norm1d", "Norm3d")):
        return ""
    return Suggestion(f"write `{layer}`: every layer infers its sizes from its input", layer)


def _has_values(name: str, file: Spec) -> bool:
    """Whether a text is an op and numbers that its arguments do not accept."""
    op, *values = name.replace(",", " ").split()
    is_op = op in file.blocks or layers.find(op) is not None
    return is_op and bool(values) and all(value[0].isdigit() for value in values)


def _held(name: str, value: object) -> tuple[str, str, str]:
    """The message for a parameter or loop variable that is not an op: message, label and help."""
    loop, value = isinstance(value, LoopItem), value.value if isinstance(value, LoopItem) else value
    what = "loop variable" if loop else "parameter"
    advice_text = f"declare it as one: `{name}: {{type: op, default: ReLU}}`"
    if isinstance(value, list) and value and all(isinstance(v, OpValue) for v in value):
        advice_text = f"select one: `={name}[0]`"
    elif loop or (isinstance(value, str) and layers.find(value) is None):
        advice_text = f"if its value is the name of an op, write `={name}`"
    return f"the {what} `{name}` is not an op", "not an op", advice_text


def _suggestion(name: str, reader: Reader, file: Spec, known: list[str]) -> str:
    parameters = [k for k, v in reader.env.items() if isinstance(v, OpValue)]
    used = [f"{a}.{b}" for a, other in file.uses.items() for b in other.blocks]
    names, run = [*parameters, *file.blocks, *used], RUN.get()
    own = None
    if run is None or run.has_advice(len(names)):
        own = next((n for n in names if one_slip(name.lower(), n.lower())), None)
    if own is not None:
        return did_you_mean(own)
    if translation := translated(name):
        return _in_our_words(translation, name, reader)
    module, bare = without_module(name)
    suggestion = closest(bare, known if module else [*names, *known])
    if suggestion is None:
        return "an op must be a layer of torch.nn, or a block of this file"
    return did_you_mean(_of_rank(suggestion, name, reader))


def _in_our_words(translation: Translation, name: str, reader: Reader) -> str:
    """The help that names the layer which another library calls `name`."""
    layer = _layer_of_rank(translation, reader)
    if not translation.layers:
        return translation.remark
    if layer is None:
        *others, last = (f"`{each}`" for each in translation.layers)
        text = f"did you mean {', '.join(others)} or {last}"
        return f"{text}, {translation.remark}?" if not translation.certain else f"{text}?"
    if not translation.certain:
        return f"use `{layer}`, {translation.remark}"
    if "." in name:
        return did_you_mean(layer, " (omit the module prefix)")
    if translation.remark:
        return did_you_mean(layer, f" ({translation.remark})")
    same = layer.lower() == name.lower()
    more = " (ops are spelled as in torch.nn, capitals included)" if same else ""
    return did_you_mean(layer, more)


def other_name_of(name: str, reader: Reader) -> str | None:
    """The layer that a name is certainly another name of."""
    translation = translated(name)
    if translation is None or not translation.certain:
        return None
    return _layer_of_rank(translation, reader)


def _layer_of_rank(translation: Translation, reader: Reader) -> str | None:
    """The layer of a translation; of several, the one for the rank of the input."""
    if len(translation.layers) == 1:
        return translation.layers[0]
    shape = reader.x[0].shape if reader.x else None
    axes = max(len(shape) - 2, 1) if shape is not None else 0
    return next((each for each in translation.layers if each.endswith(f"{axes}d")), None)


def _of_rank(suggestion: str, name: str, reader: Reader) -> str:
    """The layer of the family that fits the rank of the input, if the name does not determine the rank."""
    shape = reader.x[0].shape if reader.x else None
    if re.search(r"\d", name):
        return suggestion
    other = re.sub(r"[123]d$", f"{len(shape) - 2 if shape is not None else 2}d", suggestion)
    return other if other in layers.OPS else suggestion
