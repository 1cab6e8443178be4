"""Recognisers of speech: recorded speech with its text, and models that write down what they hear."""
