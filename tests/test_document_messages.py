"""Every message about an invalid text, its place, and the fix that it offers."""

from __future__ import annotations

import pytest
from document_texts import SPEC, content, mutated
from hypothesis import given, settings
from sampling import examples

from netspec.diagnostics import Code, Diagnostic
from netspec.document import Document, parse


def only(document: Document) -> Diagnostic:
    """The one diagnostic."""
    [diagnostic] = document.diagnostics
    return diagnostic


def words(diagnostic: Diagnostic) -> str:
    """All that a diagnostic says."""
    labels = [label.text for label in diagnostic.labels]
    return "\n".join(
        [diagnostic.message, diagnostic.label, *labels, *(help.text for help in diagnostic.helps)]
    )


def fixed_text(document: Document) -> str:
    """The text with all edits made."""
    helps = [d.helps[0] for d in document.diagnostics]
    edits = {(e.span.start, e.span.end, e.replacement) for help in helps for e in help.edits}
    text = document.source.text
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


NEEDS = "needs quotes here"
BRACE = "a name that starts with `{` needs quotes"
SPACE = "missing space after"
DOLLAR = "netspec does not support `${…}`"
TAB = "this line is indented with a tab; YAML requires spaces"
CLOSED = "is never closed"
COLON = "text in brackets cannot start with `:`"
NAMELESS = "missing key before `:`"

