"""The text area and the session hold the same text, whatever is typed, pasted or edited elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from editor import run, settled
from textual.widgets.text_area import Edit

TEXT = "netspec: 1\ninputs: {image: [N, 8, 32, 32]}\nbody:\n  - a: ReLU\n  - b: ReLU\n"


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace("\n", "\r\n"),
        "\ufeff" + TEXT,
        TEXT.rstrip("\n"),
        "",
        "a\r\nb\nc",
        "é\u2028x\x0cy\n",
        "\n\n",
    ],
)
def test_what_is_typed_is_what_the_session_has_and_undo_is_exact(tmp_path: Path, text: str) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(text.encode())

    async def script(app, pilot) -> None:
        main = app.main
        begun = main.session.text  # an empty file is begun
        await pilot.press("3")
        for key in ("x", "enter", "y", "backspace", "down", "z", "end", "q", "up", "delete"):
            await pilot.press(key)
            assert main.source.whole == main.session.text, key
        main.source.insert("one\ntwo")
        await pilot.pause()
        assert main.source.whole == main.session.text
        while main.session.text != begun:
            assert main.session.history.done
            await pilot.press("ctrl+z")
            await pilot.pause()
            assert main.source.whole == main.session.text
        assert (
            main.source.document.text.replace("\r\n", "\n")
            == main.session.text.replace("\r\n", "\n")
            or "\u2028" in text
        )

    run(path, script)
    assert path.read_bytes() == text.encode()


def test_the_source_mirrors_structural_edits_and_typing_continues(
    tmp_path: Path,
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(TEXT)

    async def script(app, pilot) -> None:
        main = app.main
        await pilot.press("j", "a")
        await pilot.pause(0.1)
        for letter in "sigmoid":
            await pilot.press(letter)
        await pilot.press("enter")
        await settled(app, pilot)
        assert "- sigmoid1: Sigmoid" in main.session.text
        assert main.source.whole == main.session.text == main.source.document.text
        main.source.edit(Edit("# typed\n", (0, 0), (0, 0), True))
        await settled(app, pilot)
        assert main.session.text.startswith("# typed\n") and main.source.whole == main.session.text
        main.session.undo()
        main.session.undo()
        assert main.session.text == TEXT == main.source.document.text

    run(path, script)


def test_diagnostics_are_marked_in_their_line(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(TEXT.replace("b: ReLU", "b: Relu"))

    async def script(app, pilot) -> None:
        main = app.main
        assert main.source.marks[4][0][2] == "error"
        line = main.source.get_line(4)
        assert any(
            s.start <= line.plain.index("Relu") < s.end and s.style.bgcolor for s in line.spans
        )
        await pilot.press("full_stop")
        await settled(app, pilot)
        assert main.session.text == TEXT and not main.source.marks

    run(path, script)
