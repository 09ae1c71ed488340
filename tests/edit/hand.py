"""Specs as people write them by hand: the same network in any mixture of forms, margins, comments and spaces."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

CALLS: dict[str, dict[str, str]] = {
    "ReLU": {},
    "Conv2d": {"out_channels": "8", "kernel_size": "3", "padding": "1"},
    "BatchNorm2d": {"eps": "1e-3"},
    "Dropout": {"p": "0.25"},
    "Sigmoid": {},
}


@dataclass
class Writer:
    """Draws every choice that a hand makes."""

    data: st.DataObject
    comments: int = 0

    def any(self, *choices: str) -> str:
        """One of several ways to write the same."""
        return self.data.draw(st.sampled_from(choices))

    def comment(self) -> str:
        """A comment that is like no other."""
        self.comments += 1
        return f"# remark {self.comments}, with: [odd] {{signs}}"

    def maybe(self, margin: str) -> list[str]:
        """Perhaps an empty line, perhaps one of a comment."""
        blank_lines = [""] if self.any("no", "no", "no", "yes") == "yes" else []
        return (
            [*blank_lines, margin + self.comment()]
            if self.any("no", "no", "yes") == "yes"
            else blank_lines
        )

    def trailing(self) -> str:
        """Perhaps a comment at the end of the line."""
        return f"  {self.comment()}" if self.any("no", "no", "yes") == "yes" else ""

    def scalar(self, text: str) -> str:
        """A value, with or without quotes where both say the same."""
        return f'"{text}"' if text.isalpha() and self.any("plain", "quoted") == "quoted" else text

    def flow(self, pairs: dict[str, str]) -> str:
        """In braces, with any spaces."""
        inside = f",{self.any(' ', '  ')}".join(
            f"{k}:{self.any(' ', '   ')}{v}" for k, v in pairs.items()
        )
        return "{" + self.any("", " ") + inside + self.any("", " ") + "}"

    def block(self, pairs: dict[str, str], margin: str) -> list[str]:
        """One key a line."""
        lines: list[str] = []
        for key, value in pairs.items():
            lines += [f"{margin}{key}:{self.any(' ', '  ')}{value}{self.trailing()}"]
            lines += self.maybe(margin)
        return lines

    def step(self, name: str, op: str, source: str, margin: str) -> list[str]:
        """A step of the body."""
        pairs = {"op": self.scalar(op), **({"from": source} if source else {}), **CALLS[op]}
        dash = f"{margin}-{self.any(' ', '   ')}"
        inner = " " * len(dash)
        match self.any("braces", "lines", "long", "short"):
            case "short" if len(pairs) == 1:
                return [f"{dash}{name}: {self.scalar(op)}{self.trailing()}"]
            case "lines":
                deeper = inner + self.any("  ", "    ")
                return [f"{dash}{name}:{self.trailing()}", *self.block(pairs, deeper)]
            case "long":
                lines = self.block({"name": name, **pairs}, inner)
                return [dash + lines[0][len(inner) :], *lines[1:]]
            case _:
                return [f"{dash}{name}: {self.flow(pairs)}{self.trailing()}"]


@st.composite
def specs(draw: st.DrawFn) -> str:
    """A whole file: one input, and a body of three to seven steps, some of which read earlier ones."""
    writer = Writer(draw(st.data()))
    count = draw(st.integers(3, 7))
    margin = writer.any("", "  ", "    ")
    lines = [
        *writer.maybe(""),
        "netspec: 1",
        f"inputs: {{image: [N, 8,{writer.any('', ' ')}16, 16]}}",
        *writer.maybe(""),
    ]
    lines += [f"body:{writer.trailing()}"]
    for k in range(count):
        source = f"s{draw(st.integers(0, k - 1))}" if k > 1 and draw(st.integers(0, 3)) == 0 else ""
        lines += writer.step(f"s{k}", draw(st.sampled_from(sorted(CALLS))), source, margin)
        lines += writer.maybe(margin)
    text = "\n".join(lines) + writer.any("\n", "", "\n\n")
    return text.replace("\n", writer.any("\n", "\n", "\r\n"))
