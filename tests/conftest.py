"""What holds for all tests."""

import gc
import heapq
import os
from pathlib import Path

import pytest
from hypothesis import settings
from sampling import examples, set_thorough

from netspec.cli import main

EDITOR_TESTS = Path(__file__).parent / "tui"

# The workers and the programs that they start share the cores: a thread pool of PyTorch in each of them
# would only wait for its turn. PyTorch reads this when it is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_configure(config: pytest.Config) -> None:
    """Set how much the tests try: the marker expression of `make test-all` asks for everything.

    `make test` tries the same examples in every run, so that it fails for a change and not by chance.
    """
    thorough = config.option.markexpr != "not sweep"
    set_thorough(thorough)
    # A busy machine makes single examples slow; how fast netspec is, benchmarks say.
    settings.register_profile(
        "netspec", deadline=None, max_examples=examples(100), derandomize=not thorough
    )
    settings.load_profile("netspec")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the tests of the editor, which wait half of their time, evenly among the tests that compute.

    In the order of the folders they would come last and all at once, and leave the cores idle.
    """
    editor_tests = [item for item in items if EDITOR_TESTS in item.path.parents]
    other_tests = [item for item in items if EDITOR_TESTS not in item.path.parents]
    # The key is the position within the group from 0 to 1, so that the merge keeps the order of each group.
    items[:] = [
        item
        for _, item in heapq.merge(
            *(
                [(index / len(group), item) for index, item in enumerate(group)]
                for group in (editor_tests, other_tests)
            ),
            key=lambda position_and_item: position_and_item[0],
        )
    ]


def pytest_collection_finish() -> None:
    """Spare the garbage collector the modules and the collected tests, which stay to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)


@pytest.fixture
def run(capsys, monkeypatch):
    """Run a command line; return the exit code, standard output and standard error."""
    monkeypatch.setenv("COLUMNS", "300")  # wide enough wherever the checkout is

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
