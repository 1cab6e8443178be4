"""The neural language model: recurrent or a small transformer, over characters, pieces or bytes.

Everything that computes needs torch (``pip install 'sprachbund[lm]'``); settings and a saved model's facts do not.
"""
