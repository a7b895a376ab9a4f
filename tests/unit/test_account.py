# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose account a call works for: options, environment and profiles, and what is said when something is
missing.
"""

from __future__ import annotations

import json

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.api.credentials import (
    check_endpoint,
    find_account,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import InputError

OPTION = {"access_key": "option-key", "secret_key": "option-secret"}
ENVIRONMENT = {"ZENLAYER_ACCESS_KEY_ID": "env-key", "ZENLAYER_ACCESS_KEY_SECRET": "env-secret"}
FILE = {
    "default": {"access_key_id": "file-key", "access_key_secret": "file-secret"},
    "ci": {"access_key_id": "ci-key", "access_key_secret": "ci-secret"},
    "robot": {"token": "robot-token"},
    "empty": {},
}


@pytest.fixture
def home(tmp_path):
    (tmp_path / ".zenlayer").mkdir()
    (tmp_path / ".zenlayer" / "credentials.json").write_text(json.dumps(FILE), encoding="utf-8")
    return str(tmp_path)


def found(account):
    secrets = account.secrets
    return (secrets.access_key, secrets.secret_key, secrets.token)


@pytest.mark.parametrize(
    "params, environment, expected",
    [
        (OPTION, ENVIRONMENT, ("option-key", "option-secret", "")),
        ({}, ENVIRONMENT, ("env-key", "env-secret", "")),
        ({}, {}, ("file-key", "file-secret", "")),
        ({"secret_key": "option-secret"}, ENVIRONMENT, ("env-key", "option-secret", "")),
        ({"profile": "ci"}, ENVIRONMENT, ("ci-key", "ci-secret", "")),
        ({"profile": "ci", **OPTION}, ENVIRONMENT, ("option-key", "option-secret", "")),
        ({}, {"ZENLAYER_PROFILE": "ci"}, ("ci-key", "ci-secret", "")),
        ({}, {"ZENLAYER_PROFILE": "ci", **ENVIRONMENT}, ("env-key", "env-secret", "")),
        (
            {},
            {"ZENLAYERCLOUD_ACCESS_KEY_ID": "tf-key", "ZENLAYERCLOUD_ACCESS_KEY_PASSWORD": "tf-secret"},
            ("tf-key", "tf-secret", ""),
        ),
        ({}, {"ZENLAYERCLOUD_ACCESS_KEY_ID": "tf-key", **ENVIRONMENT}, ("env-key", "env-secret", "")),
        # A token is a credential of its own here; one from further away than the key does not belong to it.
        ({"token": "option-token"}, ENVIRONMENT, ("", "", "option-token")),
        ({}, {"ZENLAYER_TOKEN": "env-token"}, ("", "", "env-token")),
        ({}, {"ZENLAYER_TOKEN": "env-token", **ENVIRONMENT}, ("", "", "env-token")),
        (OPTION, {"ZENLAYER_TOKEN": "env-token"}, ("option-key", "option-secret", "")),
        ({"profile": "robot"}, ENVIRONMENT, ("", "", "robot-token")),
        ({"profile": "ci"}, {"ZENLAYER_TOKEN": "env-token"}, ("ci-key", "ci-secret", "")),
        (
            {},
            {"ZENLAYER_ACCESS_KEY_ID": "", "ZENLAYER_ACCESS_KEY_SECRET": ""},
            ("file-key", "file-secret", ""),
        ),
    ],
)
def test_an_option_beats_the_environment_which_beats_a_profile(zec, home, params, environment, expected):
    assert found(find_account(zec, params, environment, home)) == expected


@pytest.mark.parametrize(
    "params, environment, words",
    [
        (
            {},
            {},
            [
                "access_key is missing",
                "the option access_key",
                "ZENLAYER_ACCESS_KEY_ID",
                "ZENLAYERCLOUD_ACCESS_KEY_ID",
                "~/.zenlayer/credentials.json",
                "token",
                "zenlayer_zec",
            ],
        ),
        (
            {"access_key": "K"},
            {},
            ["secret_key is missing", "the option secret_key", "ZENLAYERCLOUD_ACCESS_KEY_PASSWORD"],
        ),
        ({"profile": "none"}, ENVIRONMENT, ["profile: 'none'", "~/.zenlayer/credentials.json"]),
        ({}, {"ZENLAYER_PROFILE": "none"}, ["profile: 'none'"]),
        ({"access_key": " K", "secret_key": "S"}, {}, ["access_key", "not shown"]),
        ({"access_key": "K", "secret_key": "SEEN\n"}, {}, ["secret_key", "not shown"]),
        ({"access_key": "K", "secret_key": "SE\u00cbN"}, {}, ["secret_key", "not shown"]),
        ({"token": "SE EN\t"}, {}, ["token", "not shown"]),
    ],
)
def test_what_is_missing_or_malformed_is_named_with_what_to_set(zec, tmp_path, params, environment, words):
    with pytest.raises(InputError) as error:
        find_account(zec, params, environment, str(tmp_path))
    assert [word for word in words if word not in str(error.value)] == []
    assert "SEEN" not in str(error.value) and "SE\u00cbN" not in str(error.value)


def test_an_empty_profile_that_was_asked_for_is_an_error(zec, home):
    with pytest.raises(InputError, match="profile: 'empty' has no credentials"):
        find_account(zec, {"profile": "empty"}, {}, home)


@pytest.mark.parametrize("text", ["SEEN {", "[]", '{"default": "SEEN"}', '{"default": []}'])
def test_a_file_that_cannot_be_read_is_named_and_not_shown(zec, tmp_path, text):
    (tmp_path / ".zenlayer").mkdir()
    (tmp_path / ".zenlayer" / "credentials.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        find_account(zec, {}, {}, str(tmp_path))
    assert "credentials.json" in str(error.value) and "SEEN" not in str(error.value)


def test_a_token_that_is_a_part_of_a_key_goes_with_a_key_of_its_level_or_a_lower_one(zec, home):
    paired = zec._replace(credentials=zec.credentials._replace(token_alone=False))
    env = {"ZENLAYER_TOKEN": "env-token"}
    assert found(find_account(paired, {}, {**env, **ENVIRONMENT}, home)) == (
        "env-key",
        "env-secret",
        "env-token",
    )
    assert found(find_account(paired, OPTION, env, home)) == ("option-key", "option-secret", "")
    with pytest.raises(InputError, match="access_key is missing"):
        find_account(paired, {"token": "T"}, {}, "")


def test_a_regional_provider_needs_a_region_and_says_where_from(zec, home):
    variables = {**zec.credentials.environment, "region": ("CLOUD_REGION",)}
    regional = zec._replace(regional=True, credentials=zec.credentials._replace(environment=variables))
    with pytest.raises(InputError, match="region is missing: set the option region, or .* CLOUD_REGION"):
        find_account(regional, OPTION, {}, home)
    assert find_account(regional, OPTION, {"CLOUD_REGION": "r-1"}, home).region == "r-1"
    assert find_account(regional, {**OPTION, "region": "r-2"}, {"CLOUD_REGION": "r-1"}, home).region == "r-2"


@pytest.mark.parametrize(
    "given, expected",
    [
        ("", ""),
        ("https://cloud.test", "https://cloud.test"),
        ("https://cloud.test/", "https://cloud.test"),
        ("https://cloud.test:8443/pre/fix/", "https://cloud.test:8443/pre/fix"),
        ("http://127.0.0.1:8080",) * 2,
        ("http://[::1]:8080",) * 2,
        ("http://localhost:80/", "http://localhost"),
        ("https://Cloud.Test:443/Pre", "https://cloud.test/Pre"),
        ("http://127.9.9.9",) * 2,
    ],
)
def test_an_endpoint_is_a_base_url(given, expected):
    assert check_endpoint(given) == expected


@pytest.mark.parametrize(
    "bad, rule",
    [
        ("cloud.test", "scheme://host"),
        ("ftp://cloud.test", "scheme://host"),
        ("https://", "scheme://host"),
        ("http://cloud.test", "loopback"),
        ("http://10.0.0.1", "loopback"),
        ("http://localhost.cloud.test", "loopback"),
        ("http://127.0.0.1.cloud.test", "loopback"),
        ("http://0.0.0.0", "loopback"),
        ("https://cloud.test?a=b", "query"),
        ("https://cloud.test#a", "fragment"),
        ("https://u:SEEN@cloud.test", "user"),
        ("ftp://u:SEEN@cloud.test", "user"),
        ("https://u:SEEN@[::1", "user"),
    ],
)
def test_an_endpoint_that_is_none_or_is_not_safe_is_refused(bad, rule):
    with pytest.raises(InputError) as error:
        check_endpoint(bad)
    assert "endpoint" in str(error.value) and rule in str(error.value) and "SEEN" not in str(error.value)


@pytest.mark.parametrize("bad", ["https://cloud.test:port", "https://[::1", "https://cloud.test:99999"])
def test_an_endpoint_that_cannot_be_parsed_is_an_error_of_input(bad):
    with pytest.raises(InputError, match="endpoint"):
        check_endpoint(bad)


def test_an_account_does_not_show_its_secrets(zec, home):
    shown = repr(find_account(zec, OPTION, {}, home)) + repr(
        find_account(zec, {"token": "option-token"}, {}, home)
    )
    assert "option-" not in shown
