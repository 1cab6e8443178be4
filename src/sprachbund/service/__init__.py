"""An index behind HTTP: the service, its limits, and the page that it serves.

Everything stays inside this process: no URL is ever fetched for a caller, and the page needs no other host.
"""
