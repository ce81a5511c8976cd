"""Whether a text is French or English, told by its small words; when they do not tell, the default stands."""

import re

FRENCH = "fr-CA"
ENGLISH = "en"
# Fewer small words than this say nothing: « OK pour jeudi » could be anybody's.
MIN_EVIDENCE = 2

# Words that are common in one language and absent or rare in the other. Those of both (« on »,
# « table », « plus », « comment », « note ») are left out.
_FRENCH_TEXT = (
    "alors au aucun aussi aux avec avez avons bonjour ça car ce cela ces cet cette ceux chez chaque comme "
    "dans de depuis des donc du elle elles en encore entre est et été êtes être eux faire fait faut il "
    "ils je jamais la là le les leur leurs lui ma mais me mes merci mon même moi ne ni nos notre nous où "
    "ont ou par parce pas pendant peut peu peux pour pourquoi puis quand que quel quelle quelqu quelles "
    "quels qui quoi rien sa sans se sera ses si sont sous suis sur ta te tes toujours tous tout toute "
    "toutes très trop tu un une vers vos votre vous voici voilà y à ici était étaient serait avait "
    "avaient aurait sommes allez bonne cherche"
)
_ENGLISH_TEXT = (
    "a about after all also an and any anyone are as at be because been before but by can could did do "
    "does each every for from get had has have he hello her here hi his how i if in into is it its just "
    "know like made many me more most my need never no not of only or our out own please she should so "
    "some someone than thank thanks that the their them then there these they this those to too us very "
    "was we were what when where which while who why will with would you your"
)
_FRENCH_WORDS = frozenset(_FRENCH_TEXT.split())
_ENGLISH_WORDS = frozenset(_ENGLISH_TEXT.split())
_NOT_PROSE = re.compile(
    r"""
      ^[ ]{0,3}(`{3,}|~{3,}).*?(?:^[ ]{0,3}\1|\Z)   # a fenced block
    | ^[ ]{0,3}>[^\n]*                               # somebody else's words
    | `[^`\n]*`
    | \]\([^()\n]*\)                                # where a link leads: a file's key holds « a » and « y » by chance
    | https?://\S+ | www\.\S+
    | [@\#][\w-]+
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_WORD = re.compile(r"[^\W\d_]+")


def guess(text: str, default: str = FRENCH) -> str:
    """``"fr-CA"`` or ``"en"``, or `default` when too short or too mixed to tell. Quoted lines do not
    count."""
    words = _WORD.findall(_NOT_PROSE.sub(" ", text).lower())
    french = sum(word in _FRENCH_WORDS for word in words)
    english = sum(word in _ENGLISH_WORDS for word in words)
    if max(french, english) < MIN_EVIDENCE or french == english:
        return default
    return FRENCH if french > english else ENGLISH
