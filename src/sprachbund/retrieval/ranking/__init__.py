"""Ranking: pools of candidates, BM25 and what surrounds a candidate, ranks, and how they are judged."""
