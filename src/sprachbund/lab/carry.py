"""Carrying rows over from a start model to a target: which of the start's rows each key of the target begins from.

    identical(targets, starts)                 the same key
    near(targets, starts, counts)              the same, else one that is spelt nearly alike, in any script
    from_table(table, targets, starts)         what a dictionary says, with weights
    combine(first, second)                     the first's rows where it has any, else the second's
    permuted(row_map, seed, counts, kinds)     the control: as many rows, to the wrong targets
    apply(row_map, table, fresh)               the rows that the targets begin from

No word here about the kind of model: keys are n-grams, subwords or letters.
"""

from sprachbund.lab.keys import Keys, identical
from sprachbund.lab.near import near
from sprachbund.lab.placebo import BAND, displace, permuted
from sprachbund.lab.row_map import GIVEN, HOW, IDENTICAL, NEAR, NONE, RowMap, apply, combine
from sprachbund.lab.row_table import from_table
from sprachbund.lab.table_rows import Table, table_hash

__all__ = [
    "BAND",
    "GIVEN",
    "HOW",
    "IDENTICAL",
    "NEAR",
    "NONE",
    "Keys",
    "RowMap",
    "Table",
    "apply",
    "combine",
    "displace",
    "from_table",
    "identical",
    "near",
    "permuted",
    "table_hash",
]
