"""What most tokens are in HTML and in plain text, always the same; and the few words said around a person's own."""

from dataclasses import dataclass

PLAIN = {
    "softbreak": "<br>\n",
    "hardbreak": "<br>\n",
    "bullet_list_open": "<ul>\n",
    "bullet_list_close": "</ul>\n",
    "ordered_list_close": "</ol>\n",
    "list_item_close": "</li>\n",
    "hr": "<hr>\n",
    "table_close": "</table></div>\n",
    "thead_open": "<thead>\n",
    "thead_close": "</thead>\n",
    "tbody_open": "<tbody>\n",
    "tbody_close": "</tbody>\n",
    "tr_open": "<tr>",
    "tr_close": "</tr>\n",
    "em_open": "<em>",
    "em_close": "</em>",
    "strong_open": "<strong>",
    "strong_close": "</strong>",
    "s_open": "<del>",
    "s_close": "</del>",
    "task_close": "</label>",
    "td_close": "</td>",
    "footnote_block_open": '<div class="footnotes"><ol>\n',
    "footnote_block_close": "</ol></div>\n",
    "footnote_close": "</li>\n",
}
# What some of those are in plain text.
SAID = dict.fromkeys(("softbreak", "hardbreak", "tr_close", "list_item_close", "hr", "footnote_close"), "\n") | {
    "td_close": " "
}


@dataclass(frozen=True, slots=True)
class Words:
    """What the page says around a person's words, in the language of the post. Part of the stored
    rendering, hence of its version, and so kept here and not in the catalogues."""

    code: str
    table: str
    image: str
    note: str
    back: str


FRENCH = Words("Code", "Tableau", "Image\u00a0: ", "Note", "Retour au texte, note")
ENGLISH = Words("Code", "Table", "Image: ", "Note", "Back to the text, note")
