"""The terminal: filters of its cells, themes, ordered keys, images."""
