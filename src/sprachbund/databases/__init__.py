"""An index in a database: its passages and vectors in PostgreSQL or Qdrant, to be searched there."""

from sprachbund.databases.database import Database
from sprachbund.databases.writing import write_index

__all__ = ["Database", "write_index"]
