"""From raw text in any format to sentences on disk: `ingest` writes a corpus, `store.Corpus` reads it."""
