"""Settings: where they come from, what they may be, and what is said otherwise."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest

from loader.address import check_base_url, origin_of, same_host
from loader.config import (
    Settings,
    check_header_values,
    load_settings,
    require_token,
    variable,
)
from loader.errors import LoaderError

NUMBERS = {
    setting.metadata["env"]: setting.metadata
    for setting in fields(Settings)
    if "low" in setting.metadata
}
# Too large, too small, no number: none of them may end in a traceback.
ODD = ["inf", "-inf", "nan", "1e300", "9" * 400, "9" * 5000, "-1", "²", "1,5", "0x10"]


def test_every_number_has_bounds() -> None:
    """A new setting of numbers needs a lowest and a highest value."""
    for setting in fields(Settings):
        if str(setting.type) in ("int", "float"):
            assert {"low", "high"} <= setting.metadata.keys(), setting.name
    assert len(NUMBERS) >= 11


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ODD)
def test_a_number_that_cannot_be_used_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """It names the variable, and the message is not longer than a few lines."""
    monkeypatch.setenv(name, value)
    with pytest.raises(LoaderError, match=name) as caught:
        load_settings()
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("name", NUMBERS)
def test_both_bounds_of_a_number_are_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What the message calls allowed is."""
    for bound in ("low", "high"):
        monkeypatch.setenv(name, str(NUMBERS[name][bound]))
        load_settings()


@pytest.mark.parametrize("empty", ["", " ", "\t"])
def test_a_set_but_empty_variable_hides_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, empty: str
) -> None:
    """Containers and services set variables to nothing; `.env` counts then."""
    env_file = tmp_path / ".env"
    env_file.write_text("BONZO_API_TOKEN=abc\nBONZO_RETRIES=7\nBONZO_RILL_PORT=9100\n")
    for name in ("BONZO_API_TOKEN", "BONZO_RETRIES", "BONZO_RILL_PORT"):
        monkeypatch.setenv(name, empty)
    settings = load_settings()
    assert (settings.bonzo_api_token, settings.retries) == ("abc", 7)
    assert variable("BONZO_RILL_PORT") == "9100"


def test_an_empty_line_in_the_file_hides_nothing_either(tmp_path: Path) -> None:
    """`.env.example` has `BONZO_API_TOKEN=`: the default counts, no empty token."""
    (tmp_path / ".env").write_text("BONZO_API_TOKEN=\nBONZO_RETRIES=\n")
    settings = load_settings()
    assert (settings.bonzo_api_token, settings.retries) == (None, 5)


def test_a_byte_order_mark_does_not_hide_the_first_line(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    (tmp_path / ".env").write_text("BONZO_API_TOKEN=abc\n", encoding="utf-8-sig")
    assert load_settings().bonzo_api_token == "abc"


def test_an_env_file_in_another_encoding_is_a_sentence(tmp_path: Path) -> None:
    """Without the bytes that could not be read."""
    (tmp_path / ".env").write_bytes(b"BONZO_API_TOKEN=s\xe9cret\n")
    with pytest.raises(LoaderError, match="not UTF-8") as caught:
        load_settings()
    assert "cret" not in caught.value.message


WRONG = [
    "abc\ndef-secret",
    "abc\rdef-secret",
    "abc def-secret",
    "“abc-secret”",
    "abc€secret",
    "abc\u202esecret",
    "abc\u200bsecret",
    "abc\x00secret",
    "abc\x7fsecret",
    "Bearer secret",
]


@pytest.mark.parametrize("name", ["DATABASE_URL", "BONZO_MAPPING", "BONZO_DATABASE"])
@pytest.mark.parametrize("bad", ["\udcff", "\x00"])
def test_what_no_program_can_be_given_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, bad: str
) -> None:
    """Bytes that are not UTF-8 from the environment, a NUL from `.env`."""
    if bad == "\x00":
        (tmp_path / ".env").write_text(f"{name}=SECRET{bad}x\n")
    else:
        monkeypatch.setenv(name, f"SECRET{bad}x")
    with pytest.raises(LoaderError, match=f"{name} holds a NUL") as caught:
        load_settings()
    assert "SECRET" not in caught.value.message


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize("name", ["bonzo_api_token", "bonzo_on_behalf_of"])
def test_what_no_header_can_carry_is_refused_without_showing_it(
    name: str, value: str
) -> None:
    """Both values of a header; the sentence says to copy it again."""
    settings = Settings(**{"bonzo_api_token": "fine", name: value})
    with pytest.raises(LoaderError, match="Copy it again") as caught:
        check_header_values(settings)
    assert name.upper() in caught.value.message
    assert "secret" not in caught.value.message
    with pytest.raises(LoaderError):
        require_token(settings)


