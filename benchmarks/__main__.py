"""`python -m benchmarks`: every figure of the README, and how time grows; `benchmarks.faults` stands apart."""

from __future__ import annotations

from benchmarks import check, compile, editor, growth, language_server, memory, scaling, training


def main() -> None:
    """Run them in turn."""
    check.main()
    print()
    compile.main()
    print()
    memory.main()
    print()
    training.main()
    print()
    language_server.main()
    print()
    editor.main()
    print()
    scaling.main()
    print()
    growth.main()


main()
