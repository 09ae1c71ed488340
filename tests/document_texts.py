"""Texts of known meaning: random data written as YAML in random style, and what must come of it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from hypothesis import strategies as st

from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.document.scalars import resolve

SPEC = """\
netspec: 1
name: densenet121
params: {growth: 32, bn_size: 4, stages: [6, 12, 24, 16], num_classes: 1000}
inputs: {image: [N, 3, H, W]}

blocks:
  DenseLayer:
    params: {growth: int, bn_size: int}
    body:
      - norm1: BatchNorm2d
      - conv1: {op: Conv2d, out_channels: bn_size * growth, kernel_size: 1, bias: false}
      - cat: {op: Concat, from: [input, conv1]}   # as in the paper
body:
  - features:
      - conv0: {op: Conv2d, out_channels: 2 * growth, kernel_size: 7, stride: 2}
      - each: {stage: stages}
        body:
          - denseblock{stage.index + 1}:
              - denselayer{i + 1}: {op: DenseLayer, repeat: stage, growth: growth}
          - transition{stage.index + 1}: {op: Transition, when: not stage.last}
      - downsample:
          from: input
          when: stride != 1 or input.channels != planes * expansion
          body:
          - {op: Pad, pad: [1, -1], value: 1e-5, when: min(a) > 0}
          - BatchNorm2d
  - relu: ReLU
init: {Conv2d: {weight: {fn: kaiming_normal_}}, "**.bn3": {weight: zeros_}}
expect: [N, 88, _, _]
doc: It's a text; with a "quote", and more
note: 'quoted text'
nothing:
"""

WORDS = ("ReLU", "2 * growth", "x.channels // 2", "a if b else c", "bn.weight", "_", "1.10", "on")
ODD = ("", " ", "no: yes", "a #b", "- x", "[", "a\nb", "é", "😀", "'", '"', "\\", "true", "1", "*")
FORBIDDEN = "\ufeff\x85\u2028\u2029\ufffe\uffff"

texts = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(ODD),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=FORBIDDEN)),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
names = st.one_of(st.sampled_from(["op", "conv{i + 1}", "0", *ODD]), st.text("abc", min_size=1))
data = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)

Tree = tuple[object, ...]


def content(node: TextNode | None) -> object:
    """The data that a tree stands for."""
    if isinstance(node, Sequence):
        return [content(item) for item in node.items]
    if isinstance(node, Mapping):
        return {key.text: content(value) for key, value in node.entries}
    assert isinstance(node, Scalar)
    return node.value


def tree(node: TextNode | None) -> Tree:
    """All there is to a tree, places included."""
    if isinstance(node, Sequence):
        return ("list", node.start, node.end, [tree(item) for item in node.items])
    if isinstance(node, Mapping):
        entries = [(tree(key), tree(value)) for key, value in node.entries]
        return ("mapping", node.start, node.end, entries)
    assert isinstance(node, Scalar)
    return ("scalar", node.start, node.end, node.text, repr(node.value))


def same(one: object, other: object) -> bool:
    """Equality for which nan is nan, and 1, 1.0 and True are three things."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and math.isnan(one):
        return isinstance(other, float) and math.isnan(other)
    return type(one) is type(other) and one == other


def needs_no_quotes(text: str) -> bool:
    """Whether text may surely be written as it is, in block and in flow style."""
    safe = text.isascii() and text.isprintable() and text == text.strip()
    return bool(text) and safe and not set(":#,[]{}&*!|>'\"%@`?$-\\<=()") & set(text)


def in_words(value: object) -> str:
    """None, a boolean, a number or text as YAML 1.2 has it without quotes."""
    if value is None:
        return "null"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else f"{'-' if value < 0 else ''}.inf"
    return repr(value).lower() if isinstance(value, bool) else str(value)


