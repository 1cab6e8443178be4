"""Trees of a few words, in CoNLL-U."""

SMALL_DOG = """\
# sent_id = dog-1
# text = un perro pequeño
1\tun\tuno\tDET\t_\t_\t2\tdet\t_\t_
2\tperro\tperro\tNOUN\t_\t_\t0\troot\t_\t_
3\tpequen\u0303o\tpequeño\tADJ\t_\t_\t2\tamod\t_\t_

"""
"""The post's figure 4; its last word is in NFD."""


def lines(*words: str) -> list[str]:
    """Lines of words as ``form tag head relation``."""
    split = [word.split() for word in words]
    return [f"{n}\t{f}\t_\t{t}\t_\t_\t{h}\t{r}\t_\t_" for n, (f, t, h, r) in enumerate(split, 1)]
