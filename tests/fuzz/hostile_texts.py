"""Texts that break programs: many scripts, marks by the thousand, points that are none, and honest prose between them.

Everything is drawn from the generator that is given, so that a number names a text for ever.
"""

from collections.abc import Callable
from random import Random

__all__ = ["LANGUAGES", "prose", "repeats", "text", "title"]

SENTENCES = (
    "O gato dorme na casa. A chuva cai sobre o mar, disse ela.",
    "Це перше речення. Кіт спить у хаті!",
    "Kedi evde uyuyor. İstanbul'da yağmur yağıyor mu?",
    "„Komm herein“, sagte er. „Es ist 3.5 km bis z. B. Wien.“",
    "Η γάτα κοιμάται. Πού είναι η θάλασσα;",
    "القطة نائمة في البيت. هل تمطر؟",
    "החתול ישן בבית. האם יורד גשם?",
    "बिल्ली घर में सो रही है। क्या बारिश हो रही है?",
    "বিড়াল ঘরে ঘুমাচ্ছে। বৃষ্টি পড়ছে॥",
    "வீட்டில் பூனை தூங்குகிறது. மழை பெய்கிறதா?",
    "ድመቷ ቤት ውስጥ ተኝታለች። ዝናብ ነው፧",
    "ཞི་མི་ཁང་པར་ཉལ་འདུག། ཆར་པ་འབབ་བམ།",
    "ကြောင်က အိမ်မှာ အိပ်နေတယ်။ မိုးရွာနေလား။",
    "ឆ្មាដេកនៅក្នុងផ្ទះ។ តើភ្លៀងទេ?",
    "แมวนอนอยู่ในบ้าน ฝนตกหรือเปล่า",
    "猫は家で眠っている。「雨が降る。」と言った。",
    "猫在家里睡觉。下雨了吗？「是的。」",
    "고양이가 집에서 잔다. 비가 오나?",
    "կատուն քնած է տանը։ անձրև՞ է։",
    "ਬਿੱਲੀ ਘਰ ਵਿੱਚ ਸੌਂ ਰਹੀ ਹੈ। ਮੀਂਹ ਪੈ ਰਿਹਾ ਹੈ?",
    "کێشە نییە. پشیلەکە خەوتووە؟",
    "ᠮᠤᠤᠷ ᠭᠡᠷ ᠲᠦ ᠤᠨᠲᠠᠵᠤ ᠪᠠᠶᠢᠨ᠎ᠠ᠃",
    "ᏪᏌ ᎦᎵᎲ ᎠᏓᏁᎸ. 𐐗𐐰𐐻 𐑅𐑊𐐨𐐹𐑅.",
)
LANGUAGES = (
    *("gl", "pt", "uk", "tr", "de", "el", "ar", "he", "hi", "bn", "ta", "am", "bo", "my", "km", "th", "ja", "zh", "ko"),
    *("hy", "pa", "ckb", "mn", "simple", "be-tarask", "zh-min-nan", "sr-Latn", "NO", "Galician", "iw"),
)
BLOCKS = (
    *((0x20, 0x7E), (0xA0, 0x17F), (0x300, 0x36F), (0x370, 0x52F), (0x591, 0x6FF), (0x900, 0xDFF), (0xE00, 0xFFF)),
    *((0x1000, 0x139F), (0x1680, 0x18AF), (0x1AB0, 0x1ACE), (0x1CD0, 0x1CFA), (0x1D00, 0x1FFF), (0x2000, 0x206F)),
    *((0x20D0, 0x20F0), (0x2100, 0x27BF), (0x2E00, 0x2E5D), (0x3000, 0x31FF), (0x4E00, 0x4EFF), (0xA000, 0xABFF)),
    *((0xAC00, 0xACFF), (0xE000, 0xE0FF), (0xF900, 0xFDFF), (0xFE00, 0xFE6F), (0xFF00, 0xFFEF), (0xFFF0, 0xFFFF)),
    *((0x10000, 0x10FFF), (0x11000, 0x11FFF), (0x16A00, 0x16FFF), (0x1D100, 0x1D7FF), (0x1E000, 0x1E95F)),
    *((0x1F1E6, 0x1FAFF), (0x2F800, 0x2FA1D), (0xE0000, 0xE01EF), (0x10FFF0, 0x10FFFF)),
)
"""Ranges of code points, of letters, marks, signs, and of points that nobody has assigned."""
CONTROLS = tuple(map(chr, (*range(0x20), *range(0x7F, 0xA0)))) + tuple(
    "\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\ufffe\uffff\ufffd\u00ad\u034f"
)
UNITS = (
    *(".", "。", "।", "?!", "...", "…", ",", ", ", "'", '"', "„", "“", "”", "«", "»", "「", "」", "(", ")", "[", "]"),
    *("{", "}", "-", "—", "_", "/", "\\", "\n", "\n\n", "\r\n", "\t", " ", "\u00a0", "\u3000", "\u200d", "\u0301"),
    *("\u0301\u0323", "\u0e38\u0e49", "\u064b\u0651", "\u05b0\u05c1", "\u3099", "\uff9e", "\u093c\u094d", "\u1dff"),
    *(
        "👩‍👩‍👧‍👦",
        "🏴\U000e0067\U000e0062\U000e007f",
        "🇵🇹",
        "\ufe0f",
        "\U000e0100",
        "\u0344",
        "ﷺ",
        "각",
        "\u1100\u1161",
    ),
    *(
        "a",
        "Ab. ",
        "a.b.",
        "1.",
        "1,000.5 ",
        "z.B. ",
        "Dr. ",
        "A.",
        "ı",
        "İ",
        "Σ",
        "ß",
        "ﬁ",
        "猫",
        "แมว",
        "ကြ",
        "་",
        "།",
    ),
    *("·", "l·l", "x’", "&", "&amp;", "<", "<b>", "<!--", "-->", "{{", "[[", "http://x ", "#", "|", "=", "@", "\ud7ff"),
)
LENGTHS = (1, 2, 3, 10, 31, 100, 1_000, 10_000, 60_000)


