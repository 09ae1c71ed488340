"""The editor in a browser of this machine: one address, one secret, one session."""

from netspec_tui.web.server import serve

__all__ = ["serve"]
