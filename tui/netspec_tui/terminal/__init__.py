"""What the terminal needs: filters of its cells, themes, ordered keys, images."""
