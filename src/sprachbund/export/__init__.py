"""An encoder in the forms that other libraries read: `write_export` for the disk, `mteb` for a benchmark in memory."""

from sprachbund.export.folder import FORMATS, write_export

__all__ = ["FORMATS", "write_export"]
