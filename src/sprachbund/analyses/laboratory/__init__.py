"""Study files: read, asked, carried out, and answered by the analyses that they name."""
