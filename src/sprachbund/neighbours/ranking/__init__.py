"""Which language should help: rankers side by side, judged by transfer that was measured."""