def prose(r: Random, sentences: int = 3) -> str:
    """Honest sentences of one or two scripts."""
    kinds = r.sample(SENTENCES, 2)
    return " ".join(r.choice(kinds) for _ in range(sentences))


def points(r: Random, count: int) -> str:
    """Any code points of a few blocks; never a surrogate."""
    blocks = r.sample(BLOCKS, r.randint(1, 4))
    return "".join(chr(r.randint(*r.choice(blocks))) for _ in range(count))


def repeats(r: Random, units: tuple[str, ...] = UNITS, most: int = 60_000) -> str:
    """One or two short things again and again, up to tens of thousands of times."""
    unit = "".join(r.choice(units) for _ in range(r.choice((1, 1, 2, 3))))
    return unit * min(r.choice(LENGTHS), most, 200_000 // len(unit))


def sprinkled(r: Random) -> str:
    """Prose with controls, invisible points and marks anywhere inside."""
    letters = list(prose(r, r.randint(1, 5)))
    for _ in range(r.randint(1, 12)):
        letters.insert(r.randrange(len(letters) + 1), r.choice((r.choice(CONTROLS), r.choice(UNITS), points(r, 1))))
    return "".join(letters)


def nested(r: Random) -> str:
    """Quotation marks and brackets inside each other, some of them never closed."""
    opening, closing = r.choice((("(", ")"), ("„", "“"), ("«", "»"), ("「", "」"), ("[", "]"), ('"', '"'), ("‘", "’")))
    depth = r.choice((3, 50, 2_000))
    return opening * depth + prose(r, 1) + closing * r.randint(0, depth)


def unbroken(r: Random) -> str:
    """A long run without a blank or an end, as URLs, base64 and scripts without spaces have."""
    return r.choice(("猫", "แมวนอน", "ကြောင်", "ខ្មែរ", "abc", "Aa1", "𐐗", "ー", "ﾊﾟ")) * r.choice((100, 5_000, 40_000))


KINDS: tuple[tuple[Callable[[Random], str], int], ...] = (
    (lambda r: prose(r, r.randint(1, 20)), 6),
    (lambda r: points(r, r.choice((1, 20, 500, 5_000))), 3),
    (repeats, 3),
    (sprinkled, 4),
    (nested, 1),
    (unbroken, 1),
    (lambda r: "", 1),
)


def text(r: Random, pieces: int = 3) -> str:
    """A few pieces of any kind, in lines, paragraphs or one run."""
    kinds, weights = zip(*KINDS, strict=True)
    chosen = r.choices(kinds, weights, k=r.randint(1, pieces))
    return r.choice((" ", "\n", "\n\n", "")).join(kind(r) for kind in chosen)


def title(r: Random) -> str:
    """A short name, honest or not."""
    return r.choice((prose(r, 1)[:20], sprinkled(r)[:40], points(r, 8), "", " ", "0", "Talk:x", "Файл:y.jpg"))
