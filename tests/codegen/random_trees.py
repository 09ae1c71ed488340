"""Random statements whose parts have random widths, for tests of the printer."""

from __future__ import annotations

import ast
from random import Random

LOAD, STORE = ast.Load(), ast.Store()
_BINARY = (
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.MatMult,
    ast.Div,
    ast.Mod,
    ast.FloorDiv,
    ast.Pow,
    ast.LShift,
    ast.BitOr,
    ast.BitXor,
    ast.BitAnd,
)
_COMPARE = (
    ast.Eq,
    ast.NotEq,
    ast.Lt,
    ast.LtE,
    ast.Gt,
    ast.GtE,
    ast.Is,
    ast.IsNot,
    ast.In,
    ast.NotIn,
)


class Trees:
    """A source of random statements and expressions."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def word(self) -> str:
        r = self.random
        return "".join(r.choices("abcdefgh", k=r.choice((1, 2, 4, 8, 8, 12, 20, 35))))

    def name(self, ctx: ast.expr_context = LOAD) -> ast.Name:
        return ast.Name(self.word(), ctx)

    def atom(self) -> ast.expr:
        r = self.random
        return r.choice((self.name, self.name, self.name, self.constant, self.f_string))()

    def constant(self) -> ast.expr:
        numbers = (0, 1, 128, 1e-06, 0.5, 1e16, True, None, ...)
        texts = (self.word(), 'it"s', "it's", "a\n\\\t\x00é", b"x\xff'")
        return ast.Constant(self.random.choice((*numbers, *texts)))

    def maybe(self, depth: int, probability: float = 0.5) -> ast.expr | None:
        return self.expression(depth) if self.random.random() < probability else None

    def f_string(self) -> ast.expr:
        values: list[ast.expr] = []
        quote = self.random.choice("'\"")
        for _ in range(self.random.randint(1, 3)):
            values.append(ast.Constant(self.word() + self.random.choice(("", "{", quote))))
            values.append(ast.FormattedValue(self.name(), self.random.choice((-1, 114)), None))
        return ast.JoinedStr(values)

    def many(self, depth: int, least: int = 0, most: int = 4) -> list[ast.expr]:
        return [self.expression(depth) for _ in range(self.random.randint(least, most))]

    def expression(self, depth: int) -> ast.expr:
        r = self.random
        if depth <= 0 or r.random() < 0.15:
            return self.atom()
        kinds = (
            self.call, self.call, self.call, self.method, self.method, self.attribute, self.subscript, self.binary, self.binary, self.boolean, self.compare,
            self.unary, self.conditional, self.display, self.display, self.dictionary, self.comprehension, self.lambda_,
        )  # fmt: skip
        return r.choice(kinds)(depth - 1)

    def call(self, depth: int) -> ast.expr:
        r = self.random
        func = self.name() if r.random() < 0.8 else self.expression(depth)
        args = self.many(depth, 0, 3)
        if args and r.random() < 0.1:
            args[-1] = ast.Starred(self.expression(depth), LOAD)
        keywords = [
            ast.keyword(self.word() if r.random() < 0.9 else None, self.expression(depth))
            for _ in range(r.choice((0, 0, 1, 2)))
        ]
        keywords.sort(key=lambda keyword: keyword.arg is None)
        return ast.Call(func, args, keywords)

    def method(self, depth: int) -> ast.expr:
        node = self.expression(depth)
        for _ in range(self.random.randint(1, 3)):
            node = ast.Call(ast.Attribute(node, self.word(), LOAD), self.many(depth - 1, 0, 2), [])
        return node

    def attribute(self, depth: int) -> ast.expr:
        return ast.Attribute(self.expression(depth), self.word(), LOAD)

    def subscript(self, depth: int) -> ast.expr:
        r = self.random
        index = r.choice(
            (
                self.expression,
                self.slice,
                lambda d: ast.Tuple([self.slice(d), *self.many(d, 1, 2)], LOAD),
            )
        )(depth)
        return ast.Subscript(self.expression(depth), index, LOAD)

    def slice(self, depth: int) -> ast.expr:
        return ast.Slice(self.maybe(depth), self.maybe(depth), self.maybe(depth))

    def binary(self, depth: int) -> ast.expr:
        op = self.random.choice(_BINARY)()
        node = self.expression(depth)
        for _ in range(self.random.randint(1, 3)):
            node = ast.BinOp(node, op, self.expression(depth))
        return node

    def boolean(self, depth: int) -> ast.expr:
        return ast.BoolOp(self.random.choice((ast.And, ast.Or))(), self.many(depth, 2, 4))

    def compare(self, depth: int) -> ast.expr:
        right = self.many(depth, 1, 2)
        return ast.Compare(
            self.expression(depth), [self.random.choice(_COMPARE)() for _ in right], right
        )

    def unary(self, depth: int) -> ast.expr:
        return ast.UnaryOp(
            self.random.choice((ast.Not, ast.USub, ast.Invert, ast.UAdd))(), self.expression(depth)
        )

    def conditional(self, depth: int) -> ast.expr:
        return ast.IfExp(*self.many(depth, 3, 3))

    def display(self, depth: int) -> ast.expr:
        kind = self.random.choice((ast.List, ast.Tuple, ast.Set))
        elements = self.many(depth, kind is ast.Set, 5)
        return ast.Set(elements) if kind is ast.Set else kind(elements, LOAD)

    def dictionary(self, depth: int) -> ast.expr:
        values = self.many(depth)
        return ast.Dict(
            [None if self.random.random() < 0.1 else self.expression(depth - 1) for _ in values],
            values,
        )

    def comprehension(self, depth: int) -> ast.expr:
        target: ast.expr = (
            self.name(STORE)
            if self.random.random() < 0.6
            else ast.Tuple([self.name(STORE), self.name(STORE)], STORE)
        )
        loops = [ast.comprehension(target, self.expression(depth), self.many(depth - 1, 0, 1), 0)]
        if self.random.random() < 0.2:
            return ast.DictComp(self.expression(depth), self.expression(depth), loops)
        return self.random.choice((ast.ListComp, ast.SetComp, ast.GeneratorExp))(
            self.expression(depth), loops
        )

    def lambda_(self, depth: int) -> ast.expr:
        defaults = self.many(0, 0, 1)
        args = ast.arguments(
            [], [ast.arg(self.word()) for _ in range(2)], None, [], [], None, defaults
        )
        return ast.Lambda(args, self.expression(depth))

    def target(self, depth: int) -> ast.expr:
        r = self.random
        plain = (
            lambda: self.name(STORE),
            lambda: ast.Attribute(ast.Name("self", LOAD), self.word(), STORE),
            lambda: ast.Subscript(self.expression(depth), self.expression(depth), STORE),
        )
        if r.random() < 0.2:
            return ast.Tuple([r.choice(plain)() for _ in range(r.randint(2, 4))], STORE)
        return r.choice(plain)()

    def annotation(self) -> ast.expr:
        """An expression that is no lambda, whose layout ruff itself changes again."""
        node = self.expression(1)
        return self.name() if isinstance(node, ast.Lambda) else node

    def statement(self, depth: int) -> ast.stmt:
        r = self.random
        value = self.expression(depth)
        body: list[ast.stmt] = [ast.Pass()]
        simple = self.target(1)
        while isinstance(simple, ast.Tuple):
            simple = self.target(1)
        kinds = (
            lambda: ast.Assign([self.target(1) for _ in range(r.choice((1, 1, 1, 1, 2)))], value),
            lambda: ast.Assign([self.name(STORE)], value),
            lambda: ast.AugAssign(simple, r.choice(_BINARY)(), value),
            lambda: ast.AnnAssign(self.name(STORE), self.annotation(), value if r.random() < 0.8 else None, 1),
            lambda: ast.Return(value),
            lambda: ast.Expr(value),
            lambda: ast.Raise(value, r.choice((None, self.expression(1)))),
            lambda: ast.Assert(value, r.choice((None, self.expression(1)))),
            lambda: ast.If(value, body, []),
            lambda: ast.If(ast.NamedExpr(self.name(STORE), value), body, []),
            lambda: ast.While(value, body, []),
            lambda: ast.For(r.choice((self.name(STORE), ast.Tuple([self.name(STORE), self.name(STORE)], STORE))), value, body, []),
            lambda: ast.With([ast.withitem(self.expression(depth - 1), r.choice((None, self.name(STORE)))) for _ in range(r.choice((1, 1, 2)))], body),
            lambda: ast.Delete([self.target(1) for _ in range(r.choice((1, 2, 5)))]),
            lambda: ast.ImportFrom(self.word(), [ast.alias(self.word(), r.choice((None, self.word()))) for _ in range(r.randint(1, 8))], r.choice((0, 1))),
            self.function,
            lambda: ast.ClassDef(self.word(), self.many(1, 0, 4), [], body, self.many(1, 0, 1)),
            lambda: ast.Try(body, [ast.ExceptHandler(self.expression(1), r.choice((None, "error")), body)], [], []),
        )  # fmt: skip
        return r.choice(kinds)()

    def arg(self) -> ast.arg:
        return ast.arg(self.word(), self.maybe(1, 0.4))

    def function(self) -> ast.stmt:
        r = self.random
        plain = [self.arg() for _ in range(r.choice((0, 1, 1, 2, 3, 5)))]
        named = [self.arg() for _ in range(r.choice((0, 0, 0, 1, 2)))]
        args = ast.arguments(
            [self.arg()] if r.random() < 0.1 else [], plain, self.arg() if r.random() < 0.2 else None, named, [self.maybe(1) for _ in named],
            self.arg() if r.random() < 0.2 else None, [self.expression(1) for _ in plain if r.random() < 0.3],
        )  # fmt: skip
        return ast.FunctionDef(self.word(), args, [ast.Pass()], self.many(1, 0, 1), self.maybe(1))
