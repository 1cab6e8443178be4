"""How many other languages should help, how much text of each, and how near they should be."""
