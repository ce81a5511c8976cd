"""How to do what the routes of the frame around all the others do, and how to ask them about something hidden."""

from tests.abuse.acts.asking import MODERATOR, ONES_OWN, Act, Ask, Open

ACTS: dict[str, Act] = {
    # Of a form without its file, there is nothing to keep.
    "new_file": Act(MODERATOR, "/fichiers/nouveau", {"alt": "Un parc", "right_of_use": "mine", "credit": "Moi"}),
    "remove_file": Act(MODERATOR, f"/moi/fichiers/{'0' * 32}/retirer"),
}
HIDDEN: dict[str, Ask | Open] = {
    "new_file": ONES_OWN,
    "own_files": ONES_OWN,
    "added_file": Ask(),
    "remove_file": Ask(),
    "file": Ask(),
    "front": Open("a list: see test_18_counts_say_nothing.py"),
    "about": Open("the same words for everybody"),
    "privacy": Open("the same words for everybody"),
    "alive": Open("says that the process answers"),
    "ready": Open("says that the database answers"),
    "static": Open("our own files"),
}
