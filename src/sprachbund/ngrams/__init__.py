"""N-grams: their keys, how they are counted and looked up, and the vocabulary that names them. It knows no model."""
