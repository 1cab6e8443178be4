"""A study as a page for the browser and as a table on the terminal."""

from sprachbund.report.advice import Advice, advise
from sprachbund.report.frames import StudyFrames, load_study
from sprachbund.report.page import write_report
from sprachbund.report.rows import transfer_rows
from sprachbund.report.table import answer_table, transfer_table, transfer_tables

__all__ = [
    "Advice",
    "StudyFrames",
    "advise",
    "answer_table",
    "load_study",
    "transfer_rows",
    "transfer_table",
    "transfer_tables",
    "write_report",
]
