"""The site of a zoo: plain pages beside the models, which open from a file and from any web server."""
