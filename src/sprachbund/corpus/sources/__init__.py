"""Readers of raw text, one a format: `detect` tells which it is, `prepare` is what the workers do."""
