"""Explanations of one node or size: the derivation, the receptive field, and the arithmetic of its cost."""
