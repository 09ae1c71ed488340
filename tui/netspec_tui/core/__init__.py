"""The editor without a screen: text, undo, analysis, rows, queries, files. Does not import Textual."""
