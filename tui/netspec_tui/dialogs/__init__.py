"""What opens over the panes and answers one question."""
