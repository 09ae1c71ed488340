"""Structural edits of a spec, as splices of its text: every other byte stays as it is."""

from netspec.edit.address import Address, innermost_step, steps_at
from netspec.edit.draft import Draft, EditError

__all__ = ["Address", "Draft", "EditError", "innermost_step", "steps_at"]
