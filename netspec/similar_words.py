"""Which known word an unknown one resembles."""

from __future__ import annotations

from collections.abc import Iterable

from netspec.limits import RUN

_CLOSE_LOOK = 10
"""The ratio of the cost of an edit distance to that of a test for one typing error."""


def closest(word: str, candidates: Iterable[object]) -> str | None:
    """The most likely candidate, or None: the edit distance is at most a third of the length of the word.

    >>> closest("kernal_size", ["kernel_size", "stride"])
    'kernel_size'
    >>> closest("banana", ["kernel_size", "stride"]) is None
    True
    """
    run = RUN.get()
    if run is not None and run.advice < 0:
        return None
    names = [str(c) for c in candidates]
    if run is not None and not run.has_advice(len(names)):
        return None
    folded = {name.lower(): name for name in reversed(names)}
    if word.lower() in folded:
        return folded[word.lower()]
    slips = [name for key, name in folded.items() if one_slip(word.lower(), key)]
    if slips:
        return next((s for s in reversed(slips) if s[:1].lower() == word[:1].lower()), slips[-1])
    if run is not None and not run.has_advice(_CLOSE_LOOK * len(names)):
        return None
    from difflib import get_close_matches

    near = get_close_matches(word.lower(), list(folded), n=1, cutoff=0.7)
    return folded[near[0]] if near else None


def one_slip(word: str, candidate: str) -> bool:
    """Whether a letter is missing, is one too many, or two have changed places.

    >>> [one_slip(word, "low") for word in ("lwo", "lo", "loww", "law")]
    [True, True, True, False]
    """
    shorter, longer = sorted((word, candidate), key=len)
    if len(shorter) < 2 or len(longer) - len(shorter) > 1:
        return False
    k = next(
        (k for k, (a, b) in enumerate(zip(word, candidate, strict=False)) if a != b), len(shorter)
    )
    if len(shorter) == len(longer):
        return word[:k] + word[k : k + 2][::-1] + word[k + 2 :] == candidate != word
    return longer[:k] + longer[k + 1 :] == shorter and len(longer) > 2
