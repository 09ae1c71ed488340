"""One open form: the text at its start, the fields changed since, and the text that results."""

from __future__ import annotations

from collections.abc import Callable

from netspec.edit import Address, Draft
from netspec_tui.core.form_fields import FormField
from netspec_tui.core.session import Session

_GROUP = "form"
"""All changes of one form are one entry of the undo history."""

SetField = Callable[[Draft, FormField, str], None]
"""Writes the value of a field into a draft."""


class FormEdit:
    """The edit behind a form. Each change of a field is applied to the text at the start of the form.

    Attributes:
        address: the step that the form edits; None for the form of the file.
    """

    def __init__(
        self, session: Session, title: str, set_field: SetField, address: Address | None
    ) -> None:
        self.address = address
        self._session, self._set_field = session, set_field
        self._label = f"edit {title}"
        self._first_text = self._last_text = session.text
        self._changes: dict[tuple[str, str], tuple[FormField, str]] = {}
        session.history.close()

    @property
    def is_outdated(self) -> bool:
        """Whether the text has changed since, other than by this form."""
        return self._session.text != self._last_text

    def change(self, field: FormField, value: str) -> bool:
        """Set a field; return whether the text has changed. Raises `EditError` for an invalid value."""
        key = field.section, field.key
        original = self._changes[key][0] if key in self._changes else field
        self._changes[key] = original, value
        draft = Draft(self._first_text, self._session.path)
        for changed, new_value in self._changes.values():
            if new_value != changed.value:
                self._set_field(draft, changed, new_value)
        if not self._session.replace_text(draft.text, self._label, group=_GROUP):
            return False
        self._last_text = draft.text
        return True

    def revert(self) -> bool:
        """Restore the text at the start of the form; return whether that changed it."""
        if self.is_outdated:
            return False
        return self._session.replace_text(self._first_text, self._label, group=_GROUP)

    def close(self) -> None:
        """End the entry of the undo history."""
        self._session.history.close()
