"""Settings that make no sense are refused at start, each in one sentence that names it."""

import stat
from pathlib import Path

import pytest

from maillage.core.config import Trouble, load, read

PRODUCTION = {
    "MAILLAGE_ENV": "production",
    "MAILLAGE_BASE_URL": "https://maillage.example.org",
    "MAILLAGE_RESPONSIBLE_NAME": "Sofia",
    "MAILLAGE_RESPONSIBLE_EMAIL": "sofia@example.org",
    "MAILLAGE_POSTAL_ADDRESS": "1, rue de l’Exemple",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "huit mille"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("MAILLAGE_ENV", "prod"),
        ("MAILLAGE_NAME", "x" * 81),
        ("MAILLAGE_BASE_URL", "maillage.example.org"),
        ("MAILLAGE_BASE_URL", "https://example.org/maillage"),
        ("MAILLAGE_BASE_URL", "https://user@example.org"),
        ("MAILLAGE_DATABASE_URL", "mysql://localhost/maillage"),
        ("MAILLAGE_SECRET_KEY", "courte"),
        ("MAILLAGE_OLDER_SECRET_KEYS", "x" * 40 + ",courte"),
        ("MAILLAGE_ALLOW_PRIVATE_PROVIDERS", "perhaps"),
        ("MAILLAGE_SMTP_URL", "localhost:25"),
        ("MAILLAGE_SMTP_URL", "smtp://"),
        ("MAILLAGE_SMTP_URL", "smtp://host:port"),
        ("MAILLAGE_MAIL_FROM", "moi"),
        ("MAILLAGE_FILES_URL", "/srv/files"),
        ("MAILLAGE_LOCALES", "fr-FR"),
        ("MAILLAGE_LOCALES", "en,en"),
        ("MAILLAGE_TIME_ZONE", "Montréal"),
        ("MAILLAGE_TIME_ZONE", "../etc/passwd"),
        ("MAILLAGE_SESSION_IDLE_DAYS", "0"),
        ("MAILLAGE_SESSION_IDLE_DAYS", "120"),
        ("MAILLAGE_EDIT_WINDOW_MINUTES", "-1"),
        ("MAILLAGE_TRUSTED_PROXIES", "all"),
        ("MAILLAGE_STATEMENT_TIMEOUT_MS", "10"),
        ("MAILLAGE_RESPONSIBLE_EMAIL", "sofia"),
    ],
)
def test_nonsense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(Trouble) as trouble:
        read({name: value})
    [sentence] = str(trouble.value).splitlines()
    assert name in sentence
    assert sentence.endswith(".")


def test_each_bad_setting_has_its_sentence() -> None:
    with pytest.raises(Trouble) as trouble:
        read({"PORT": "x", "MAILLAGE_LOCALES": "de", "MAILLAGE_TIME_ZONE": "Mars"})
    assert len(str(trouble.value).splitlines()) == 3


def test_a_misspelled_setting_is_refused_with_the_right_one() -> None:
    with pytest.raises(Trouble, match=r"MAILLAGE_BASEURL is not a setting \(did you mean MAILLAGE_BASE_URL\?\)\."):
        read({"MAILLAGE_BASEURL": "https://example.org"})


@pytest.mark.parametrize(
    "name",
    ["MAILLAGE_DATABASE_URL", "MAILLAGE_SECRET_KEY", "MAILLAGE_OLDER_SECRET_KEYS", "MAILLAGE_SMTP_URL"],
)
def test_secrets_are_never_repeated(name: str) -> None:
    with pytest.raises(Trouble) as trouble:
        read({name: "ftp://u:s3cr3t@h"})
    assert "s3cr3t" not in str(trouble.value)


@pytest.mark.parametrize("missing", sorted(PRODUCTION.keys() - {"MAILLAGE_ENV"}))
def test_production_refuses_to_start_without(missing: str) -> None:
    with pytest.raises(Trouble, match=missing):
        read({name: value for name, value in PRODUCTION.items() if name != missing})


def test_production_wants_https_except_on_this_very_machine() -> None:
    with pytest.raises(Trouble, match="https"):
        read({**PRODUCTION, "MAILLAGE_BASE_URL": "http://maillage.example.org"})
    assert not read({**PRODUCTION, "MAILLAGE_BASE_URL": "http://127.0.0.1:8000"}).is_https
    assert read(PRODUCTION).is_https


def test_the_demonstration_needs_no_setting() -> None:
    settings = read({})
    assert (settings.base_url, settings.locales) == ("http://127.0.0.1:8000", ("fr-CA", "en"))
    assert read({"PORT": "9000"}).base_url == "http://127.0.0.1:9000"


def test_providers_on_private_networks_are_for_demonstrations_unless_asked_for() -> None:
    assert read({}).private_providers
    assert not read(PRODUCTION).private_providers
    assert read({**PRODUCTION, "MAILLAGE_ALLOW_PRIVATE_PROVIDERS": "true"}).private_providers
    assert not read({"MAILLAGE_ALLOW_PRIVATE_PROVIDERS": "false"}).private_providers


def test_older_secret_keys_are_listed_with_commas() -> None:
    settings = read({"MAILLAGE_OLDER_SECRET_KEYS": f"{'a' * 32} , {'b' * 32},"})
    assert settings.older_secrets == ("a" * 32, "b" * 32)
    assert "aaaa" not in repr(settings)
    assert read({}).older_secrets == ()


def test_an_empty_setting_is_an_unset_one() -> None:
    assert read({"MAILLAGE_DATABASE_URL": "", "MAILLAGE_TIME_ZONE": " "}) == read({})


def test_the_secret_key_is_made_once_kept_and_private(tmp_path: Path) -> None:
    environment = {"MAILLAGE_DATA_DIR": str(tmp_path / "var")}
    first = load(environment)
    assert load(environment).secret == first.secret
    assert len(first.secret) >= 32
    assert stat.S_IMODE((tmp_path / "var" / "secret-key").stat().st_mode) == 0o600
    assert "secret_key=SecretStr('**********')" in repr(first)


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Trouble, match="cannot be used"):
        load({"MAILLAGE_DATA_DIR": str(tmp_path / "file" / "var")})
