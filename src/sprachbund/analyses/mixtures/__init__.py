"""Which share of what is read each language should get: curves, small runs, a proposal and its confirmation."""
