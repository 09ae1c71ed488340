"""Diagnostics and networks as text: what the command line prints. Nothing here decides anything."""
