"""Rewrites of a program that preserve its results, up to rounding, and save memory or time."""

from netspec.optimize.training import optimize_training as optimize_training
