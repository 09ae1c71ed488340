"""The memory of a training step, predicted from the graph, and the checkpoints that make it fit."""
