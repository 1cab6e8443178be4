"""Transitive transfer: what a language brings that shares nothing with the target, and by which paths."""
