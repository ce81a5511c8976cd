"""Tokens become HTML and plain text in one walk; nothing here depends on who reads, on the clock or on the
process."""

from dataclasses import dataclass, field
from html import escape
from urllib.parse import unquote

from markdown_it.token import Token

from maillage.core import typography
from maillage.core.files.shown import ShownFile
from maillage.core.markdown.highlighting import highlighted, known_language, worth_highlighting
from maillage.core.markdown.plain import ENGLISH, FRENCH, PLAIN, SAID, Words
from maillage.core.markdown.quoting import quotes_a_message
from maillage.core.markdown.references import References, file_key
from maillage.core.markdown.sanitizing import OWN_FILE, RELATION
from maillage.core.markdown.showing import about, picture

MAX_MENTIONS = 20
# A short `#1` may stand for a long title: this bounds how much longer than its source a post can become.
MAX_SHOWN_REFERENCES = 200


@dataclass(slots=True)
class Writer:
    """One post being written. After `write`, `html`, `said` and the counters hold the result."""

    references: References
    french: bool
    prefix: str
    html: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    said_in_quotes: list[str] = field(default_factory=list)
    mentions: dict[str, None] = field(default_factory=dict)
    shown_people: set[str] = field(default_factory=set)
    thread_links: dict[int, None] = field(default_factory=dict)
    files: dict[str, None] = field(default_factory=dict)
    missing_alt: int = 0
    shown_references: int = 0
    highlighted: int = 0
    # For each open blockquote, whether it quotes one of our messages.
    quotes: list[bool] = field(default_factory=list)
    header_cell: str = "th"
    # For each open link, whether its text is its address.
    links: list[bool] = field(default_factory=list)
    # For each open link, what is said after its words.
    after_links: list[str] = field(default_factory=list)
    # Whether the open paragraph is a picture alone.
    in_figure: bool = False
    # Where the walk is: the token at hand is `tokens[index]`.
    tokens: list[Token] = field(default_factory=list)
    index: int = 0

    @property
    def words(self) -> Words:
        return FRENCH if self.french else ENGLISH

    def write(self, tokens: list[Token]) -> None:
        for index, token in enumerate(tokens):
            if token.type == "inline":
                self.write(token.children or [])
            else:
                self.tokens, self.index = tokens, index
                self._token(token)

    def _token(self, token: Token) -> None:
        kind = token.type
        if token.hidden:
            # The paragraph of a tight list.
            if token.nesting == -1:
                self._say("\n")
        elif (plain := PLAIN.get(kind)) is not None:
            self.html.append(plain)
            if said := SAID.get(kind):
                self._say(said)
        else:
            getattr(self, f"_{kind}")(token)

    def _say(self, text: str) -> None:
        """Add to the plain text. Words quoted from another message are kept apart: they are not this
        person's."""
        (self.said_in_quotes if any(self.quotes) else self.said).append(text)

    # Inline

    def _text(self, token: Token) -> None:
        text = token.content
        if self.french and not (self.links and self.links[-1]):
            text = typography.french(text)
        self.html.append(escape(text, quote=False))
        self._say(text)

    def _code_inline(self, token: Token) -> None:
        self.html.append(f"<code>{escape(token.content, quote=False)}</code>")
        self._say(token.content)

    def _link_open(self, token: Token) -> None:
        href, name, after = str(token.attrGet("href")), "", ""
        if (key := file_key(token)) is not None:
            # One that cannot be shown leads nowhere: its words stay.
            file = self._file(key)
            if file is None:
                href = ""
            else:
                href, name, after = file.path, file.name, f" {about(file, french=self.french)}"
        self.after_links.append(after)
        title = token.attrGet("title")
        named = f' title="{escape(str(title))}"' if title else ""
        self.links.append(token.info == "auto")
        # `[words]()` leads nowhere: an anchor without an address is plain text.
        address = f' href="{escape(href)}"' if href else ""
        self.html.append(f"<a{address}{named}{_relation(href)}>")
        if href and not _has_words(self.tokens, self.index + 1):
            # A link that says nothing could be neither seen nor heard.
            self.html.append(escape(name or href))
            self._say(name or href)

    def _link_close(self, _: Token) -> None:
        self.links.pop()
        self.html.append(f"</a>{self.after_links.pop()}")

    def _image(self, token: Token) -> None:
        source = str(token.attrGet("src"))
        alt = plain_text(token.children or [])
        self.missing_alt += not alt.strip()
        if (key := file_key(token)) is not None:
            self._stored_image(token, key, alt)
            return
        self._say(alt)
        if OWN_FILE.match(source) and ".." not in unquote(source):
            title = token.attrGet("title")
            named = f' title="{escape(str(title))}"' if title else ""
            self.html.append(f'<img src="{escape(source)}" alt="{escape(alt)}"{named} loading="lazy" decoding="async">')
            return
        label = escape(self.words.image + (alt or source))
        if self.links or not source:
            self.html.append(label)
        else:
            self.html.append(f'<a href="{escape(source)}"{_relation(source)}>{label}</a>')

    def _stored_image(self, token: Token, key: str, alt: str) -> None:
        file = self._file(key)
        if file is None:
            # Absent, or somebody else's: what it was to show is all that can be said.
            self._text(Token("text", "", 0, content=alt))
            return
        self._say(alt or file.alt)
        if file.is_image:
            self.html.append(picture(file, alt.strip() or file.alt))
            if caption := " — ".join(filter(None, (str(token.attrGet("title") or ""), file.credit))):
                opening, closing = ("<figcaption>", "</figcaption>") if self.in_figure else (" (", ")")
                self.html.append(f"{opening}{escape(caption, quote=False)}{closing}")
        elif self.links:
            self.html.append(escape(alt or file.name))
        else:
            self.html.append(
                f'<a href="{escape(file.path)}">{escape(alt or file.name)}</a> {about(file, french=self.french)}'
            )

    def _file(self, key: str) -> ShownFile | None:
        """The file of this key, if it may be shown here and there is still room for it."""
        file = self.references.files.get(key)
        if file is None or not self._room_for_a_reference():
            return None
        self.files[key] = None
        return file

    def _mention(self, token: Token) -> None:
        handle = token.meta["handle"]
        name = self.references.people.get(handle)
        room = handle in self.shown_people or len(self.shown_people) < MAX_MENTIONS
        if name is None or not room or not self._room_for_a_reference():
            self._text(token)
            return
        self.shown_people.add(handle)
        if not self.quotes:
            # Repeating a message is not calling the people whom it called.
            self.mentions[handle] = None
        self.html.append(f'<a class="mention" href="/personnes/{handle}">@{escape(name)}</a>')
        self._say(f"@{name}")

    def _thread_link(self, token: Token) -> None:
        number = token.meta["number"]
        thread = self.references.threads.get(number)
        if thread is None or not self._room_for_a_reference():
            self._text(token)
            return
        title, path = thread
        self.thread_links[number] = None
        self.html.append(f'<a class="thread-link" href="{escape(path)}">#{number} {escape(title)}</a>')
        # The title is the other thread's, and may be closed to readers later: plain text does without.
        self._say(f"#{number}")

    def _room_for_a_reference(self) -> bool:
        self.shown_references += 1
        return self.shown_references <= MAX_SHOWN_REFERENCES

    def _task_open(self, token: Token) -> None:
        checked = " checked" if token.meta["done"] else ""
        self.html.append(f'<label><input type="checkbox" disabled{checked}> ')

    # Blocks

    def _paragraph_open(self, _: Token) -> None:
        self.in_figure = self._is_picture_alone(self.tokens[self.index + 1].children or [])
        self.html.append("<figure>" if self.in_figure else "<p>")

    def _paragraph_close(self, _: Token) -> None:
        self.html.append("</figure>\n" if self.in_figure else "</p>\n")
        self.in_figure = False
        self._say("\n")

    def _is_picture_alone(self, tokens: list[Token]) -> bool:
        if len(tokens) != 1 or tokens[0].type != "image" or (key := file_key(tokens[0])) is None:
            return False
        file = self.references.files.get(key)
        return file is not None and file.is_image and self.shown_references < MAX_SHOWN_REFERENCES

    def _heading_open(self, token: Token) -> None:
        # The page has its own h1 and h2.
        self.html.append(f"<h{min(int(token.tag[1]) + 2, 6)}>")

    def _heading_close(self, token: Token) -> None:
        self.html.append(f"</h{min(int(token.tag[1]) + 2, 6)}>\n")
        self._say("\n")

    def _blockquote_open(self, _: Token) -> None:
        ours = quotes_a_message(self.tokens, self.index)
        self.quotes.append(ours)
        self.html.append('<blockquote class="quoted-message">\n' if ours else "<blockquote>\n")

    def _blockquote_close(self, _: Token) -> None:
        self.quotes.pop()
        self.html.append("</blockquote>\n")

    def _ordered_list_open(self, token: Token) -> None:
        start = token.attrGet("start")
        self.html.append("<ol>\n" if start is None else f'<ol start="{start}">\n')

    def _list_item_open(self, token: Token) -> None:
        self.html.append('<li class="task">' if "task" in token.meta else "<li>")

    def _fence(self, token: Token) -> None:
        code = token.content
        language = known_language(token.info)
        if language and worth_highlighting(code, self.highlighted):
            self.highlighted += len(code)
            shown = highlighted(code, language)
        else:
            shown = escape(code, quote=False)
        named = f' class="language-{language}"' if language else ""
        # A group and not a region: a page full of regions would drown its own landmarks. It takes the focus
        # so that the keyboard can scroll it.
        self.html.append(
            f'<div class="code" role="group" aria-label="{self.words.code}" tabindex="0">'
            f"<pre><code{named}>{shown}</code></pre></div>\n"
        )
        self._say(f"{code}\n")

    _code_block = _fence

    def _table_open(self, _: Token) -> None:
        self.html.append(f'<div class="table" role="group" aria-label="{self.words.table}" tabindex="0"><table>\n')

    def _th_open(self, token: Token) -> None:
        # An empty header names nothing, so it is not announced as one.
        self.header_cell = "th" if self.tokens[self.index + 1].children else "td"
        scope = ' scope="col"' if self.header_cell == "th" else ""
        self.html.append(f"<{self.header_cell}{scope}{_alignment(token)}>")

    def _th_close(self, _: Token) -> None:
        self.html.append(f"</{self.header_cell}>")
        self._say(" ")

    def _td_open(self, token: Token) -> None:
        self.html.append(f"<td{_alignment(token)}>")

    # Footnotes

    def _footnote_ref(self, token: Token) -> None:
        number, again = token.meta["id"] + 1, token.meta["subId"]
        if self.links:
            self.html.append(f'<sup class="footnote">{number}</sup>')
            return
        ident = _reference_id(self.prefix, number, again)
        self.html.append(
            f'<sup class="footnote"><a href="#{self.prefix}fn-{number}" id="{ident}"'
            f' aria-label="{self.words.note} {number}">{number}</a></sup>'
        )

    def _footnote_open(self, token: Token) -> None:
        self.html.append(f'<li id="{self.prefix}fn-{token.meta["id"] + 1}">')

    def _footnote_anchor(self, token: Token) -> None:
        number, again = token.meta["id"] + 1, token.meta["subId"]
        ident = _reference_id(self.prefix, number, again)
        # U+FE0E asks for the arrow as text and not as a picture.
        self.html.append(
            f' <a class="footnote-back" href="#{ident}" aria-label="{self.words.back} {number}">\u21a9\ufe0e</a>'
        )


def plain_text(tokens: list[Token]) -> str:
    """The words of some inline tokens, as an image's alternative text needs them."""
    said = []
    for token in tokens:
        if token.type == "image":
            said.append(plain_text(token.children or []))
        elif token.type in ("softbreak", "hardbreak"):
            said.append(" ")
        else:
            said.append(token.content)
    return "".join(said)


def joined(said: list[str]) -> str:
    """Plain text, one line a block."""
    lines = (line.strip() for line in "".join(said).split("\n"))
    return "\n".join(line for line in lines if line)


def _relation(href: str) -> str:
    return f' rel="{RELATION}"' if href[:4].lower() == "http" else ""


def _alignment(token: Token) -> str:
    # Markdown-it writes a style attribute, which the page's policy refuses.
    style = str(token.attrGet("style") or "")
    return next((f' class="{side}"' for side in ("center", "right") if style.endswith(side)), "")


def _reference_id(prefix: str, number: int, again: int) -> str:
    return f"{prefix}fnref-{number}" + (f"-{again + 1}" if again else "")


def _has_words(tokens: list[Token], start: int) -> bool:
    for token in tokens[start:]:
        if token.type == "link_close":
            return False
        if token.type == "image" or token.content.strip():
            return True
    return False
