"""Reference pages of the layers, as text, JSON and Markdown."""
