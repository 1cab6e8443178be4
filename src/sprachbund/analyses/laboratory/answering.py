"""What a finished laboratory says: its analyses carried out, their findings written, one page of all.

DIR/findings/     every finding with its tables, see `finding`
    figures/      every figure as SVG and PNG
    index.html    the page
"""

import os
from typing import TYPE_CHECKING

from sprachbund.analyses.finding import Finding, write_findings
from sprachbund.analyses.laboratory.findings_table import ANALYSES
from sprachbund.analyses.page import write_figures, write_page
from sprachbund.analyses.verdict import verdict_of
from sprachbund.errors import SprachbundError
from sprachbund.progress import logger

if TYPE_CHECKING:
    from sprachbund.analyses.laboratory.laboratory import Laboratory

__all__ = ["FIGURES", "FINDINGS", "PAGE", "answer"]

FINDINGS, FIGURES, PAGE = "findings", "figures", "index.html"


def answer(laboratory: "Laboratory") -> tuple[tuple[Finding, ...], dict[str, str]]:
    """Carry out the analyses that the study file names, and write what they found.

    Returns:
        the findings, in the order of the file, and why analyses have none: one that cannot be does not end the others.
    """
    found: list[Finding] = []
    failed: dict[str, str] = {}
    for name in laboratory.file.analyses:
        try:
            made = ANALYSES[name](laboratory)
        except SprachbundError as error:
            failed[name] = str(error)
            logger.warning("%s: no finding: %s", name, error)
            continue
        known = {finding.name for finding in found}
        found += [finding for finding in made if finding.name not in known]
    folder = laboratory.folder
    write_findings(folder / FINDINGS, found)
    write_figures(folder / FIGURES, found)
    links = {
        name: os.path.relpath(laboratory.study_folder(name) / "report.html", folder) for name in laboratory.studies
    }
    verdict = verdict_of(laboratory.studies, found)
    write_page(folder / PAGE, laboratory.file.title, found, links, verdict)
    return tuple(found), failed
