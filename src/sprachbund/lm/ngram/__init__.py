"""N-gram models by interpolated modified Kneser-Ney smoothing, exact, over characters, words or pieces."""
