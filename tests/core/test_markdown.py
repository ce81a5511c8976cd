"""What people write shows as they expect: structure, code, images, notes, tasks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.core import markdown

NOBODY = markdown.References({}, {})


def rendered(source: str, language: str = "fr-CA", prefix: str = "m-12-") -> markdown.Rendered:
    return markdown.render(source, references=NOBODY, language=language, prefix=prefix)


def html(source: str, language: str = "fr-CA") -> str:
    return rendered(source, language).html.replace("&nbsp;", "\u00a0")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("un\ndeux", "<p>un<br>\ndeux</p>\n"),
        ("*un* **deux** ~~trois~~", "<p><em>un</em> <strong>deux</strong> <del>trois</del></p>\n"),
        ("# Un\n## Deux\n##### Cinq", "<h3>Un</h3>\n<h4>Deux</h4>\n<h6>Cinq</h6>\n"),
        ("###### Six", "<h6>Six</h6>\n"),
        ("3. trois\n4. quatre", '<ol start="3">\n<li>trois</li>\n<li>quatre</li>\n</ol>\n'),
        ("<b>gras</b>", "<p>&lt;b&gt;gras&lt;/b&gt;</p>\n"),
        ("`a < b`", "<p><code>a &lt; b</code></p>\n"),
        ("[vide]()", "<p><a>vide</a></p>\n"),
        ("[x](autre-page)", "<p>[x](autre-page)</p>\n"),
        ("[x](/recits)", '<p><a href="/recits">x</a></p>\n'),
        ("[x](mailto:a@b.example)", '<p><a href="mailto:a@b.example">x</a></p>\n'),
    ],
)
def test_markdown_becomes_html(source: str, expected: str) -> None:
    assert html(source) == expected


def test_links_to_other_sites_vouch_for_nothing() -> None:
    out = html("[x](https://a.example) [y](HTTP://a.example) [z](/ici)")
    assert out.count('rel="nofollow ugc noopener"') == 2


def test_a_link_without_words_shows_its_address() -> None:
    assert ">https://a.example</a>" in html("[](https://a.example)")


@pytest.mark.parametrize(
    ("source", "address", "after"),
    [
        ("https://a.example/b_c_d*e*", "https://a.example/b_c_d*e", "*"),
        ("(voir https://a.example/b(c))", "https://a.example/b(c)", ")"),
        ("https://a.example.", "https://a.example", "."),
        ("**https://a.example/x**", "https://a.example/x", ""),
        ("HTTPS://a.example/É", "HTTPS://a.example/%C3%89", ""),
        ("https://a.example/?a=1&copy=2", "https://a.example/?a=1&amp;copy=2", ""),
        ("www.a.example/b, oui", "http://www.a.example/b", ", oui"),
    ],
)
def test_a_bare_address_is_a_link(source: str, address: str, after: str) -> None:
    out = html(source)
    assert f'href="{address}"' in out
    assert out.count("<a ") == 1
    assert f"</a>{after}" in out


@pytest.mark.parametrize(
    "source", ["a.example", "citoyen.ne.s", "maryse@a.example", "xhttp://a", "http://", "`https://a.b`"]
)
def test_what_only_resembles_an_address_is_no_link(source: str) -> None:
    assert "<a" not in html(source)


def test_code_scrolls_by_keyboard_and_is_coloured() -> None:
    out = html("```python\ndef f(): pass  # été\n```")
    assert out.startswith(
        '<div class="code" role="group" aria-label="Code" tabindex="0"><pre><code class="language-python">'
    )
    assert '<span class="hl-keyword">def</span>' in out
    assert '<span class="hl-comment"># été</span>' in out


def test_code_in_a_language_we_do_not_colour_stays_as_it_is() -> None:
    assert "<pre><code>int main() {}\n</code></pre>" in html("```c\nint main() {}\n```")


def test_code_that_would_be_slow_to_colour_stays_plain() -> None:
    assert "hl-" not in html("```python\n" + "def f(): pass\n" * 200 + "```")
    assert "hl-" not in html("```python\n" + "def f(): pass;" * 20 + "\n```")
    block = "```python\n" + "def f(): pass\n" * 80 + "```\n\n"
    assert html(block * 5).count("language-python") == 5
    assert html(block * 5).count('<span class="hl-keyword">def</span>') == 80


def test_a_table_scrolls_by_keyboard_and_says_what_heads_its_columns() -> None:
    out = html("| | Qui | Quand |\n|---|--:|:-:|\n| a | b | c |")
    assert out.startswith('<div class="table" role="group" aria-label="Tableau" tabindex="0"><table>')
    assert '<td></td><th scope="col" class="right">Qui</th><th scope="col" class="center">Quand</th>' in out
    assert '<td class="right">b</td><td class="center">c</td>' in out
    assert "style" not in out


def test_tasks_are_boxes_named_by_their_words() -> None:
    out = html("- [ ] appeler\n- [x] écrire *vite*\n- [y] rien")
    assert '<li class="task"><label><input type="checkbox" disabled=""> appeler</label></li>' in out
    assert 'disabled="" checked=""> écrire <em>vite</em></label></li>' in out
    assert "<li>[y] rien</li>" in out


def test_footnotes_of_two_messages_never_share_an_id() -> None:
    source = "Un[^a], deux[^a].\n\n[^a]: La note."
    out = rendered(source).html
    for part in (
        'href="#m-12-fn-1" id="m-12-fnref-1"',
        'id="m-12-fnref-1-2"',
        '<li id="m-12-fn-1">',
        'href="#m-12-fnref-1-2"',
    ):
        assert part in out
    assert "m-12-" not in rendered(source, prefix="m-13-").html


@pytest.mark.parametrize(
    "source", ["[^1]: > [^1]: x", "[^1]: > [^2]: x\n\n[^1] [^2]", "> [^1]: x\n\n[^1]", "- [^1]: x"]
)
def test_a_note_inside_something_else_stays_the_words_that_were_typed(source: str) -> None:
    out = html(source)
    assert out.count("<blockquote>") == out.count("</blockquote>")
    assert "m-12-fn-2" not in out


def test_another_sites_image_becomes_a_link() -> None:
    out = html("![Le port](https://a.example/x.png)")
    assert "<img" not in out
    assert '<a href="https://a.example/x.png" rel="nofollow ugc noopener">Image\u00a0: Le port</a>' in out
    assert ">Image: The port</a>" in html("![The port](https://a.example/x.png)", "en")
    assert html("[![a](https://a.example/x.png)](/b)") == '<p><a href="/b">Image\u00a0: a</a></p>\n'


def test_our_own_images_show() -> None:
    assert '<img src="/fichiers/a/b.png" alt="Le port" loading="lazy" decoding="async">' in html(
        "![Le port](/fichiers/a/b.png)"
    )


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("![](/fichiers/a.png)", 1),
        ("![ ](https://a.example/a.png) ![](/x)", 2),
        ("![port](/fichiers/a.png)", 0),
        ("`![](x)`", 0),
    ],
)
def test_images_without_words_are_counted(source: str, count: int) -> None:
    assert rendered(source).missing_alt == count


def test_plain_text_is_the_words_line_by_line() -> None:
    source = (
        "# Titre\n\nUn *deux*\ntrois &lt;b>\n\n- a\n- b\n\n| x | y |\n|-|-|\n| 1 | 2 |\n\n"
        "```\ncode\n```\n![alt](/fichiers/a.png)"
    )
    assert rendered(source).text == "Titre\nUn deux\ntrois <b>\na\nb\nx y\n1 2\ncode\nalt"


def test_plain_text_leaves_out_the_message_that_is_quoted() -> None:
    quoted = markdown.quote("Maryse Lacombe-Dubé", "maryse", 12, "Ses mots", "/discussions/5-x")
    assert rendered(quoted + "Ma réponse").text == "Ma réponse"
    assert rendered("> Un proverbe\n\nMa réponse").text == "Un proverbe\nMa réponse"
    assert "Ses mots" in rendered(quoted).text


def test_a_quoted_message_survives_and_leads_back() -> None:
    quoted = markdown.quote("Jean_Paul [X] *Y*\n", "jean", 12, "Un\n\n- deux", "/discussions/5-x")
    out = rendered(quoted + "Oui.").html
    leads_back = '<a href="/discussions/5-x#m-12">Jean_Paul [X] *Y* (@jean), message 12</a>'
    assert out.startswith(f'<blockquote class="quoted-message">\n<p>{leads_back}</p>\n')
    assert "<li>deux</li>\n</ul>\n</blockquote>\n<p>Oui.</p>" in out


def test_the_short_form_of_a_quote_is_understood_too() -> None:
    out = rendered("> [@maryse, message 12](#m-12)\n> Ses mots").html
    assert out.startswith(
        '<blockquote class="quoted-message">\n<p><a href="#m-12">@maryse, message 12</a><br>\nSes mots</p>'
    )


def test_french_typography_is_for_french_words_only() -> None:
    source = "L'idée : « oui » `l'a : b` https://a.example/l'a...b\n\n    l'a : b\n"
    out = html(source)
    assert "L’idée\u00a0: «\u00a0oui\u00a0»" in out
    assert "<code>l'a : b</code>" in out
    assert "https://a.example/l'a...b</a>" in out
    assert "<pre><code>l'a : b" in out
    assert "L'idée : « oui »" in html(source, "en")


def test_typography_reaches_across_emphasis() -> None:
    assert html("l'**idée** : «*oui*» !") == "<p>l’<strong>idée</strong>\u00a0: «\u00a0<em>oui</em>\u00a0»\u202f!</p>\n"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_same_source_always_gives_the_same_html(source: str) -> None:
    assert rendered(source) == rendered(source)
