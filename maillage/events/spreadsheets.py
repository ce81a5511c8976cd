"""Lists as files for spreadsheet programs, in which nothing that somebody wrote is ever a formula."""

import csv
import io
from collections.abc import Sequence

import xlsxwriter

# What makes a program compute the words after it. Full-width forms are folded by some of them.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(words: str) -> str:
    """The words with an apostrophe before them where they would be computed."""
    return f"'{words}" if words.lstrip(" \u00a0").startswith(_STARTS) or words.startswith(_STARTS) else words


def as_csv(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """For any program: UTF-8 with its mark, without which the most common one misreads accents."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([harmless(cell) for cell in row] for row in (heads, *rows))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Every cell is written as words, which are never computed; nothing becomes a number or a link."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet(title[:31])
    bold = book.add_format({"bold": True})
    for at, row in enumerate((heads, *rows)):
        for column, cell in enumerate(row):
            sheet.write_string(at, column, harmless(cell), bold if at == 0 else None)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(rows)), len(heads) - 1)
    sheet.set_column(0, len(heads) - 1, 22)
    book.close()
    return out.getvalue()
