"""Dialogs over the panes. Each returns one answer."""
