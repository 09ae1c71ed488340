"""The keys of the focused pane, in the bottom line."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer

_Keys = tuple[tuple[str, str, bool], ...]


class KeyBar(Footer):
    """A footer that is composed again only if its keys change.

    Textual (8.2) composes it, and lays the screen out again, whenever the focus or the stack of screens
    changes: six times while the editor starts.
    """

    _composed: _Keys | None = None
    """The keys that are shown, with their titles and whether they are enabled."""

    def compose(self) -> ComposeResult:
        """A field for each key."""
        if self._bindings_ready:
            self._composed = self._active_keys(self.screen)
        yield from super().compose()

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Show the keys if they have changed."""
        if self._composed is None or self._active_keys(screen) != self._composed:
            super().bindings_changed(screen)

    @staticmethod
    def _active_keys(screen: Screen[object]) -> _Keys:
        return tuple(
            (binding.key, binding.description, enabled)
            for _, binding, enabled, _ in screen.active_bindings.values()
            if binding.show
        )
