"""What the benchmarks print has the right structure and magnitude; nothing here is timed."""

from __future__ import annotations

import pytest

from benchmarks import memory


def test_the_benchmark_of_memory_measures_each_case(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(memory, "DEPTHS", (22,))
    # A parent with a large memory of its own: the peak of a step must not be hidden by it.
    ballast = b"\x01" * (400 * 2**20)
    memory.main()
    assert len(ballast) > 0
    row = capsys.readouterr().out.splitlines()[-1].split()
    depth, saved, saved_less, peak, peak_less, seconds, seconds_more = map(float, row)
    assert depth == 22
    assert saved_less < 0.5 * saved  # 16.8 of 54.8 MiB
    assert 50 < saved < 60
    assert 0.8 * saved < peak < 3 * saved  # the gradients come on top
    assert 0.8 * saved_less < peak_less < peak
    assert seconds > 0
    assert seconds_more > 0
