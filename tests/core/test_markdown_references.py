"""A post calls people and links to threads only where it means to, and tells nothing of what it may not
show."""

import pytest

from maillage.core import markdown

REFERENCES = markdown.References(
    people={"maryse": "Maryse Lacombe-Dubé", "marc-antoine": "Marc-Antoine Péladeau-Roche"},
    threads={123: ("Garder les personnes à la table", "/discussions/123-garder")},
)


def rendered(source: str, references: markdown.References = REFERENCES) -> markdown.Rendered:
    return markdown.render(source, references=references, language="fr-CA", prefix="m-1-")


@pytest.mark.parametrize(
    ("source", "handles"),
    [
        ("@maryse", ("maryse",)),
        ("Bonjour @Maryse, (@marc-antoine) et @maryse!", ("maryse", "marc-antoine")),
        ("**@maryse** et « @marc-antoine »", ("maryse", "marc-antoine")),
        ("| @maryse |\n|-|\n", ("maryse",)),
        ("x[^1]\n\n[^1]: @maryse", ("maryse",)),
        ("@maryse. @marc-antoine-", ("maryse", "marc-antoine")),
        ("maryse@exemple.org", ()),
        ("m\\_@maryse", ()),
        ("\\@maryse", ()),
        ("@maryse@exemple.org", ()),
        ("@maryse.exemple.org", ()),
        ("`@maryse`", ()),
        ("```\n@maryse\n```", ()),
        ("    @maryse", ()),
        ("[@maryse](/x)", ()),
        ("https://exemple.org/@maryse", ()),
        ("<https://exemple.org/@maryse>", ()),
        ("www.exemple.org/@maryse", ()),
        ("[x](/@maryse)", ()),
        ("![@maryse](/fichiers/x.png)", ()),
        ("@" + "a" * 40, ()),
        ("@-maryse", ()),
    ],
)
def test_people_are_found_where_they_are_called(source: str, handles: tuple[str, ...]) -> None:
    assert markdown.mentioned(source).handles == handles
    assert rendered(source).mentions == handles


@pytest.mark.parametrize(
    ("source", "numbers"),
    [
        ("#123", (123,)),
        ("Voir #123, #123 et (#123).", (123,)),
        ("\\#123", ()),
        ("a#123", ()),
        ("/x#123", ()),
        ("#0123", ()),
        ("#1234567890", ()),
        ("#123a", ()),
        ("`#123`", ()),
        ("[#123](/x)", ()),
        ("https://exemple.org/#123", ()),
        ("&#123;", ()),
    ],
)
def test_threads_are_found_where_they_are_named(source: str, numbers: tuple[int, ...]) -> None:
    assert markdown.mentioned(source).thread_ids == numbers
    assert rendered(source).thread_links == numbers


def test_a_mention_shows_the_name_and_leads_to_the_person() -> None:
    assert '<a class="mention" href="/personnes/maryse">@Maryse Lacombe-Dubé</a>' in rendered("@Maryse").html


def test_a_thread_shows_its_title_and_leads_there() -> None:
    post = rendered("#123")
    assert '<a class="thread-link" href="/discussions/123-garder">#123 Garder les personnes à la table</a>' in post.html
    assert post.text == "#123"


def test_what_the_caller_did_not_find_stays_the_words_that_were_typed() -> None:
    post = rendered("@inconnue et #999")
    assert post.html == "<p>@inconnue et #999</p>\n"
    assert (post.mentions, post.thread_links) == ((), ())
    found = markdown.mentioned("@inconnue et #999")
    assert (found.handles, found.thread_ids) == (("inconnue",), (999,))


def test_at_most_twenty_people_are_called() -> None:
    everybody = markdown.References({f"p{n}": f"Personne {n}" for n in range(1000)}, {})
    post = rendered(" ".join(f"@p{n}" for n in range(1000)) + " @p0", everybody)
    assert post.mentions == tuple(f"p{n}" for n in range(20))
    assert post.html.count('class="mention"') == 21
    assert " @p20 " in post.html


def test_strangers_do_not_use_up_the_twenty() -> None:
    source = " ".join(f"@inconnue{n}" for n in range(30)) + " @maryse"
    assert rendered(source).mentions == ("maryse",)


def test_a_few_short_references_cannot_make_a_huge_page() -> None:
    long = markdown.References({}, {1: ("T" * 200, "/discussions/1-t")})
    assert len(rendered("#1 " * 4000, long).html) < 100_000


def test_people_named_in_a_quote_are_shown_but_not_called_again() -> None:
    post = rendered("> Bonjour @maryse\n\n@marc-antoine?")
    assert post.mentions == ("marc-antoine",)
    assert post.html.count('class="mention"') == 2


def test_nobody_is_called_by_being_quoted() -> None:
    quoted = markdown.quote("Maryse", "maryse", 3, "Oui", "/discussions/1-x")
    assert rendered(quoted).mentions == ()
    assert markdown.mentioned(quoted).handles == ()
