"""Small tables as their publishers pack them, and the real ones where they lie."""

from pathlib import Path

import pytest

from sprachbund.neighbours.sources import Sources, open_sources

PHOIBLE = """\
InventoryID\tSource\tLanguageCode\tLanguageName\tTrump\tPhonemeID\tGlyphID\tPhoneme\tClass\tCombinedClass
1\tUPSID\tspa\tSpanish (less trusted)\t2\t1\t1\tq\tconsonant\tc
2\tSPA\tspa\tSpanish\t1\t2\t2\tp\tconsonant\tc
2\tSPA\tspa\tSpanish\t1\t3\t3\tt\tconsonant\tc
2\tSPA\tspa\tSpanish\t1\t4\t4\ta\tvowel\tv
3\tSPA\tpor\tPortuguese\t1\t5\t5\tp\tconsonant\tc
3\tSPA\tpor\tPortuguese\t1\t6\t6\tz\tconsonant\tc
3\tSPA\tpor\tPortuguese\t1\t7\t7\ta\tvowel\tv
3\tSPA\tpor\tPortuguese\t1\t8\t8\ta\u0303\tvowel\tv
4\tPH\thrv\tCroatian\t1\t9\t9\tp\tconsonant\tc
"""
IECOR = {
    "languages": "ID,Name,ISO639P3code,historical,fossil\n9,Old Spanish,spa,true,false\n20,Spanish,spa,false,false\n"
    "30,Portuguese,por,false,false\n31,Brazilian,por,false,false\n40,Icelandic,isl,false,false\n",
    "parameters": "ID,Name\n1,water\n2,head\n3,dog\n4,fish\n",
    "forms": "ID,Language_ID,Parameter_ID,Form\na,20,1,agua\nb,20,2,cabeza\nc,20,3,perro\ne,30,1,água\n"
    "f,30,2,cabec\u0327a\ng,30,3,cachorro\nh,30,4,peixe\ni,31,1,wrong\nj,9,1,old\nk,40,4,fiskur\n",
    "cognates": "ID,Form_ID,Cognateset_ID\n1,a,100\n2,b,200\n3,c,300\n4,e,100\n5,f,200\n6,g,301\n7,h,400\n8,k,400\n",
}


@pytest.fixture
def small(tmp_path: Path) -> Sources:
    """Inventories of three languages and words of three varieties; features in a folder of their own."""
    data = tmp_path / "data"
    (data / "phoible").mkdir(parents=True)
    (data / "phoible" / "phoible-phonemes.tsv").write_text(PHOIBLE)
    (data / "similarity" / "iecor").mkdir(parents=True)
    for name, text in IECOR.items():
        (data / "similarity" / "iecor" / f"{name}.csv").write_text(text)
    return open_sources(data, tmp_path / "features")


@pytest.fixture(scope="session")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """The published tables, with a folder of features that all tests share."""
    return open_sources(shared_data, tmp_path_factory.mktemp("features"))
