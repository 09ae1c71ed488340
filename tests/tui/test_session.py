"""Text, history, files and journal, without a screen."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sampling import examples

from netspec.edit import Draft, EditError, entry_edits, step_operations, wrap
from netspec.edit.address import walked
from netspec_tui.core.disk import ConflictError, SaveError, changed, open_file, write_file
from netspec_tui.core.journal import Journal
from netspec_tui.core.session import Session, View
from netspec_tui.core.undo_history import Splice, between
from netspec_tui.core.user_state import add_recent_file, recent_files

TEXT = "netspec: 1\ninputs: {image: [N, 8, 32, 32]}\nbody:\n  # stem\n  - a: {op: Conv2d, out_channels: 8, kernel_size: 1}\n  - b: ReLU\n"


@given(st.text(), st.text(), st.text(), st.text())
def test_a_splice_turns_one_text_into_another_and_its_inverse_reverts_it(
    head: str, a: str, b: str, tail: str
) -> None:
    before, after = head + a + tail, head + b + tail
    splice = between(before, after)
    assert splice.applied(before) == after
    assert splice.inverse.applied(after) == before
    assert len(splice.removed) <= len(a) and len(splice.inserted) <= len(b)


def session(tmp_path: Path, text: str = TEXT) -> Session:
    path = tmp_path / "net.yaml"
    path.write_bytes(text.encode())
    return Session(str(path))


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_undo_is_the_identity_whatever_was_done_and_redo_does_it_again(
    tmp_path: Path, data: st.DataObject
) -> None:
    """Over random specs of the gallery, and over typing, structural edits and forms alike."""
    gallery = sorted(Path("specs").rglob("*.yaml"))
    text = data.draw(
        st.sampled_from([TEXT, TEXT.replace("\n", "\r\n"), *(p.read_text() for p in gallery)])
    )
    s = session(tmp_path, text)
    seen = [s.text]
    for _ in range(data.draw(st.integers(1, 6))):
        s.view = View(data.draw(st.sampled_from(["a", "b", "c.d"])))
        kind = data.draw(st.sampled_from(["type", "add", "argument", "wrap", "format"]))
        try:
            addresses = [a for a, _ in walked(Draft(s.text).spec)] if kind != "type" else []
            position = data.draw(st.sampled_from(addresses)) if addresses else None
            if kind == "type" or not addresses:
                position = data.draw(st.integers(0, len(s.text)))
                s.type(Splice(position, "", data.draw(st.sampled_from(["x", "# é\n", " "]))))
                s.history.close()
            elif kind == "add":
                s.edit(
                    "add",
                    lambda d, a=position: step_operations.add_after(d, a, "ReLU", {}),
                )
            elif kind == "argument":
                s.edit(
                    "doc",
                    lambda d, a=position: entry_edits.set_argument(d, a, "doc", "said"),
                )
            elif kind == "wrap":
                s.edit(
                    "wrap",
                    lambda d, a=position: wrap.wrap(d, [a], "together"),
                )
            else:
                s.replace_text(s.text + "# more\n", "more")
        except EditError:
            continue
        seen.append(s.text)
    for expected in reversed(seen[:-1]):
        s.undo()
        assert s.text == expected
    assert s.undo() is None and s.text == text and not s.modified
    for expected in seen[1:]:
        s.redo()
        assert s.text == expected


def test_undo_restores_selection_and_folds(tmp_path: Path) -> None:
    s = session(tmp_path)
    s.view = View("a")
    s.edit("add", lambda d: step_operations.add_after(d, d.step_at(d.text.index("a:")), "ReLU", {}))
    s.view = View("elsewhere")
    s.undo()
    assert s.view == View("a")


def test_typing_is_one_step_a_word_apart_in_time_and_place(tmp_path: Path) -> None:
    s = session(tmp_path)
    for k, letter in enumerate("abc"):
        s.type(Splice(k, "", letter))
    assert len(s.history.done) == 1
    s.type(Splice(30, "", "z"))  # elsewhere
    s.type(Splice(31, "", "\n"))  # a new line
    assert len(s.history.done) == 3


# ---- files -----------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(50))
@given(
    pieces=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]))
        | st.sampled_from(["\n", "\r\n", "\t"])
    )
)
def test_a_text_is_saved_byte_for_byte(tmp_path: Path, pieces: list[str]) -> None:
    text = "".join(pieces)
    path = tmp_path / "any.yaml"
    path.write_bytes(text.encode())
    file = open_file(str(path))
    assert file.error == "" and file.text.encode() == text.encode()
    write_file(str(path), file.text, file.stamp)
    assert path.read_bytes() == text.encode()


def test_saving_follows_links_and_keeps_the_mode(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_text(TEXT)
    real.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(real)
    s = Session(str(link))
    s.replace_text(TEXT + "# more\n", "more")
    s.save()
    assert link.is_symlink() and real.read_text() == TEXT + "# more\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".tmp"] == []


def test_a_change_by_another_program_is_a_conflict(tmp_path: Path) -> None:
    s = session(tmp_path)
    s.replace_text(TEXT + "# mine\n", "mine")
    Path(s.path).write_text(TEXT + "# theirs\n")
    assert changed(s.path, s.stamp)
    with pytest.raises(ConflictError, match="changed by another program"):
        s.save()
    assert s.modified and "theirs" in Path(s.path).read_text()
    s.save(force=True)
    assert "mine" in Path(s.path).read_text() and not s.modified


def test_a_touched_file_with_the_same_content_is_not_a_conflict(tmp_path: Path) -> None:
    s = session(tmp_path)
    os.utime(s.path, (1, 1))
    assert not changed(s.path, s.stamp)


def test_a_failed_save_has_a_reason(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="no such directory"):
        write_file(str(tmp_path / "no" / "net.yaml"), TEXT, None)
    (tmp_path / "folder").mkdir()
    with pytest.raises(SaveError, match="directory"):
        write_file(str(tmp_path / "folder"), TEXT, None, force=True)


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"\x00\x01", "is not a text"), (b"\xff\xfea\x00", "UTF-16"), (b"\xe9", "is not UTF-8")],
)
def test_a_file_that_is_not_text_has_a_reason(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_bytes(data)
    assert message in open_file(str(path)).error


# ---- the journal -----------------------------------------------------------------------------------------


def test_unsaved_changes_are_stored_until_the_file_is_saved(tmp_path: Path) -> None:
    s = session(tmp_path)
    assert s.journal.claim()
    s.replace_text(TEXT + "# new\n", "new")
    s.journal.flush()
    assert s.journal.file.stat().st_mode & 0o777 == 0o600
    s.journal.release()
    other = Journal(s.path)
    assert other.claim()
    recovered = other.recover()
    assert recovered is not None and recovered.text == TEXT + "# new\n"
    other.drop()
    assert other.recover() is None


def test_a_second_editor_neither_recovers_nor_overwrites_the_work_of_the_first(
    tmp_path: Path,
) -> None:
    s = session(tmp_path)
    assert s.journal.claim()
    s.replace_text(TEXT + "# first\n", "first")
    s.journal.flush()
    second = Session(s.path)
    assert not second.journal.claim()
    assert second.journal.recover() is None
    second.replace_text(TEXT + "# second\n", "second")
    second.journal.flush()
    assert "# first" in s.journal.file.read_text()


def test_an_unwritable_journal_is_reported_and_edits_continue(tmp_path: Path, state: Path) -> None:
    s = session(tmp_path)
    assert s.journal.claim()
    s.journal.file.mkdir(parents=True)
    s.replace_text(TEXT + "# new\n", "new")
    s.journal.flush()
    assert "cannot store unsaved changes" in s.journal.error


def test_recent_files_exist_and_the_newest_is_first(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        (tmp_path / name).touch()
        add_recent_file(str(tmp_path / name))
    (tmp_path / "b.yaml").unlink()
    assert [Path(p).name for p in recent_files()] == ["c.yaml", "a.yaml"]


_WORKER = """
import sys, time
from netspec_tui.core.session import Session
s = Session(sys.argv[1])
assert s.journal.claim()
k = 0
print("ready", flush=True)
while True:
    k += 1
    s.replace_text("netspec: 1\\n" + f"# {k} {time.time()}\\n" * 2000, "more")
    s.journal.flush()
    if k % 7 == 0:
        s.save(force=True)
    time.sleep(0.005)
"""


def test_killed_at_any_moment_the_file_is_whole_and_no_more_than_a_second_is_lost(
    tmp_path: Path,
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("netspec: 1\n")
    chance = random.Random(5)
    for _ in range(12):
        worker = subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(path)],
            stdout=subprocess.PIPE,
            env={**os.environ},
            text=True,
        )
        assert worker.stdout is not None and worker.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.05, 0.9))
        died = time.time()
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        lines = path.read_text().splitlines()
        assert lines[0] == "netspec: 1" and len(set(lines[1:])) <= 1 and len(lines) in (1, 2001)
        journal = Journal(str(path))
        assert journal.claim()
        recovered = journal.recover()
        newest = recovered.text if recovered is not None else path.read_text()
        assert died - float(newest.splitlines()[1].split()[2]) < 1
        journal.release()
