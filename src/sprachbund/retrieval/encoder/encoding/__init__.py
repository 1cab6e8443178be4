"""A corpus turned into ids, part by part: what `encoded.encode_corpus` has done by jobs."""
