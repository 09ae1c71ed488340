"""What the editor knows and does without a screen: text, undo, analysis, rows, queries, files. No Textual."""