# What is written, the place, a part of the message, and what it becomes.
FIXABLE = [
    ("a: {o: widths[0]}", "widths[0]", NEEDS, 'a: {o: "widths[0]"}'),
    ("a: {o: max(a, b)}", "max(a, b)", NEEDS, 'a: {o: "max(a, b)"}'),
    ("a: {o: f(g(a, b), c), p: 1}", "f(g(a, b), c)", NEEDS, 'a: {o: "f(g(a, b), c)", p: 1}'),
    ("a: [f(x, y), 2]", "f(x, y)", NEEDS, 'a: ["f(x, y)", 2]'),
    ("a: [w[0], w[1]]", "w[0]", NEEDS, 'a: ["w[0]", "w[1]"]'),
    ("a: {o: sum(s[:2]), k: 3}", "sum(s[:2])", NEEDS, 'a: {o: "sum(s[:2])", k: 3}'),
    ("a: {o: 2 if x in [1, 2] else 3}", "2 if x in [1, 2] else 3", NEEDS, None),
    ("a: {o: [1, 2][i]}", "[1, 2][i]", NEEDS, 'a: {o: "[1, 2][i]"}'),
    ("a: {o: d['k'][0]}", "d['k'][0]", NEEDS, "a: {o: \"d['k'][0]\"}"),
    ('a: {o: d["k"][0]}', 'd["k"][0]', NEEDS, "a: {o: 'd[\"k\"][0]'}"),
    ("a: {o: enc{i}}", "enc{i}", NEEDS, 'a: {o: "enc{i}"}'),
    ("a: {{i}x: 1}", "{i}x", NEEDS, 'a: {"{i}x": 1}'),
    ("a: {o: 'x' + y}", "'x' + y", NEEDS, "a: {o: \"'x' + y\"}"),
    ("a: {\n  o: w[0],\n}", "w[0]", NEEDS, 'a: {\n  o: "w[0]",\n}'),
    ("{i}: ReLU", "{i}", BRACE, '"{i}": ReLU'),
    ("- {i}: {op: Conv2d}", "{i}", BRACE, '- "{i}": {op: Conv2d}'),
    ("- {i}name: ReLU", "{i}name", BRACE, '- "{i}name": ReLU'),
    ("- {stage}block: ReLU\n- b", "{stage}block", BRACE, '- "{stage}block": ReLU\n- b'),
    ("a: {{i}: 1}", "{i}", BRACE, 'a: {"{i}": 1}'),
    ("o: ${2 * growth}", "${2 * growth}", DOLLAR, "o: 2 * growth"),
    ("o: ${a} * ${b + 1}", "${a} * ${b + 1}", DOLLAR, "o: a * (b + 1)"),
    ("{o: ${2 * growth}}", "${2 * growth}", DOLLAR, "{o: 2 * growth}"),
    ("a: {o: enc${i}}", "enc${i}", DOLLAR, 'a: {o: "enc{i}"}'),
    ("layer${i}: ReLU", "layer${i}", DOLLAR, "layer{i}: ReLU"),
    ("- ${i}: ReLU", "${i}", DOLLAR, '- "{i}": ReLU'),
    ("a: {op:Conv2d}", "op:Conv2d", SPACE, "a: {op: Conv2d}"),
    ("a: {op:Conv2d, k: 3}", "op:Conv2d", SPACE, "a: {op: Conv2d, k: 3}"),
    ("op:Conv2d", "op:Conv2d", SPACE, "op: Conv2d"),
    ("- c:\n    op:Conv2d", "op:Conv2d", SPACE, "- c:\n    op: Conv2d"),
    ("- op:Conv2d", "op:Conv2d", SPACE, "- op: Conv2d"),
    ("op:Conv2d\nk: 1", "op:Conv2d", SPACE, "op: Conv2d\nk: 1"),
    ("k: 1\nop:Conv2d", "op:Conv2d", SPACE, "k: 1\nop: Conv2d"),
    ("a:\n\t- b\n\t- c", "\t", TAB, "a:\n  - b\n  - c"),
    ("a:\n  b: 1\n\tc: 2", "\t", TAB, "a:\n  b: 1\n  c: 2"),
    ("a: [1, 2\nb: 3", "[", CLOSED, "a: [1, 2]\nb: 3"),
    ("a: {b: 1, c: 2", "{", CLOSED, "a: {b: 1, c: 2}"),
    ("a: {b: [1, {c: 2\nd: 3", "{", CLOSED, "a: {b: [1, {c: 2}]}\nd: 3"),
    ("a: 'x\nb: 1", "'", "unclosed quote", "a: 'x'\nb: 1"),
    ('a: "x\nb: "y"\nc: 1', '"', "unclosed quote", 'a: "x"\nb: "y"\nc: 1'),
    ("{a: 1]", "]", "`]` does not match `{`; expected `}`", "{a: 1}"),
    ("a: {b: [1, 2}", "}", "`}` does not match `[`; expected `]`", "a: {b: [1, 2]}"),
    ("a: {b: 1\n    c: 2}", "c", "missing comma before this", "a: {b: 1,\n    c: 2}"),
    ("a: {b: 1}}", "}", "unmatched `}`", "a: {b: 1}"),
    ("a: ]", "]", "unmatched `]`", "a: "),
    ("a: @x", "@x", "text that starts with `@` needs quotes", 'a: "@x"'),
    ("a: `x`", "`x`", "text that starts with a backtick needs quotes", 'a: "`x`"'),
    ("from: *", "*", "text that starts with `*` needs quotes", 'from: "*"'),
    ("a: >=5", ">=5", "text that starts with `>` needs quotes", 'a: ">=5"'),
    ("doc: Note: this", "Note: this", "second `: ` in one line", 'doc: "Note: this"'),
    ("- c: op: A, k: 3", "op: A, k: 3", "second `: ` in one line", "- c: {op: A, k: 3}"),
    ("inputs: a: [N, 3]", "a: [N, 3]", "second `: ` in one line", "inputs: {a: [N, 3]}"),
    ("a: 'it's'", "'it's'", "text continues after its closing quote", 'a: "it\'s"'),
    ("a: {o: 'it's', p: 1}", "'it's'", NEEDS, 'a: {o: "it\'s", p: 1}'),
    ("a: {o: @x, p: 1}", "@x", NEEDS, 'a: {o: "@x", p: 1}'),
    ("a: 'x' + y", "'x' + y", "text continues after its closing quote", "a: \"'x' + y\""),
    ("a: [1] + b", "[1] + b", "text continues after its closing bracket", 'a: "[1] + b"'),
    ("a: {o: 1, :p: 2}", ":", COLON, "a: {o: 1, p: 2}"),
    ("a: {:o: 1}", ":", COLON, "a: {o: 1}"),
    ("a: [:o, p]", ":", COLON, "a: [o, p]"),
]

# The text, the place, the message, a part of the help; the author chooses the fix.
ADVISED = [
    ("a: 1\n: 2", ":", NAMELESS, "write the key before it: `op: …`"),
    ("a: 1\n:\n  - b", ":", NAMELESS, "write the key before it"),
    ("a:\n  - : b", ":", NAMELESS, "write the key before it"),
    ("a:\n  - b: c\n    : d", ":", NAMELESS, "write the key before it"),
    ("a: |\n  b\n: 1", ":", NAMELESS, "write the key before it"),
    ("a: {o: 1, : 2}", ":", NAMELESS, "write the key before it: `{op: …}`"),
    ("a: |\n  b\n c\nd: 1", "c", "the indentation of this line matches no line above", "align it with the lines around it"),
    ("|-\na: 1\nb: 2", "a: 1", "extra text after the end of the spec", "indent it to make it part of the spec"),
    ("a: 1\n b: 2", "b: 2", "this line is indented deeper than the line above, which already has a value", "align it with the lines around it"),
    ("a:\n  - b\n c: 1", "c: 1", "the indentation of this line matches no line above", "the lines around it start in column 1, as here"),
    ("body:\n- a\n - b", "- b", "this `- ` does not start a list item: the line is indented deeper than the item above", "align it with the lines around it"),
    ("- a\nb: 1", "b: 1", "`name: value` cannot be mixed with list items (`- …`)", "start it with `- `"),
    ("a: 1\n- b", "- b", "a list item (`- …`) cannot be mixed with `name: value`", "indent it"),
    ("a: - b", "-", "a list cannot start here", "on its own line, or write it as `[…]`"),
    ("a: 1\nb", "b", "this line is neither `name: value` nor a list item (`- …`)", ""),
    ("a: {b: foo}bar}", "bar}", "nothing can follow the closing bracket", "remove a bracket"),
    ("a: {: 1}", ":", "missing key before `:`", "write the key before it"),
    ("a: {b: 1 c: 2}", ":", "second `:` in one entry", "add a comma before the name"),
    ('a: "\\q"', "\\q", "unknown escape sequence in double quotes", "use single quotes"),
    ("a: b\n---\nc: d", "---", "a second document starts here, but a spec is one document", "`use`"),
    ("a: b\n...\nc: d", "c: d", "extra text after the end of the spec", "indent it to make it part of the spec"),
    ("a: ? b", "?", "invalid YAML", "the YAML parser reports: mapping keys"),
    ("a: \x01", "\x01", "a spec cannot contain the character U+0001", "delete it"),
    ("? - a\n: b", "- a", "a name must be text, not a list or mapping", ""),
]  # fmt: skip

