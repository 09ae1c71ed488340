"""Lists and mappings as pieces of text: the range of each item, in any style."""

from __future__ import annotations

import re

from netspec.document.tree import Mapping, Sequence, TextNode

Splice = tuple[int, int, str]
"""The range of characters, and the replacement."""

Container = Sequence | Mapping

_ALONE = r"^((?: |- )*)[\w-]+:[ ]*$"
"""The line break before an empty collection that can be written in block form."""


def is_flow(node: TextNode) -> bool:
    """Whether a collection is in brackets or braces."""
    return node.source.text[node.start : node.start + 1] in ("[", "{")


def count(container: Container) -> int:
    """How many items it has."""
    return len(container.items if isinstance(container, Sequence) else container.entries)


def content(container: Container, k: int) -> tuple[int, int]:
    """Where item `k` begins and ends, without its dash; of a mapping the key with its value."""
    if isinstance(container, Sequence):
        item = container.items[k]
        return item.start, item.end
    key, value = container.entries[k]
    return key.start, max(value.end, key.end)


def line_start(text: str, offset: int) -> int:
    """The beginning of the line that a character is in."""
    return text.rfind("\n", 0, offset) + 1


def line_end(text: str, offset: int) -> int:
    """The line break that ends the line of a character, or the end of the text."""
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    return end - 1 if end > offset and text[end - 1] == "\r" else end


def column(text: str, offset: int) -> int:
    """The column of a character, from 0."""
    return offset - line_start(text, offset)


def newline(text: str) -> str:
    """The line break that a text uses."""
    return "\r\n" if "\r\n" in text else "\n"


def begin(container: Container, k: int) -> int:
    """Where item `k` of a collection in lines begins: its dash, or its key."""
    text = container.source.text
    offset = content(container, k)[0]
    if isinstance(container, Mapping):
        return offset
    dashes = column(text, container.start)
    line = line_start(text, offset)
    while text[line + dashes : line + dashes + 1] != "-" or line + dashes >= offset:
        line = line_start(text, line - 1)
    return line + dashes


def leads(container: Container, k: int) -> bool:
    """Whether an item in block form begins its line, and does not follow a dash or a key."""
    text, offset = container.source.text, begin(container, k)
    return not text[line_start(text, offset) : offset].strip()


def head(container: Container, k: int) -> int:
    """The beginning of item `k`, including the comments above it at its indentation."""
    text, offset = container.source.text, begin(container, k)
    if not leads(container, k):
        return offset
    indent, line = column(text, offset), line_start(text, offset)
    while line > 0:
        above = line_start(text, line - 1)
        line_text = text[above:line]
        if (
            not line_text.lstrip(" ").startswith("#")
            or len(line_text) - len(line_text.lstrip(" ")) != indent
        ):
            break
        line = above
    return line


def tail(container: Container, k: int) -> int:
    """The end of item `k`, including the comment on its last line and indented ones below."""
    text = container.source.text
    end = line_end(text, content(container, k)[1])
    indent = column(text, begin(container, k))
    while True:
        below = text.find("\n", end)
        if below < 0:
            return end
        stop = line_end(text, below + 1)
        line_text = text[below + 1 : stop]
        if (
            not line_text.lstrip(" ").startswith("#")
            or len(line_text) - len(line_text.lstrip(" ")) <= indent
        ):
            return end
        end = stop


def indented(text: str, by: int, *, first: bool = True) -> str:
    """The lines of a text, indented or dedented; empty ones stay empty."""
    lines = text.split("\n")
    moved = [_moved(line, by) for line in lines]
    return "\n".join(moved if first else [lines[0], *moved[1:]])


def _moved(line: str, by: int) -> str:
    if not line.strip():
        return line
    return " " * by + line if by >= 0 else line[min(-by, len(line) - len(line.lstrip(" "))) :]


# ---- splices -----------------------------------------------------------------------------------------


def inserted(container: Container, k: int, item: str) -> Splice:
    """Item `k` inserted before the current one; `item` is `key: value` for a mapping."""
    return _in_flow(container, k, item) if is_flow(container) else _in_lines(container, k, item)


