"""The marks of MediaWiki's language converter, such as ``-{zh-hans:A; zh-hant:B}-``: what they show.

Source: MediaWiki, includes/language/ConverterRule.php (parseFlags, parseRules). Of several spellings the first that
is not empty is shown.
"""

import re

from sprachbund.corpus.sources.siteinfo import CONVERTED

_CODE = rf"(?:{'|'.join(sorted(CONVERTED, key=len, reverse=True))})(?:-[a-z]+)*"
_RULE = re.compile(rf"\s*(?:[^;:]*=>)?\s*{_CODE}\s*:(.*)", re.S | re.I)


def shown_variant(flags: str, rules: str) -> str:
    """What ``-{flags|rules}-`` shows in its place.

    Nothing with the flags H, T, D, N and ``-``: they set rules and titles, describe a rule or name a variant. With
    all others (A, S, R, codes of variants, none) the text. R wins over all of them: its text is not parsed.
    """
    given = {flag.strip() for flag in flags.split(";")}
    if "R" in given:
        return rules
    if given & {"H", "T", "D", "N", "-"}:
        return ""
    return _first_spelling(rules)


def _first_spelling(rules: str) -> str:
    spellings: list[list[str]] = []
    for part in rules.split(";"):
        if rule := _RULE.match(part):
            spellings.append([rule[1]])
        elif spellings:
            spellings[-1].append(part)
        else:  # a text that is not to be converted
            return rules
    shown = (";".join(spelling).rstrip("; \n").strip() for spelling in spellings)
    return next(filter(None, shown), "")
