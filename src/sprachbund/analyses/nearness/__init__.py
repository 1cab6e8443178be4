"""Whether a near language is the better start: measured gains beside measures of nearness."""
