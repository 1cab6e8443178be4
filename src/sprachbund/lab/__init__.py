"""What every kind of model shares: measures and the words of a kind, recipes, strategies, carrying over.

A *kind* (retrieval, language models, recognisers) declares itself once (`declaration`), makes models from recipes
(`recipe`) and judges them item by item (`seam`). Strategies turn "pooled" or "continued from es" into recipes and know
no kind.
"""
