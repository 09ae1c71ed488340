"""The visual editor in the terminal: `netspec tui`."""
