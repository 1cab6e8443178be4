"""Language models from raw text: n-grams and neural models, each alone, together, and started from neighbours."""
