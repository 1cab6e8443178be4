"""A web server that knows nothing of zoos."""

import http.server


class Plain(http.server.SimpleHTTPRequestHandler):
    """Python's own, silent."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
