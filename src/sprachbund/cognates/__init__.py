"""Words of two neighbours that are one word: learned from word lists, without parallel text, and open to correction."""