@dataclass
class Writer:
    """Writes data as YAML in a random style, and returns the expected tree."""

    draw: st.DrawFn
    text: str = ""

    def choose(self, *options: str) -> str:
        return self.draw(st.sampled_from(options))

    def in_block_style(self, value: object) -> bool:
        return isinstance(value, list | dict) and bool(value) and self.choose("[", "-") == "-"

    def document(self, value: object) -> Tree:
        self.text += self.choose("", "", "---\n", "# begin\n\n", "\n")
        written = self.block(value, 0) if self.in_block_style(value) else self.flow(value)
        self.text += self.choose("", "\n", "  # end", "\n\n# end\n")
        return written

    def line(self, indent: int) -> None:
        """Begin a new line, unless one has just begun."""
        if self.text and not self.text.endswith(("\n", "- ")):
            self.text += self.choose("\n", "\n", "  # note\n", "\n\n", "\n   # note\n")
        self.text += "" if self.text.endswith("- ") else " " * indent

    def block(self, value: object, indent: int) -> Tree:
        if isinstance(value, list):
            return self.block_list(value, indent)
        assert isinstance(value, dict)
        start, entries, end = -1, [], 0
        for key in value:
            self.line(indent)
            start = start if start >= 0 else len(self.text)
            name = self.scalar(key)
            self.text += self.choose(":", ":", " :")
            written = self.value(value[key], indent + int(self.choose("1", "2", "4")))
            entries.append((name, written))
            end = written[2]
        return ("mapping", start, end, entries)

    def block_list(self, value: list[object], indent: int) -> Tree:
        start, items = -1, []
        for item in value:
            self.line(indent)
            start = start if start >= 0 else len(self.text)
            self.text += "- "
            items.append(
                self.block(item, indent + 2) if self.in_block_style(item) else self.flow(item)
            )
        return ("list", start, items[-1][2], items)

    def value(self, value: object, indent: int) -> Tree:
        """What stands after `name:`."""
        if self.in_block_style(value):
            self.text += self.choose("", "", "  # note") + "\n"
            return self.block(value, indent)
        if value is None and self.choose("null", "") == "":
            return ("scalar", len(self.text), len(self.text), "", "None")
        self.text += self.choose(" ", " ", "  ")
        return self.flow(value)

    def flow(self, value: object) -> Tree:
        if not isinstance(value, list | dict):
            return self.scalar(value)
        start, gap = len(self.text), self.choose("", "", " ")
        self.text += ("[" if isinstance(value, list) else "{") + gap
        parts = []
        for index, item in enumerate(value):
            self.text += self.choose(", ", ", ", ",  ") if index else ""
            if isinstance(value, list):
                parts.append(self.flow(item))
            else:
                name = self.scalar(item)
                self.text += ": "
                parts.append((name, self.flow(value[item])))
        self.text += gap + ("]" if isinstance(value, list) else "}")
        return ("list" if isinstance(value, list) else "mapping", start, len(self.text), parts)

    def scalar(self, value: object) -> Tree:
        start, text = len(self.text), in_words(value)
        bare = needs_no_quotes(text) and resolve(text) == text and self.choose("", "'") == ""
        if bare or not isinstance(value, str):
            self.text += text
        elif text.isprintable() and self.choose("'", '"') == "'":
            self.text += "'" + text.replace("'", "''") + "'"
        else:
            self.text += json.dumps(text, ensure_ascii=False)
        return ("scalar", start, len(self.text), text, repr(value))


@st.composite
def written(draw: st.DrawFn) -> tuple[str, object, Tree]:
    """A text, the data that it represents, and the expected tree."""
    value = draw(data)
    writer = Writer(draw)
    expected = writer.document(value)
    return writer.text, value, expected


STROKES = (
    *(
        "",
        " ",
        "  ",
        "\n",
        "- ",
        ": ",
        ":",
        ", ",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "'",
        '"',
        "#",
        " #",
    ),
    *("\t", "\r\n", "&a ", "*a", "!t ", "<<: ", "${", "|", ">", "?", "@", "\\", "---\n", "a", "é"),
    *("\ufeff", "\x00", "\ud800"),
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid spec in which something was deleted, doubled or replaced."""
    text = SPEC
    for _ in range(draw(st.integers(1, 3))):
        position = draw(st.integers(0, len(text)))
        end = min(len(text), position + draw(st.integers(0, 12)))
        new = draw(st.sampled_from(STROKES) | st.just(text[position:end] * 2))
        text = text[:position] + new + text[end:]
    return text


LINES = (
    *("a: b", "a:", "b: {x: 1, y: 2}", "- a", "- a: b", "- - a", "- ", "-", "c: [1, 2]", "x"),
    *("c: [a: b]", "d: 'q'", "d: 'it''s'", '"e": "x"', "f: a:b", "- a:b", "# c", "", "g: # c"),
    *("g:  h # c", "h: a#b", "{x: y}", "- {x: y}", "- [x, [y, {z: 1}], ()]", "k : l", "a: - b"),
    *("i: {a: f(x), b: -1, c: .5}", "j: {a: f(x, y)}", "a{i + 1}: M", "- -a", "---", "...", "a: -"),
    *("n: ~", "1: 2", "l: {a: 1,}", "l: {a: , b: c}", "l: {a}", "m: {'a': 1}", "m: {'a':1}", "? u"),
    *("o: [ a , b ]", "p: =x", "p: (a", "p: {a: x(}", "q: a, b", "q: a: b", "q: a] b", "r: 'x' y"),
    *("r: [a] b", "s: {a: 1, a: 2}", "a b c:   d  e  ", "é: ü", "t: {a: [], b: {}}", "- - - x: y"),
    *("- x:", "-   x: y", "u: a?b", "u: %x", "v: 1:2", "- (a: b)", "a: <<", "<<: x", "z: .x"),
    *("z: ...", "-x: 1", "z: {a  : b}", "z: {a :b}", "a: x:/", "a: x:", "&a b: *a", "w: |", "a: ]"),
)
specs_of_lines = st.lists(
    st.tuples(st.sampled_from([0, 0, 0, 1, 2, 2, 4, 6]), st.sampled_from(LINES))
).map(lambda lines: "\n".join(" " * indent + line for indent, line in lines))
