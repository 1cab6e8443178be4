"""Where a table of passages is: a URL, whose password no message shows.

postgresql://user:password@host:5432/database?table=passages&sslmode=require
qdrant://:key@host:6333?table=passages&https=true
qdrant:///folder?table=passages
"""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from sprachbund.arguments import text
from sprachbund.errors import SettingsError, one_line

SCHEMES = {"postgresql": "postgresql", "postgres": "postgresql", "qdrant": "qdrant"}
TABLE = "passages"
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,39}")
_EXPECTED = "postgresql://user@host/database?table=passages or qdrant://host:6333?table=passages"
_HIDDEN = "***"


@dataclass(frozen=True)
class Address:
    """A table of a database.

    Attributes:
        kind: the module that knows such databases. table: its name.
        shown: the URL without its password and parameters, for messages.
        url: what the client is given, without the table. parameters: of the URL, but for the table.
        secrets: what no message may have in it.
    """

    kind: str
    table: str
    shown: str
    url: str = field(repr=False)
    parameters: dict[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    def said(self, error: BaseException | str) -> str:
        """What a client said of its failure: one line, without the password."""
        message = str(error)
        for secret in self.secrets:
            message = message.replace(secret, _HIDDEN)
        return one_line(Exception(message))


def read_address(url: str) -> Address:
    """The address that a URL says.

    Raises:
        SettingsError: it is no URL of a database that we know, or its table has a name that none can have. The message
            has nothing of the URL but its scheme and table.
    """
    scheme, sign, _ = text(url, "the URL of a database").partition("://")
    if not sign or scheme not in SCHEMES:
        found = f"{scheme}://" if sign and scheme.isalnum() else "no URL"
        raise SettingsError(f"expected the URL of a database, as {_EXPECTED}; found {found}")
    try:
        parts = urlsplit(url)
        password = parts.password or ""
    except ValueError:
        raise SettingsError(f"expected the URL of a database, as {_EXPECTED}; found one that cannot be read") from None
    if parts.fragment or "@" in parts.path or "@" in parts.query:
        raise SettingsError(
            f"{scheme}://: the URL cannot be read; in a password / ? # and @ are written %2F %3F %23 and %40"
        )
    # a plus is one here, as PostgreSQL's own clients read it
    parameters = dict(parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True))
    table = parameters.pop("table", TABLE)
    if not _NAME.fullmatch(table):
        raise SettingsError(
            f"a table's name has 1 to 40 small letters a to z, digits and _, and begins with no digit; found {table!r}"
        )
    user, host = (parts.username or ""), parts.netloc.rpartition("@")[2]
    given = [password, *(value for name, value in parameters.items() if "password" in name)]
    # as they are written, as they are meant, and as we would write them
    secrets = {form(each) for each in given for form in (str, unquote, lambda one: quote(unquote(one), safe=""))} - {""}
    return Address(
        SCHEMES[scheme],
        table,
        f"{scheme}://{user}{'@' if user else ''}{host}{parts.path}, table {table}",
        parts._replace(query=urlencode(parameters, quote_via=quote)).geturl(),
        parameters,
        # the longest first: one may be a part of another
        tuple(sorted(secrets, key=len, reverse=True)),
    )
