"""The cause of an error or warning in a graph, and the edits of the text that correct it."""
