"""The tables that others publish: what each is, where it lies in a folder of data, where to get it, its licence.

None of them is part of this package. Some come inside packages of the extra ``neighbours``; the others are read from
the folder of ``--data`` or ``SPRACHBUND_DATA``, as their publishers pack them: unpacked or not (.gz), each in a
folder of its own name, or in ``similarity/``.
"""

from dataclasses import dataclass

__all__ = ["TABLES", "Published"]


@dataclass(frozen=True)
class Published:
    """A table of others.

    Attributes:
        name: of its folder. title: with the edition that we read. where: a page to get it from. licence: its SPDX name.
        holds: what it has, for a message.
    """

    name: str
    title: str
    where: str
    licence: str
    holds: str


TABLES = {
    each.name: each
    for each in (
        Published("phoible", "PHOIBLE", "https://github.com/phoible/dev", "CC-BY-SA-3.0", "phoneme inventories"),
        Published("panphon", "PanPhon", "https://github.com/dmort27/panphon", "MIT", "articulatory features"),
        Published("wikipron", "WikiPron", "https://github.com/CUNY-CL/wikipron", "Apache-2.0", "pronunciations"),
        Published("ipa", "ipa-dict", "https://github.com/open-dict-data/ipa-dict", "MIT", "pronunciations"),
        Published("iecor", "IE-CoR", "https://github.com/lexibank/iecor", "CC-BY-4.0", "expert cognates"),
        Published("asjp", "ASJP", "https://asjp.clld.org/download", "CC-BY-4.0", "40-item word lists"),
        Published(
            "freq", "FrequencyWords", "https://github.com/hermitdave/FrequencyWords", "CC-BY-SA-4.0", "frequent words"
        ),
        Published(
            "uriel", "URIEL", "https://github.com/antonisa/lang2vec", "CC-BY-SA-4.0", "typology, families, places"
        ),
        Published(
            "ud", "Universal Dependencies", "https://universaldependencies.org", "by treebank", "annotated trees"
        ),
    )
}
"""By name."""
