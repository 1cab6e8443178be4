"""A world with known truth: languages whose kinship, loans, overlap and topics are put in, to test what is found."""
