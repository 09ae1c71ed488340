"""Actions that take back, do again, and mend."""

from __future__ import annotations

from functools import partial

from netspec.check import check_text
from netspec.diagnostics import Edit, Help
from netspec.fix import fix, spliced
from netspec_tui.dialogs.choose import Choice, Choose, Chosen
from netspec_tui.screens.filling import Filling


class Fixing(Filling):
    """Undo over everything, and the mends of findings."""

    def action_undo(self) -> None:
        """Take the last step back."""
        entry = self.session.undo()
        self._replayed(f"undone: {entry.label}" if entry else "there is nothing to undo")

    def action_redo(self) -> None:
        """Do again what was undone."""
        entry = self.session.redo()
        self._replayed(f"done again: {entry.label}" if entry else "there is nothing to do again")

    def _replayed(self, message: str) -> None:
        self.close_form()
        self._select_path = self.session.view.path
        self.notify(message, timeout=2, markup=False)
        self.analyse()

    def action_fix(self) -> None:
        """Mend the finding under the cursor, or the first one that can be mended."""
        if self.current is None:
            return
        report = self.current.report
        current = self.problems.current
        row = self.row
        near = [d for d in report.diagnostics if row is not None and d.path and d.path == row.path]
        for diagnostic in [*([current] if current is not None and self.problems.has_focus else []), *near,
                      *([current] if current is not None else []), *report.diagnostics]:  # fmt: skip
            helps = [
                h
                for h in diagnostic.helps
                if h.edits and all(e.span.source.name == self.session.path for e in h.edits)
            ]
            if len(helps) == 1:
                self._apply_edits(helps[0].text, helps[0].edits)
                return
            if helps:
                choices = [Choice(h.text) for h in helps]
                self.ask(Choose(diagnostic.message, choices), partial(self._apply_help, helps))
                return
        self.complain(
            "nothing here can be mended for certain" if report.diagnostics else "nothing is wrong"
        )

    def _apply_help(self, helps: list[Help], chosen: Chosen) -> None:
        self._apply_edits(helps[chosen.index].text, helps[chosen.index].edits)

    def _apply_edits(self, label: str, edits: tuple[Edit, ...]) -> None:
        text, _ = spliced(self.session.text, [edits])
        self.session.put(text, f"fix: {label}")
        self.notify(label[:1].upper() + label[1:], timeout=4, markup=False)
        self.analyse()

    def action_fix_all(self) -> None:
        """Mend everything that is certain."""
        report = check_text(self.session.text, self.session.path)
        fixed = fix(report, self.checker())
        if not fixed.applied:
            self.complain("nothing can be mended for certain")
            return
        self.session.put(fixed.text, f"fix {len(fixed.applied)} findings")
        self.analyse()