def _in_lines(container: Container, k: int, item: str) -> Splice:
    text = container.source.text
    dash = "- " if isinstance(container, Sequence) else ""
    indent = column(text, begin(container, 0))
    line = f"{dash}{indented(item, len(dash) + indent, first=False)}"
    end = newline(text)
    if end != "\n":
        line = line.replace("\r\n", "\n").replace("\n", end)
    if k > 0:
        offset = tail(container, k - 1)
        return offset, offset, f"{end}{' ' * indent}{line}"
    offset = head(container, 0)
    if not leads(container, 0):
        return offset, offset, f"{line}{end}{' ' * indent}"
    return offset, offset, f"{' ' * indent}{line}{end}"


def _in_flow(container: Container, k: int, item: str) -> Splice:
    text, n = container.source.text, count(container)
    if n == 0 and (opened := _opened(container, item)) is not None:
        return opened
    if isinstance(container, Sequence) and _is_pair(item):
        item = f"{{{item}}}"
    if n == 0:
        offset = container.start + 1
        return offset, offset, item
    first = content(container, 0)[0]
    several = "\n" in text[container.start : first] or (
        n > 1 and "\n" in text[content(container, 0)[1] : content(container, 1)[0]]
    )
    margin = newline(text) + " " * column(text, first) if several else " "
    if k >= n:
        offset = content(container, n - 1)[1]
        return offset, offset, f",{margin}{item}"
    offset = content(container, k)[0]
    return offset, offset, f"{item},{margin}"


def _opened(container: Container, item: str) -> Splice | None:
    """The first item of an empty collection that has the rest of its line, in a line of its own."""
    text = container.source.text
    ahead = re.search(_ALONE, text[line_start(text, container.start) : container.start])
    if ahead is None or text[container.end : line_end(text, container.end)].strip():
        return None
    dash = "- " if isinstance(container, Sequence) else ""
    indent = len(ahead[1]) + 2
    line = f"{dash}{indented(item, len(dash) + indent, first=False)}"
    start = len(text[: container.start].rstrip(" "))
    return start, container.end, f"{newline(text)}{' ' * indent}{line}"


def _is_pair(item: str) -> bool:
    """Whether an item is `key: value` without braces, which reads better with them in brackets."""
    return re.match(r"""("[^"]*"|[^\s{\["',]+)\s*:(\s|$)""", item) is not None


def removed(container: Container, k: int) -> Splice:
    """Item `k` taken out, with the comments that belong to it."""
    text, n = container.source.text, count(container)
    empty = "[]" if isinstance(container, Sequence) else "{}"
    if n == 1:
        if is_flow(container):
            return container.start, container.end, empty
        return _emptied(container, empty)
    if is_flow(container):
        if k < n - 1:
            return content(container, k)[0], content(container, k + 1)[0], ""
        return content(container, k - 1)[1], content(container, k)[1], ""
    if not leads(container, k):
        return begin(container, k), begin(container, k + 1), ""
    start, end = head(container, k), tail(container, k)
    after = text.find("\n", end)
    if after >= 0:
        return start, after + 1, ""
    return len(text[:start].removesuffix("\n").removesuffix("\r")), end, ""


def _emptied(container: Container, empty: str) -> Splice:
    """A collection in lines that becomes an empty one, on the line of its key."""
    text = container.source.text
    start = len(text[: container.start].rstrip())
    between = text[start : container.start]
    ends = tail(container, 0)
    if between.strip() or not text[:start].endswith(":"):
        return container.start, ends, empty
    return start, ends, f" {empty}"


def set_value(container: Mapping, key: str, value: str, *, as_json: bool = False) -> Splice:
    """Set a key to a value on one line; a new key is added last."""
    written = container.get(key)
    name = container.key(key)
    if written is None or name is None:
        quoted = f'"{key}"' if as_json else key
        return inserted(container, count(container), f"{quoted}: {value}")
    text = container.source.text
    if "\n" in text[name.end : written.start] or written.start >= written.end:
        offset = text.index(":", name.end) + 1
        end = max(written.end, offset)
        return offset, end, f" {value}"
    return written.start, written.end, value


def without_key(container: Mapping, key: str) -> Splice | None:
    """Remove a key with its value; None if it does not exist."""
    for k, (name, _) in enumerate(container.entries):
        if name.text == key:
            return removed(container, k)
    return None
