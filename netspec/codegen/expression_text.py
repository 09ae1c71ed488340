"""Expressions as one line of text, with the parentheses that precedence needs and no others."""

from __future__ import annotations

import ast
from collections.abc import Callable

from netspec.codegen.literals import constant_text, escaped, in_quotes
from netspec.codegen.precedence import (
    AND,
    ATOM,
    BIT_OR,
    COMPARE,
    COMPARISONS,
    OPERATORS,
    OR,
    SIGNS,
    TEST,
    hugs,
    is_parenthesized,
    operand_precedence,
    precedence,
    sides,
)


def text_of(node: ast.expr, minimum: int = TEST) -> str:
    """An expression on one line, in parentheses if it binds looser than its place demands."""
    if isinstance(node, ast.Name):
        return node.id
    write = _WRITERS.get(type(node))
    if write is None:
        raise TypeError(f"the printer has no text for {type(node).__name__}")
    text = write(node)
    if minimum > TEST or type(node) is ast.NamedExpr:
        return f"({text})" if is_parenthesized(node, minimum) else text
    return text


def bare_text(node: ast.expr) -> str:
    """An expression where a tuple needs no parentheses."""
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        return ", ".join([text_of(e) for e in node.elts])
    return text_of(node)


def condition_text(node: ast.expr) -> str:
    """An expression where `:=` needs no parentheses."""
    return _named(node) if isinstance(node, ast.NamedExpr) else text_of(node)


def _joined_string(node: ast.JoinedStr) -> str:
    parts = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            parts.append(_replacement_field(part))
        else:
            assert isinstance(part, ast.Constant)
            parts.append(escaped(str(part.value)).replace("{", "{{").replace("}", "}}"))
    fields = "".join(
        parts[i] for i, part in enumerate(node.values) if isinstance(part, ast.FormattedValue)
    )
    if "'" not in fields:
        return "f" + in_quotes("".join(parts))
    literal = [
        text if isinstance(part, ast.FormattedValue) else text.replace('"', '\\"')
        for text, part in zip(parts, node.values, strict=True)
    ]
    return f'f"{"".join(literal)}"'


def _replacement_field(node: ast.FormattedValue) -> str:
    """A value in an f-string; strings in it have single quotes, for Python before 3.12."""
    text = text_of(node.value, OR)
    if '"' in text:
        if "'" in text or "\\" in text:
            raise ValueError(f"Python 3.11 cannot have {text} in an f-string")
        text = text.replace('"', "'")
    opening = "{ " if text.startswith("{") else "{"
    conversion = f"!{chr(node.conversion)}" if node.conversion >= 0 else ""
    specification = ""
    if node.format_spec is not None:
        assert isinstance(node.format_spec, ast.JoinedStr)
        specification = ":" + "".join(
            _replacement_field(part)
            if isinstance(part, ast.FormattedValue)
            else escaped(str(part.value))
            for part in node.format_spec.values
            if isinstance(part, ast.FormattedValue | ast.Constant)
        )
    return f"{opening}{text}{conversion}{specification}}}"


