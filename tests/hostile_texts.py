"""Texts of the gallery, disturbed at random: characters and lines that are lost, moved, or put in."""

from __future__ import annotations

from random import Random

PIECES = (
    *":-{}[],&*!|>%@`\"'#?\t \n\\.~=<",
    *("- ", ": ", "? ", "<<: *a", "&a ", "*a", "!t ", "|\n", ">\n", "---\n", "...\n", "\n\n", "  "),
    *("\\x", "\u2028", "\x85", "\r", "\r\n", "%YAML 1.2\n", '"\\U110000"', "|2-\n", "|+9\n"),
    *("!<a>", "!!str ", "- - ", "[[", "]]", "{a", "é", "😀", "\u00a0", ", ]", ", }"),
)


def mutant(text: str, random: Random) -> str:
    """The text after one to three small accidents."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        text = random.choice(ACCIDENTS)(text, random)
    return text


def drop(text: str, random: Random) -> str:
    """Some characters are lost."""
    position = random.randrange(len(text) + 1)
    return text[:position] + text[position + random.choice((1, 1, random.randrange(1, 20))) :]


def insert(text: str, random: Random) -> str:
    """Something is put in."""
    position = random.randrange(len(text) + 1)
    return text[:position] + random.choice(PIECES) + text[position:]


def overwrite(text: str, random: Random) -> str:
    """Something replaces a character."""
    position = random.randrange(len(text) + 1)
    return text[:position] + random.choice(PIECES) + text[position + 1 :]


def indent(text: str, random: Random) -> str:
    """A line is indented otherwise."""
    lines = text.split("\n")
    position = random.randrange(len(lines))
    lines[position] = random.choice((" ", "  ", "    ", "\t", " " * random.randrange(8))) + (
        lines[position].lstrip(" ") if random.random() < 0.5 else lines[position]
    )
    return "\n".join(lines)


def swap(text: str, random: Random) -> str:
    """Two lines change places."""
    lines = text.split("\n")
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


ACCIDENTS = (drop, insert, overwrite, indent, swap)
