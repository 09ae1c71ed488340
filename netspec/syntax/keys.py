"""The keys of a mapping: a misspelled one is reported once, and read as the intended one."""

from __future__ import annotations

from collections.abc import Collection

from netspec.diagnostics import Code, Diagnostic, Diagnostics, advice, did_you_mean
from netspec.document import Entries, Mapping, Scalar
from netspec.record import record
from netspec.similar_words import closest

SYNONYMS = {
    "steps": "body", "layers": "body", "modules": "body", "model": "body", "network": "body",
    "architecture": "body", "graph": "body", "nodes": "body", "forward": "body",
    "description": "doc", "docstring": "doc", "comment": "doc", "title": "name",
    "parameters": "params", "hyperparameters": "params", "defaults": "params", "args": "params",
    "variants": "presets", "configs": "presets",
    "returns": "outputs", "return": "outputs", "for": "each", "foreach": "each", "loop": "each",
    "initializers": "init", "limits": "budget",
}  # fmt: skip
"""Keys of other formats for networks, with the corresponding key."""


@record(frozen=True, slots=True)
class Misspelled:
    """A key that only its op can distinguish from an argument: the intended key, and the written one."""

    suggestion: str
    diagnostic: Diagnostic


Respelling = dict[tuple[str, int], Misspelled]
"""Such keys of all files, by file and place."""


def known(
    node: Mapping,
    keys: Collection[str],
    diagnostics: Diagnostics,
    owner: str,
    otherwise: str = "",
    also: tuple[str, ...] = (),
) -> Mapping:
    """The mapping with only the keys `keys`: misspelled ones are corrected, unknown ones omitted.

    `also` may be intended as well, and makes something else of it.
    """
    entries = node.entries
    if all(key.text in keys for key, _ in entries):
        return node
    known_entries = {key.text: (key, value) for key, value in entries if key.text in keys}
    for key, value in entries:
        if key.text in keys:
            continue
        suggestion = _synonym(key.text, (*keys, *also)) or closest(key.text, (*keys, *also))
        diagnostics.add(
            Diagnostic(
                Code.UNKNOWN_KEY,
                f"{owner} has no key `{key.text}`",
                key.span,
                "unknown key",
                helps=(advice(_key_help(suggestion, keys, otherwise), key.span),),
            )
        )
        if suggestion is not None and suggestion not in known_entries:
            known_entries[suggestion] = respelled_key(key, suggestion), value
    return Mapping(node.source, node.start, node.end, known_entries)


def respelt(node: Mapping, respelling: Respelling, diagnostics: Diagnostics) -> Mapping:
    """The mapping with the keys that were intended, if it is known; the diagnostic is reported again."""
    corrected: Entries = {}
    for key, value in node.entries:
        misspelled = respelling.get((key.source.name, key.start))
        if misspelled is not None:
            diagnostics.add(misspelled.diagnostic)
            key = respelled_key(key, misspelled.suggestion)
        corrected[key.text] = key, value
    return Mapping(node.source, node.start, node.end, corrected)


def respelled_key(key: Scalar, new_text: str) -> Scalar:
    """The key at its place with another text."""
    return Scalar(key.source, key.start, key.end, new_text, new_text)


def _synonym(word: str, keys: Collection[str]) -> str | None:
    key = SYNONYMS.get(word.lower())
    return key if key in keys else None


def _key_help(suggestion: str | None, keys: Collection[str], otherwise: str) -> str:
    if suggestion is not None:
        return did_you_mean(suggestion)
    return otherwise or f"its keys are: {', '.join(keys)}"
