"""The formats that can be read, by the name that `detect` gives them."""

from sprachbund.corpus.sources import detect, packages
from sprachbund.corpus.sources.archives import cut_archive, parse_member
from sprachbund.corpus.sources.documents import Format
from sprachbund.corpus.sources.epub import parse_epub
from sprachbund.corpus.sources.html import parse_html
from sprachbund.corpus.sources.json_values import cut_values, parse_value
from sprachbund.corpus.sources.lines import cut_lines
from sprachbund.corpus.sources.mail import cut_mbox, parse_mail
from sprachbund.corpus.sources.markdown import parse_markdown
from sprachbund.corpus.sources.mediawiki import cut_mediawiki, parse_mediawiki
from sprachbund.corpus.sources.notebook import parse_notebook
from sprachbund.corpus.sources.opendocument import parse_opendocument
from sprachbund.corpus.sources.parquet import cut_parquet
from sprachbund.corpus.sources.pdf import parse_pdf
from sprachbund.corpus.sources.plain import cut_whole, parse_plain
from sprachbund.corpus.sources.rtf import parse_rtf
from sprachbund.corpus.sources.sections import parse_sections
from sprachbund.corpus.sources.segment_wiki import parse_segment_wiki
from sprachbund.corpus.sources.slides import parse_pptx
from sprachbund.corpus.sources.subtitles import parse_subtitles
from sprachbund.corpus.sources.tables import cut_table
from sprachbund.corpus.sources.wikipedia import parse_wikipedia
from sprachbund.corpus.sources.word import parse_docx

FORMATS = {
    format.name: format
    for format in (
        Format(detect.MEDIAWIKI, cut_mediawiki, parse_mediawiki),
        Format(detect.PARQUET, cut_parquet, parse_wikipedia),
        Format(detect.WIKIPEDIA, cut_lines, parse_wikipedia),
        Format(detect.SECTIONS, cut_lines, parse_sections),
        Format(detect.SEGMENT_WIKI, cut_lines, parse_segment_wiki),
        Format(detect.TEXT, cut_whole, parse_plain),
        Format(detect.HTML, cut_whole, parse_html),
        Format(detect.MARKDOWN, cut_whole, parse_markdown),
        Format(detect.NOTEBOOK, cut_whole, parse_notebook),
        Format(packages.ARCHIVE, cut_archive, parse_member),
        Format(packages.DOCX, cut_whole, parse_docx),
        Format(packages.ODT, cut_whole, parse_opendocument),
        Format(packages.PPTX, cut_whole, parse_pptx),
        Format(packages.EPUB, cut_whole, parse_epub),
        Format(detect.PDF, cut_whole, parse_pdf),
        Format(detect.RTF, cut_whole, parse_rtf),
        Format(detect.MAIL, cut_whole, parse_mail),
        Format(detect.MBOX, cut_mbox, parse_mail),
        Format(detect.TABLE, cut_table, parse_wikipedia),
        Format(detect.JSON_VALUES, cut_values, parse_value),
        Format(detect.SUBTITLES, cut_whole, parse_subtitles),
    )
}
