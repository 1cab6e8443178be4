"""A corpus that is written out, so that its pairs, pools and splits can be worked out by hand.

A document's name says on which side of the split it falls with `SETTINGS`; rio and sol are groups that languages
share. Row numbers are by language, in the order of the text.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sprachbund.corpus.ingest import ingest
from sprachbund.corpus.store import Corpus
from sprachbund.retrieval.encoder.encoded import EncodedCorpus, encode_corpus
from sprachbund.retrieval.settings import Settings, change

SPLIT_SEED = 1763
SETTINGS = change(Settings(), shares=(0.5, 0.2, 0.3), split_seed=SPLIT_SEED, dim=16, batch=4)

Document = tuple[str, str, str | None, list[list[str]]]

TINY: list[Document] = [
    (
        "pt",
        "pt-train-1",
        None,
        [
            [
                "O rio corre para o mar.",  # 0
                "A cidade fica junto do rio.",  # 1
                "O porto é muito antigo.",  # 2
                "Chove.",  # 3: one word
            ],
            ["O castelo tem quatro torres altas.", "A ponte foi feita em 1902."],  # 4 5
        ],
    ),
    (
        "pt",
        "pt-train-2",
        None,
        [
            [
                "A poeta nasceu em 1850.",  # 6
                "Ela escreveu nove livros de versos.",
                "Os versos falam do mar e da terra.",  # 8
                "Morreu em Lisboa com setenta anos.",
                "A casa dela é hoje um museu.",  # 10
            ]
        ],
    ),
    (
        "pt",
        "pt-dev",
        None,
        [
            [
                "O vinho vem das vinhas do norte.",  # 11
                "A colheita faz se em setembro.",
                "Os barris descem o rio em barcos.",  # 13
            ]
        ],
    ),
    (
        "pt",
        "pt-test-1",
        None,
        [
            [
                "A serra fica perto da fronteira.",  # 14
                "No inverno há neve na serra.",
                "Os lobos vivem nos bosques altos.",  # 16
                "Poucas pessoas moram ali agora.",
                "As aldeias perdem gente cada ano.",  # 18
                "O queijo da serra é famoso.",
            ],
            ["Há três lagos na montanha.", "A água é fria e clara."],  # 20 21
        ],
    ),
    (
        "pt",
        "pt-test-2",
        None,
        [
            [
                "O museu abriu as portas ao público.",  # 22
                "A poeta nasceu em 1911.",  # 23: row 6 with another year
                "Fria e clara é a água.",  # 24: the words of row 21
                "Depois veio a grande guerra.",
                "As salas ficaram sem luz.",  # 26
                "A cidade do rio fica junto.",  # 27: the words of row 1
                "Só a biblioteca ficou aberta.",  # 28
                "Muitos livros foram para o campo.",
                "Quase todos voltaram mais tarde.",  # 30
                "O catálogo é de antes.",
                "Uma sala mostra mapas antigos.",  # 32
                "Outra sala mostra moedas.",
            ]
        ],
    ),
    ("pt", "pt-rio", "rio", [["O rio nasce na montanha alta.", "Depois passa por três cidades grandes."]]),  # 34 35
    ("pt", "pt-sol", "sol", [["O sol é uma estrela amarela.", "A luz dele chega em oito minutos."]]),  # 36 37
    ("gl", "gl-train-1", None, [["O mar está moi preto da vila.", "Os barcos saen pola mañá cedo."]]),  # 0 1
    ("gl", "gl-train-2", None, [["A festa é o 25 de xullo.", "Hai música e baile na praza."]]),  # 2 3
    ("gl", "gl-dev", None, [["A choiva cae case todo o ano.", "O verde cobre os montes altos."]]),  # 4 5
    (
        "gl",
        "gl-test-1",
        None,
        [["Unha fonte sae da rocha.", "A água é clara e fria.", "Os nenos beben dela sempre."]],  # 6 7: pt 21  8
    ),
    (
        "gl",
        "gl-test-2",
        None,
        [["A festa é o 8 de xullo.", "Ven xente de toda a comarca.", "Pola noite hai fogo no ceo."]],  # 9: row 2
    ),
    ("gl", "gl-rio", "rio", [["O río nace na montaña alta.", "Pasa por tres cidades e vilas."]]),  # 12 13
    ("gl", "gl-sol", "sol", [["O sol é unha estrela amarela.", "A súa luz tarda oito minutos."]]),  # 14 15
    ("es", "es-rio", "rio", [["El río nace en la montaña.", "Pasa por tres ciudades grandes."]]),
]


def write_corpus(folder: Path, documents: Sequence[Document]) -> Corpus:
    """Ingest documents of gold sentences: (language, id, group, sentences of each section)."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "source.jsonl"
    with source.open("w", encoding="utf-8") as handle:
        for language, name, group, sections in documents:
            row = {
                "id": name,
                "lang": language,
                "title": name,
                **({"group": group} if group else {}),
                "sections": [{"title": "", "sentences": [sentences]} for sentences in sections],
            }
            handle.write(json.dumps(row, ensure_ascii=False) + "\n")
    ingest([source], folder / "corpus", workers=1)
    return Corpus.open(folder / "corpus")


def encoded_tiny(folder: Path, documents: Sequence[Document] = TINY, settings: Settings = SETTINGS) -> EncodedCorpus:
    """Ingest and encode documents."""
    return encode_corpus(write_corpus(folder, documents), folder / "encoded", settings=settings)


def texts(documents: Sequence[Document], language: str) -> list[str]:
    """The sentences of a language by row."""
    return [
        sentence for lang, _, _, sections in documents if lang == language for part in sections for sentence in part
    ]


NOISE_SETTINGS = change(Settings(), shares=(0.5, 0.2, 0.3), dim=24, batch=32, characters=(), epochs=2.0)


def word(number: int) -> str:
    """A made-up word of four letters or more for a number, without digits."""
    letters = "bcdfghklmnprstvz"
    vowels = "aeiou"
    spelled = ""
    while number or not spelled:
        number, consonant = divmod(number, len(letters))
        number, vowel = divmod(number, len(vowels))
        spelled += letters[consonant] + vowels[vowel]
    return spelled.ljust(4, "o")


def noise(
    languages: Sequence[str] = ("gl", "pt", "es"),
    documents: int = 60,
    sentences: int = 9,
    vocabulary: int = 60,
    shared: int = 20,
    topics: int = 5,
    seed: int = 0,
) -> list[Document]:
    """Random sentences of 3 to 8 words, the frequent ones more often; some sentences are said twice, words shuffled."""
    generator = np.random.default_rng(seed)
    frequency = 1 / np.arange(1, vocabulary + 1)
    frequency /= frequency.sum()
    made: list[Document] = []
    for place, language in enumerate(languages):
        order = generator.permutation(vocabulary)
        own = [word(i if i < shared else 1000 * (place + 1) + i) for i in order]
        said: list[list[str]] = []
        for number in range(documents):
            sections: list[list[str]] = [[], []]
            for index in range(sentences):
                words = [own[i] for i in generator.choice(vocabulary, generator.integers(3, 9), p=frequency)]
                if said and generator.random() < 0.3:
                    words = said[generator.integers(len(said))]
                    words = [words[i] for i in generator.permutation(len(words))]
                said.append(words)
                sections[index * 3 // (2 * sentences)].append(" ".join(words))
            group = f"topic{number}" if number < topics else None
            made.append((language, f"{language}{number}", group, sections))
    return made
