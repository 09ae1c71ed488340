"""What holds for all tests."""

import pytest
from hypothesis import settings

from netspec.cli import main

# A busy machine makes single examples slow; how fast netspec is, benchmarks say.
settings.register_profile("netspec", deadline=None)
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