OTHERS = [
    ("a: 1\na: 2", Code.DUPLICATE_KEY, "a", "`a` is written twice\nwritten again here\nwritten first here"),
    ("{a: 1, 'a': 2}", Code.DUPLICATE_KEY, "'a'", "keep one of the two"),
    ("a: {<<: {b: 1}, <<: {c: 1}}", Code.DUPLICATE_KEY, "<<", "`<<` is written twice"),
    ("a: !foo x", Code.TAG, "!foo", "`!foo` is a YAML tag; specs do not use tags"),
    ("when: !first", Code.TAG, "!first", "`not first` is the form in expressions"),
    ("a: !!python/object:os.system {}", Code.TAG, "!!python/object:os.system", "remove it"),
    ("a: ! x", Code.TAG, "!", "`!` is a YAML tag"),
    ("a: &x !!int 1", Code.TAG, "!!int", "`!!int` is a YAML tag"),
    ("a: *growth", Code.ALIAS, "*growth", 'quote it: "*growth"'),
    ("a: &growth 1\nb: *grwth", Code.ALIAS, "*grwth", "did you mean `*growth`?"),
    ("a: &x [*x]", Code.ALIAS, "*x", "alias `*x` is inside its own anchor\n\nwrite the value instead of the alias"),
    ("a: {<<: 1}", Code.ALIAS, "1", "`<<` merges a mapping"),
    ("[" * 101, Code.TOO_DEEP, "[", "lists and mappings are nested more than 100 deep"),
    ("a: \0", Code.NOT_TEXT, "\0", "contains the character U+0000"),
]  # fmt: skip

JSON = [
    ('{"a": 1,}', ",", "trailing commas are not valid JSON"),
    ('{"a" 1}', "1", "missing `:` after the name"),
    ('{"a": 1 "b": 2}', '"b"', "a `,` or `}` is missing before this"),
    ("{a: 1}", "a", "names in JSON are in double quotes"),
    ('{"a": True}', "True", "`True` is not JSON"),
    ("{\"a\": 'x'}", "'x'", 'write text in double quotes ("…")'),
    ('{"a": 01}', "01", "`01` is not JSON"),
    ('{"a": 1 // x\n}', "//", "comments are not valid JSON"),
    ('{"a": [1', "[", "`[` is never closed"),
    ('{"a": "x', '"', "unclosed quote"),
    ('{"a": "x\ny"}', "\n", "write a line break or tab in a JSON string as `\\n` or `\\t`"),
    ('{"a": "\\x"}', "\\x", "unknown escape sequence in double quotes"),
    ('{"a": "\\u12"}', "\\u", "unknown escape sequence in double quotes"),
    ('{"a": "\\ud800"}', '"\\ud800"', "form a character only in pairs"),
    ('{"a": 1} x', "x", "extra text after the end of the JSON document"),
    ("", "", "the file is empty"),
]


@pytest.mark.parametrize(("text", "place", "message", "becomes"), FIXABLE)
def test_a_mistake_is_named_and_fixed(text, place, message, becomes) -> None:
    document = parse(text)
    diagnostic = only(document)
    assert diagnostic.code == Code.SYNTAX
    assert message in diagnostic.message
    assert diagnostic.span.text == place
    new = fixed_text(document)
    assert becomes is None or new == becomes
    again = parse(new)
    assert not again.diagnostics
    assert content(again.root) == content(document.root), "the tree is the intended one"


