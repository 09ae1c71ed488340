"""Measurements of what netspec claims; run by `make bench`, never as tests."""
