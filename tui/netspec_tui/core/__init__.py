"""What the editor knows and does, without a screen: text, undo, analysis, rows, search, files."""