def _chain(node: ast.expr) -> str:
    parts = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append("." + node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            parts.append(_arguments(node))
            node = node.func
        elif isinstance(node, ast.Subscript):
            parts.append(f"[{slice_text(node.slice)}]")
            node = node.value
        else:
            break
    parts.append(root_text(node, parts[-1]))
    parts.reverse()
    return "".join(parts)


def root_text(node: ast.expr, following: str) -> str:
    """The start of a chain such as `x.size(1)`; an attribute of a number needs parentheses."""
    text = text_of(node, ATOM)
    if (
        following[0] == "."
        and isinstance(node, ast.Constant)
        and text[0].isdigit()
        and text[-1] != "j"
    ):
        return f"({text})"
    return text


def _arguments(node: ast.Call) -> str:
    args, keywords = node.args, node.keywords
    if len(args) == 1 and not keywords and isinstance(args[0], ast.GeneratorExp):
        return _generator(args[0])
    parts = [text_of(arg) for arg in args]
    parts += [f"{k.arg}={text_of(k.value)}" if k.arg else f"**{text_of(k.value)}" for k in keywords]
    return f"({', '.join(parts)})"


def slice_text(node: ast.expr) -> str:
    """What stands between the brackets of a subscript."""
    if isinstance(node, ast.Tuple) and node.elts:
        inner = ", ".join(
            [slice_text(e) if isinstance(e, ast.Slice) else text_of(e) for e in node.elts]
        )
        return inner if len(node.elts) > 1 else inner + ","
    if isinstance(node, ast.Slice):
        lower, upper, step = (
            text_of(part) if part else "" for part in (node.lower, node.upper, node.step)
        )
        first, second = slice_colons(node)
        return f"{lower}{first}{upper}{second}{step}"
    return text_of(node)


def slice_colons(node: ast.Slice) -> tuple[str, str]:
    """The two colons of a slice (the second may be empty), with spaces next to bounds that are not simple."""
    bounds = (node.lower, node.upper, node.step)
    space = "" if all(bound is None or _is_simple_bound(bound) for bound in bounds) else " "
    after_upper = space if node.upper else ""
    first = f"{space if node.lower else ''}:{after_upper}"
    return first, f"{after_upper}:{space}" if node.step else ""


def _is_simple_bound(node: ast.expr) -> bool:
    while isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        node = node.operand
    return isinstance(node, ast.Name | ast.Constant)


def _binary(node: ast.BinOp) -> str:
    parts = []
    while True:
        left, right = sides(node)
        parts.append(text_of(node.right, right))
        parts.append("**" if hugs(node) else f" {OPERATORS[type(node.op)][0]} ")
        if not isinstance(node.left, ast.BinOp) or precedence(node.left) < left:
            break
        node = node.left
    parts.append(text_of(node.left, left))
    parts.reverse()
    return "".join(parts)


def _sign(node: ast.UnaryOp) -> str:
    return SIGNS[type(node.op)] + text_of(node.operand, operand_precedence(node))


def _boolean(node: ast.BoolOp) -> str:
    word, own = (" and ", AND) if isinstance(node.op, ast.And) else (" or ", OR)
    return word.join([text_of(value, own + 1) for value in node.values])


def _comparison(node: ast.Compare) -> str:
    parts = [text_of(node.left, COMPARE + 1)]
    for op, right in zip(node.ops, node.comparators, strict=True):
        parts.append(f"{COMPARISONS[type(op)]} {text_of(right, COMPARE + 1)}")
    return " ".join(parts)


def _conditional(node: ast.IfExp) -> str:
    return f"{text_of(node.body, OR)} if {text_of(node.test, OR)} else {text_of(node.orelse)}"


def _lambda(node: ast.Lambda) -> str:
    return f"{lambda_head(node)} {text_of(node.body)}"


def lambda_head(node: ast.Lambda) -> str:
    """`lambda x, y=1:`."""
    names = [
        f"{name}={text_of(default)}" if default else name
        for name, _, default in parameters_of(node.args)
    ]
    return f"lambda {', '.join(names)}:" if names else "lambda:"


def parameters_of(args: ast.arguments) -> list[tuple[str, ast.expr | None, ast.expr | None]]:
    """Name, annotation and default of each parameter, with the stars and slashes between them."""
    positional = [*args.posonlyargs, *args.args]
    plain = len(positional) - len(args.defaults)
    rows: list[tuple[str, ast.expr | None, ast.expr | None]] = [
        (arg.arg, arg.annotation, args.defaults[i - plain] if i >= plain else None)
        for i, arg in enumerate(positional)
    ]
    if args.posonlyargs:
        rows.insert(len(args.posonlyargs), ("/", None, None))
    if args.vararg:
        rows.append(("*" + args.vararg.arg, args.vararg.annotation, None))
    elif args.kwonlyargs:
        rows.append(("*", None, None))
    rows += [
        (arg.arg, arg.annotation, d)
        for arg, d in zip(args.kwonlyargs, args.kw_defaults, strict=True)
    ]
    if args.kwarg:
        rows.append(("**" + args.kwarg.arg, args.kwarg.annotation, None))
    return rows


def parameter_text(name: str, annotation: ast.expr | None, default: ast.expr | None) -> str:
    """A parameter of a function: `x`, `x=1`, `x: int = 1`."""
    if annotation is None:
        return f"{name}={text_of(default)}" if default else name
    text = f"{name}: {text_of(annotation)}"
    return f"{text} = {text_of(default)}" if default else text


def _tuple(node: ast.Tuple) -> str:
    inner = ", ".join([text_of(e) for e in node.elts])
    return f"({inner},)" if len(node.elts) == 1 else f"({inner})"


def _list(node: ast.List) -> str:
    return f"[{', '.join([text_of(e) for e in node.elts])}]"


def _set(node: ast.Set) -> str:
    return f"{{{', '.join([text_of(e) for e in node.elts]) or '*()'}}}"


def _dict(node: ast.Dict) -> str:
    pairs = [
        f"**{text_of(value, BIT_OR)}" if key is None else f"{text_of(key)}: {text_of(value)}"
        for key, value in zip(node.keys, node.values, strict=True)
    ]
    return f"{{{', '.join(pairs)}}}"


def _comprehensions(nodes: list[ast.comprehension]) -> str:
    parts = []
    for node in nodes:
        head = " async for" if node.is_async else " for"
        parts.append(f"{head} {bare_text(node.target)} in {text_of(node.iter, OR)}")
        parts += [f" if {text_of(condition, OR)}" for condition in node.ifs]
    return "".join(parts)


def _generator(node: ast.GeneratorExp) -> str:
    return f"({text_of(node.elt)}{_comprehensions(node.generators)})"


def _list_comprehension(node: ast.ListComp) -> str:
    return f"[{text_of(node.elt)}{_comprehensions(node.generators)}]"


def _set_comprehension(node: ast.SetComp) -> str:
    return f"{{{text_of(node.elt)}{_comprehensions(node.generators)}}}"


def _dict_comprehension(node: ast.DictComp) -> str:
    return f"{{{text_of(node.key)}: {text_of(node.value)}{_comprehensions(node.generators)}}}"


def _starred(node: ast.Starred) -> str:
    return "*" + text_of(node.value, BIT_OR)


def _named(node: ast.NamedExpr) -> str:
    return f"{node.target.id} := {text_of(node.value)}"


def _yield(node: ast.Yield) -> str:
    return "yield" if node.value is None else f"yield {text_of(node.value)}"


_WRITERS: dict[type[ast.expr], Callable[..., str]] = {
    ast.Yield: _yield,
    ast.Constant: constant_text,
    ast.Attribute: _chain,
    ast.Call: _chain,
    ast.Subscript: _chain,
    ast.BinOp: _binary,
    ast.UnaryOp: _sign,
    ast.BoolOp: _boolean,
    ast.Compare: _comparison,
    ast.IfExp: _conditional,
    ast.Lambda: _lambda,
    ast.Tuple: _tuple,
    ast.List: _list,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.GeneratorExp: _generator,
    ast.ListComp: _list_comprehension,
    ast.SetComp: _set_comprehension,
    ast.DictComp: _dict_comprehension,
    ast.Starred: _starred,
    ast.NamedExpr: _named,
    ast.JoinedStr: _joined_string,
}
