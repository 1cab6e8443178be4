"""What is asked of several studies at once: study files, the grids that they declare, and findings made of both."""
