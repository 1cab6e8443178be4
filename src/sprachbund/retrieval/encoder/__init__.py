"""The encoder: a corpus as ids, what is trained on it, and the folder that a trained one is saved in."""
