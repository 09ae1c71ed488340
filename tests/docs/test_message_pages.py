"""The pages of messages: what stands as a title is the message, and every diagnostic that a text can have is there.

That each report is the one of today is tested with the other pages.
"""

from __future__ import annotations

import re

import pytest
from doc_pages import MESSAGES, MESSAGES_INDEX, ROOT, message_page

from netspec.diagnostics import Code

ELSEWHERE = {"NS001", "NS002", "NS003", "NS026", "NS113", "NS503", "NS504"} | {
    f"NS60{k}" for k in range(1, 7)
}
"""Files that cannot be read, files of files, layers of your own, compiling, locks, weights: no text alone brings them about."""


def test_every_diagnostic_is_read() -> None:
    codes = {c for c in vars(Code).values() if isinstance(c, str) and c.startswith("NS")}
    read = {name[-8:-3] for name in MESSAGES}
    assert codes - ELSEWHERE <= read <= codes


@pytest.mark.parametrize("name", MESSAGES)
def test_a_page_reads_messages_of_its_code_alone(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    messages = re.findall(
        r"^```text report\n(?:error|warning)\[(NS\d+)\]: (.*)$", text, re.MULTILINE
    )
    assert [message for _, message in messages] == titles
    assert {code for code, _ in messages} == {name[-8:-3]}
    assert len(set(titles)) == len(titles)


def test_the_list_of_pages_is_todays() -> None:
    assert (ROOT / MESSAGES_INDEX).read_text(encoding="utf-8") == message_page(), (
        "run `python tests/docs/doc_pages.py`"
    )
