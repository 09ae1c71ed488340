"""A name may contain any line break; a message is still one line in every format."""

from __future__ import annotations

import io
import json
import pathlib
from contextlib import redirect_stderr, redirect_stdout

import pytest

from netspec.check import check_text
from netspec.cli import main
from netspec.diagnostics import Code, Diagnostic, Help, SpecError
from netspec.printable import LINE_BREAKS

FAULTY = """\
netspec: 1
inputs: {image: [N, 3, 8, 8], "in@put": [N, "W@W"]}
params: {"p@p": {type: int, default: "t@t"}, width: {type: in@t, default: 3}}
dims: {"Q@Q": {min: 2}}
init: ["r@r"]
blocks:
  "B@B": {params: {"n@n": 3}, body: [{op: "U@U", "k@k": 4}]}
body:
  - "a@b": {op: "Rel@U"}
  - "a@b": {op: Linear, "out_features@": 3}
  - "c@d": {op: ReLU, from: "no@where"}
  - {op: Concat, from: ["x@y", image, "c@d"]}
  - {op: "=p@p + 1", "z@z": "=q@q"}
  - "{q@}": ReLU
  - "e@e": {op: Linear, in_features: 3, expect: ["s@s"], share: "t@t"}
  - {op: "B@B", "n@n": "=[m@m]"}
outputs: {"o@o": "u@u"}
budget: {"b@b": 3}
rename: {"g@g": [1]}
"v@v": 3
"""


@pytest.mark.parametrize("line_break", LINE_BREAKS, ids=ascii)
def test_every_message_is_one_line(line_break: str, tmp_path: pathlib.Path) -> None:
    text = FAULTY.replace("@", json.dumps(line_break)[1:-1])
    diagnostics = check_text(text, "net.yaml").diagnostics
    assert len(diagnostics) > 10
    written = [t for d in diagnostics for t in (d.message, d.label, *d.notes)]
    written += [
        t for d in diagnostics for t in (*(h.text for h in d.helps), *(x.text for x in d.labels))
    ]
    assert [t for t in written if len(t.splitlines()) > 1] == []
    escape = repr(line_break)[1:-1]
    assert any(escape in t for t in written)

    path = tmp_path / "net.yaml"
    path.write_text(text)
    for format in ("concise", "github"):
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(io.StringIO()):
            main(["check", str(path), "--format", format])
        lines = out.getvalue().splitlines()
        assert all(line.startswith((str(path), "::")) for line in lines), lines
        if format == "concise":
            assert len(lines) == len(diagnostics)


def test_a_diagnostic_made_by_hand_is_one_line_as_well() -> None:
    made = Diagnostic(Code.OWN_LAYER, "no\nlayer", helps=(Help("write\u2028it"),))
    assert (made.message, made.helps[0].text) == ("no\\nlayer", "write\\u2028it")
    assert str(SpecError(made)) == "error[NS113]: no\\nlayer\n  help: write\\u2028it"
