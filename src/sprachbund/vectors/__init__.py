"""Vectors of words: trained, read from others' files, laid over one another, compared across languages."""
