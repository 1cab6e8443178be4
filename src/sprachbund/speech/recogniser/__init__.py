"""The recogniser: its network, its training, and the sounds of an utterance to letters."""