@pytest.mark.parametrize("value", ["me@example.com", "4417", "ex:a-17", "a.b_c~d=/+"])
def test_what_a_header_can_carry_is_taken(value: str) -> None:
    """JWTs, addresses, ids, and ids with a prefix."""
    check_header_values(Settings(bonzo_api_token=value, bonzo_on_behalf_of=value))


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1",
        "https://h:port/",
        "https://h:99999",
        "https://",
        "https://a b/",
        "https://a\tb/",
        "https://h/?x=1",
        "https://h/#x",
        "http:h",
        "",
        "ſttps://x",
    ],
)
def test_an_address_that_is_none_is_a_sentence(url: str) -> None:
    """Nothing that is typed there ends in a traceback."""
    with pytest.raises(LoaderError, match="BONZO_BASE_URL"):
        check_base_url(url)


@pytest.mark.parametrize(
    "url", ["https://u:pw-secret@h", "u:pw-secret@h", "https//u:pw-secret@h/x"]
)
def test_a_password_in_the_address_is_not_repeated(url: str) -> None:
    """Whatever else is wrong with it."""
    with pytest.raises(LoaderError) as caught:
        check_base_url(url)
    assert "pw-secret" not in caught.value.message


@pytest.mark.parametrize(
    "url",
    [
        "https://App.GetBonzo.com/api/v3",
        "HTTPS://app.getbonzo.com/api/v3/",
        "https://app.getbonzo.com:443/api/v3",
        "https://app.getbonzo.com./api/v3",
    ],
)
def test_one_service_has_one_spelling(url: str) -> None:
    """Capitals, the usual port and a slash at the end make no other service."""
    assert origin_of(url) == "https://app.getbonzo.com/api/v3"


def test_other_paths_and_ports_are_other_services() -> None:
    """Paths are told apart by case."""
    assert origin_of("https://h/API") != origin_of("https://h/api")
    assert origin_of("https://h:8443") != origin_of("https://h")
    assert origin_of("http://[::1]:80/x") == "http://[::1]/x"
    assert not same_host("https://h", "https://h:8443")
    assert same_host("http://h/x", "https://H/y")


# --- the file -----------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize(
    ("mode", "count"), [(0o600, 0), (0o640, 1), (0o602, 1), (0o620, 1), (0o666, 2)]
)
def test_a_file_that_others_may_read_or_change_is_warned_about(
    tmp_path: Path, mode: int, count: int
) -> None:
    """Who reads it has the token; who changes it can have the token sent elsewhere."""
    path = tmp_path / ".env"
    path.write_text("BONZO_API_TOKEN=abc\n")
    path.chmod(mode)
    warnings = load_settings().warnings
    assert len(warnings) == count
    assert all("chmod 600" in text for text in warnings)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_others_may_change_is_warned_about(tmp_path: Path) -> None:
    """They could put another `.env` in its place."""
    (tmp_path / ".env").write_text("BONZO_API_TOKEN=abc\n")
    (tmp_path / ".env").chmod(0o600)
    tmp_path.chmod(0o777)
    assert "replace .env" in load_settings().warnings[0]
    tmp_path.chmod(0o1777)
    assert load_settings().warnings == ()
    tmp_path.chmod(0o700)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root")
def test_a_file_of_another_account_is_warned_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But not one of whoever called sudo."""
    path = tmp_path / ".env"
    path.write_text("BONZO_API_TOKEN=abc\n")
    path.chmod(0o600)
    os.chown(path, 65534, 65534)
    assert "belongs to another account" in load_settings().warnings[0]
    monkeypatch.setenv("SUDO_UID", "65534")
    assert load_settings().warnings == ()
