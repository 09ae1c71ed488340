"""Optimized programs: rewrites of the typed graph for training and for inference."""
