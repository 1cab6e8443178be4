"""A zoo: a folder of finished models of every kind with a signed index, which any web server can give away.

A model is known here by its card (`lab.card`) and its files, by nothing else: so models of kinds that are yet to come
can be shared too. Who gets a model trusts a key and the hashes that it signed, never the server nor the way.
"""