@pytest.mark.parametrize("text", [case[0] for case in FIXABLE])
def test_a_mistake_hides_nothing_and_moves_nothing(text) -> None:
    around = f"first: 1\nbroken:\n{indented(text)}\nlast: {{o: w[0]}}\n"
    document = parse(around)
    root = document.root
    assert [key.span.text for key, _ in root.entries] == ["first", "broken", "last"]
    assert root.get("last").get("o").span.text == "w[0]"
    assert document.diagnostics[-1].span.text == "w[0]"
    assert content(root.get("broken")) == content(parse(text).root)


def indented(text: str) -> str:
    return "\n".join("  " + line for line in text.split("\n"))


@pytest.mark.parametrize(("text", "place", "message", "help"), ADVISED)
def test_a_mistake_is_named_with_advice(text, place, message, help) -> None:
    diagnostic = only(parse(text))
    assert diagnostic.code == Code.SYNTAX
    assert diagnostic.message == message
    assert diagnostic.span.text == place
    assert help in words(diagnostic)
    assert not any(h.edits for h in diagnostic.helps)


@pytest.mark.parametrize(("text", "code", "place", "says"), OTHERS)
def test_what_is_rejected_says_why(text, code, place, says) -> None:
    diagnostic = parse(text).diagnostics[0]
    assert diagnostic.code == code
    assert diagnostic.span.text == place
    assert says in words(diagnostic)


@pytest.mark.parametrize(("text", "place", "says"), JSON)
def test_json_faults_are_named(text, place, says) -> None:
    diagnostic = only(parse(text, "x.json"))
    assert says in words(diagnostic)
    assert diagnostic.span.text == place


def test_json_duplicates_and_depth_are_diagnostics_too() -> None:
    assert only(parse('{"a": 1, "a": 2}')).code == Code.DUPLICATE_KEY
    assert only(parse("[" * 200, "x.json")).code == Code.TOO_DEEP


def test_all_mistakes_are_found_at_once_and_the_tree_is_whole() -> None:
    text = "b: 1\na: {x: w[0]}\nc: {y: max(a, b)}\nd: @x\n- {i}k: 1\n".replace("- {i}k", "{i}k")
    text += "op:Conv2d\ne: 'zz\nf: ${q}\ng: [1\n"
    document = parse(text)
    places = ["w[0]", "max(a, b)", "@x", "{i}k", "op:Conv2d", "'", "${q}", "["]
    assert [d.span.text for d in document.diagnostics] == places
    expected = {"b": 1, "a": {"x": "w[0]"}, "c": {"y": "max(a, b)"}, "d": "@x", "{i}k": 1}
    assert content(document.root) == expected | {"op": "Conv2d", "e": "zz", "f": "q", "g": [1]}


def test_an_unfixable_text_keeps_what_was_read() -> None:
    document = parse("a: 1\nb:\n  - c: 2\n d: 3\ne: 4\n")
    assert content(document.root) == {"a": 1, "b": [{"c": 2}]}
    assert document.diagnostics


def test_text_with_brackets_on_a_line_of_its_own_is_fine() -> None:
    for value in ("widths[0]", "max(a, b)", "x{i}", "a, b", "f(x", "it's", "http://x.y", "a#b"):
        assert content(parse(f"a: {value}").root) == {"a": value}
        assert not parse(f"a: {value}").diagnostics


def test_quoted_text_is_never_a_mistake() -> None:
    for value in ("${x}", "op:Conv2d", "max(a, b)", "{i}", "- a", "*x", "!x", "f(x"):
        document = parse(f'- "{value}"\n- ["{value}"]\n- {{"{value}": 1}}\n')
        assert not document.diagnostics
        assert content(document.root) == [value, [value], {value: 1}]


@settings(max_examples=examples(200))
@given(mutated())
def test_making_the_offered_edits_leaves_less_to_complain_about(text) -> None:
    document = parse(text)
    diagnostics = document.diagnostics
    if diagnostics and all(
        d.code == Code.SYNTAX and d.helps and d.helps[0].edits for d in diagnostics
    ):
        assert (
            len(parse(fixed_text(document)).diagnostics) < max(len(diagnostics), 1)
            or len(diagnostics) > 11
        )


def test_the_label_says_which_characters_need_the_quotes() -> None:
    begin = "inside brackets, an unquoted value cannot "
    assert only(parse("a: {o: w[0]}")).label == begin + "contain `[` `]`"
    assert only(parse("a: {o: @x}")).label == begin + "start with `@`"
    assert only(parse("a: {o: ${x}}")).label == "an expression"
    assert only(parse("o: ${x}")).label == "this value is already an expression"
    assert only(parse("a: [w[0], w[1]]")).helps[0].text == 'write `"w[0]"`, and also quote 1 more'


def test_the_example_needs_no_fix() -> None:
    assert not parse(SPEC).diagnostics
