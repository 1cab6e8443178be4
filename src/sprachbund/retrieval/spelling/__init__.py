"""How words are spelt before their n-grams are taken: as written, or so that more languages have them in common."""
