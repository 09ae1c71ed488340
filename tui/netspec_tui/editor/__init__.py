"""The editor as commands see it: the panes, the session, the selection, the analysis, and dialogs."""

from netspec_tui.editor.screen import Editor

__all__ = ["Editor"]
