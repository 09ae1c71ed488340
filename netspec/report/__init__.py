"""Diagnostics and networks as text, for the command line. Nothing here decides anything."""
