"""Search: an index of passages over any encoder, its three ways to score, and why a passage was found."""
