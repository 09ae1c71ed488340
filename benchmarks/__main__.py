"""`python -m benchmarks`: every figure that the README quotes; `benchmarks.faults` is a bench of its own."""

from __future__ import annotations

from benchmarks import check, compile, editor, language_server, memory


def main() -> None:
    """Run them in turn."""
    check.main()
    print()
    compile.main()
    print()
    memory.main()
    print()
    language_server.main()
    print()
    editor.main()


main()
