"""What vocabularies have in common: counted, as findings, as a page."""
