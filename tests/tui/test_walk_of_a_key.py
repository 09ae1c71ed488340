"""The walk of docs/editor-internals.md: a key that is pressed calls the functions of the table in that order."""

from __future__ import annotations

from pathlib import Path

from editor import press, run
from walks import ROOT, recorded_calls, stops

PAGE = (ROOT / "docs" / "editor-internals.md").read_text(encoding="utf-8")
TEXT = "netspec: 1\ninputs: {image: [N, 8, 32, 32]}\nbody: [{a: ReLU}, {b: Sigmoid}]\n"


def test_a_key_calls_the_stops_of_the_walk_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(TEXT)
    expected = stops(PAGE, "From a keystroke to the screen")
    assert len(expected) > 5
    texts = []
    with recorded_calls(expected) as called:

        async def script(app, pilot) -> None:
            app.main.graph.go_to("a")
            called.clear()  # the start shows a snapshot, too
            texts.append(app.main.session.text)
            await press(app, pilot, "d")
            texts.append(app.main.session.text)

        run(path, script)
    assert ["a: ReLU" in text for text in texts] == [True, False]
    assert list(dict.fromkeys(called)) == expected
