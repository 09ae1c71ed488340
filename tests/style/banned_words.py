"""The words of docs/style.md that do not come back, and the files that have them.

`python tests/style/banned_words.py` lists them.
"""

from __future__ import annotations

import ast
import html
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
STYLE = ROOT / "docs/style.md"

Counts = dict[tuple[str, str], int]
"""The number of occurrences, by file and word. The first form of a row represents it; in names, after `name:`."""

_FOLDERS = ("netspec", "tui", "tests", "benchmarks", "specs", "examples", "docs", "findings")
_FILES = ("*.md", "*.toml", "*.yml", "Makefile")
_SUFFIXES = {".py", ".md", ".html", ".svg"}
_LEFT_OUT = ("docs/style.md", "tests/style/")
_WHOLE_NAMES = frozenset({"at"})
"""Words that are banned as whole names only: `starts_at` says something."""


def rows(section: str) -> list[tuple[list[str], str]]:
    """The table under a heading of docs/style.md: the forms of a word, and what to write."""
    page = STYLE.read_text(encoding="utf-8")
    table = page.split(f"\n### {section}\n")[1].split("\n### ")[0]
    cells = re.findall(r"^\| (`.*) \| (.*) \|$", table, re.MULTILINE)
    return [(re.findall(r"`([^`]+)`", forms), instead) for forms, instead in cells]


@cache
def names() -> dict[str, str]:
    """Every form that is banned in names, with the first form of its row."""
    return {form: forms[0] for forms, _ in [*rows("In names"), *rows("Spelling")] for form in forms}


@cache
def phrases() -> dict[str, str]:
    """Every form that is banned in text, with the first form of its row."""
    tables = [*rows("Titles"), *rows("In text"), *rows("Spelling")]
    return {form: forms[0] for forms, _ in tables for form in forms}


@cache
def _pattern() -> re.Pattern[str]:
    """Any banned phrase, also at the beginning of a sentence, the longest first; "there is no name" is fine."""
    by_letter: dict[str, list[str]] = {}
    for phrase in sorted(phrases(), key=len, reverse=True):
        by_letter.setdefault(phrase[0], []).append(re.escape(phrase[1:]).replace(r"\ ", r"\s+"))
    forms = (f"[{k}{k.upper()}](?:{'|'.join(rests)})" for k, rests in by_letter.items())
    return re.compile(rf"(?<![\w-])(?<!here )(?:{'|'.join(forms)})(?![\w/-])")


def in_text(text: str) -> Iterator[str]:
    """The banned words of a text.

    >>> [*in_text("Mended: what hangs on a size is None, but a step that is none is no step")]
    ['mend', 'hang on', 'a step that is none', 'is no spec']
    """
    for match in _pattern().findall(text):
        yield phrases()[" ".join(f"{match[0].lower()}{match[1:]}".split())]


def in_name(name: str) -> Iterator[str]:
    """The banned words of a name in code; that of a test is a sentence.

    >>> [[*in_name(n)] for n in ("_found", "kept_tests", "StrangeGapError", "at", "starts_at", "test_it_is_found")]
    [['name:found'], ['name:kept'], ['name:strange'], ['name:at'], [], []]
    """
    if name.startswith("test_"):
        yield from in_text(name.replace("_", " "))
        return
    whole = name.strip("_")
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", whole)
    for word in [whole] if whole in _WHOLE_NAMES else [part.lower() for part in parts]:
        if word in names() and (whole == word or word not in _WHOLE_NAMES):
            yield f"name:{names()[word]}"


def _bound_name(node: ast.AST) -> str | None:
    """What a node of a program names: a function, a class, a parameter, a variable, an attribute."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            return name
        case ast.arg(arg=name) | ast.alias(asname=name):
            return name
        case ast.MatchAs(name=name) | ast.MatchStar(name=name) | ast.ExceptHandler(name=name):
            return name
    return None


_COMMENT = re.compile(
    r"""("{3}|'{3})(?:\\.|(?!\1).)*\1|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?P<comment>\#[^\n]*)""",
    re.DOTALL,
)
"""A string, which may hold a `#`, or a comment."""


def in_program(source: str) -> Iterator[str]:
    """The banned words of a program: of its names, its comments, and its strings (docstrings, messages).

    >>> [*in_program("kept = f'a # mended {n}'  # told")]
    ['told', 'name:kept', 'mend']
    """
    for match in _COMMENT.finditer(source):
        yield from in_text(match["comment"] or "")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant):
            yield from in_text(node.value) if isinstance(node.value, str) else ()
        elif (name := _bound_name(node)) is not None:
            yield from in_name(name)


def in_file(path: Path) -> Iterator[str]:
    """The banned words of a file, its own name among them."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".svg":
        source = html.unescape(source).replace("\xa0", " ")
    if path.suffix != ".py":
        yield from in_text(source)
        return
    yield from in_name(path.stem)
    yield from in_program(source)


def files() -> list[str]:
    """The files of the project that have names or prose."""
    paths = [path for pattern in _FILES for path in ROOT.glob(pattern)]
    for folder in _FOLDERS:
        suffixes = _SUFFIXES | ({".yaml"} if folder == "specs" else set())
        paths += [p for p in (ROOT / folder).rglob("*") if p.suffix in suffixes]
    relative = sorted(path.relative_to(ROOT).as_posix() for path in paths)
    return [path for path in relative if not path.startswith(_LEFT_OUT)]


@cache
def counted() -> Counts:
    """How often each file has each banned word today."""
    return {
        (path, word): count
        for path in files()
        for word, count in sorted(Counter(in_file(ROOT / path)).items())
    }


def main() -> None:
    """Print every banned word with its file, and fail if there is one."""
    lines = [f"{path}: `{word}` {count} times" for (path, word), count in counted().items()]
    sys.exit("\n".join(lines) or 0)


if __name__ == "__main__":
    main()
