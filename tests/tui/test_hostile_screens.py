"""Names, docs and ops of any text on every screen of the editor: no cell commands the terminal."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.tui.editor import run

MARKERS = ["\x1b[5m", "\x9b5m", "\u202e", "\x07", "\u2028"]
KEYS = ["1", "2", "3", "question_mark", "escape", "tab", "enter", "escape", "slash", "k", "escape"]


def test_no_screen_contains_control_characters(tmp_path: Path) -> None:
    marker = "".join(MARKERS)
    text, name = json.dumps(f"a {marker} b"), json.dumps(f"k{marker}k")
    path = tmp_path / "net.yaml"
    path.write_text(
        f"netspec: 1\nname: {text}\ndoc: {text}\ninputs: {{image: [N, 3, H, W]}}\n"
        f"blocks:\n  B: {{doc: {text}, body: [ReLU]}}\nbody:\n  - conv: {{op: Conv2d, out_channels: 8, "
        f"kernel_size: 3, doc: {text}}}\n  - {{op: B, doc: {text}}}\n  - {name}: ReLU\n  - {{op: {name}}}\n"
    )
    drawn: list[str] = []

    async def script(app, pilot) -> None:
        for key in KEYS:
            await pilot.press(key)
            await pilot.pause(0.05)
            for strip in app.screen._compositor.render_strips():
                drawn.extend(segment.text for segment in strip if not segment.control)

    run(path, script)
    assert any("conv" in piece for piece in drawn)
    wrong = [p for p in drawn if re.search("[\x00-\x1f\x7f-\x9f\u2028\u202e]", p)]
    assert not wrong
