"""The editor in a browser on this machine: one address, one secret, one session."""

from netspec_tui.web.local_server import serve_app

__all__ = ["serve_app"]
