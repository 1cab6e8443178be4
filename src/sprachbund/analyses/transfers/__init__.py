"""Three ways for languages to help each other in one frame: what each brings, and what it costs."""
