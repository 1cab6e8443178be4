"""What arms find with less and more of a language's own training data, and how much of it a start saves."""
