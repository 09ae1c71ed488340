"""What holds for all tests."""

import pytest
from hypothesis import settings
from sampling import examples, set_thorough

from netspec.cli import main


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


@pytest.fixture
def run(capsys, monkeypatch):
    """Run a command line; gives back the exit code, standard output and standard error."""
    monkeypatch.setenv("COLUMNS", "300")  # wide enough wherever the checkout is

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call
