"""Text of several scripts, and settings of encoders that differ in what exports must keep."""

import json
from pathlib import Path
from typing import Any

import numpy as np

THAI = """
    แมว กิน ปลา บ้าน ฉัน ทุกวัน รัก ประเทศ ภาษา ไทย มาก ว่ายน้ำ แม่น้ำ ใหญ่ เมือง คน รถ เขา ไป ตลาด
    ซื้อ ผลไม้ เพื่อน โรงเรียน ใกล้
"""
UKRAINIAN = """
    п'ять котів живуть старому будинку річка тече велике місто моря школі діти ринку яблука груші сім'я
    любить книжки вулиць
"""
TEXTS = [
    "Unha frase do mar e da terra, coa xente da vila.",
    "zyxwvut qqqqrs Xyqwertina",  # no word of these was seen
    "Ünïcode ẞ ﬁn İstanbul'da ΑΒΓ ΟΔΥΣΣΕΥΣ",
    "П'ять котів любить Кременчуцькогідробуд",
    "แมวกินปลาในบ้าน และภาษาไทย 123",
    "東京都に行く。2023年",
    "the the the sea and the sea",
    "צה\"ל ג'ירפה col·legi می\u200cخواهم",
    "x",
    "",
    " \t!?…",
    "a " * 300,
]


def write_documents(path: Path, language: str, words: str, between: str) -> None:
    """Thirty documents of eight sentences; a document takes most of its words from eight that are its topic."""
    generator = np.random.default_rng(7)
    known = words.split()
    with path.open("w", encoding="utf-8") as handle:
        for number in range(30):
            topic = generator.choice(known, 8, replace=False)
            made = [between.join([*generator.choice(topic, 4), *generator.choice(known, 3)]) for _ in range(8)]
            row = {"id": f"{language}-{number}", "lang": language, "title": f"{number}"}
            body = {"sections": [{"title": "", "sentences": [made]}]}
            handle.write(json.dumps(row | body, ensure_ascii=False) + "\n")


CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "best": ("best", {}),
    "paper": ("paper", {}),
    "narrow": ("best", {"dim": 12, "pooling": "mean"}),
    "dot": ("best", {"similarity": "dot", "bigram_weight": 0.5, "pooling": "sqrt", "unseen": False}),
    # what a plain table of words can hold
    "plain": ("best", {"characters": (), "power": 1.0, "unseen": False}),
}
