"""Rewrites of a program that keep what it computes, up to rounding, and save memory."""

from netspec.optimize.training import optimize_training as optimize_training
