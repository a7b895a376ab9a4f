# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whose account: options, then the vendor's own environment variables, then a profile of the vendor's own
files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ..core.errors import InputError
from ..core.message import is_loopback
from ..core.provider import Account, Provider, Secrets

NAMES = ("access_key", "secret_key", "token")
PORTS = {"https": 443, "http": 80}


def find_account(
    provider: Provider, params: Mapping[str, Any], environment: Mapping[str, str], home: str
) -> Account:
    """The account that the options, the environment and the profiles below ``home`` describe.

    Raises InputError that names what to set when a credential or the region is missing or malformed.
    """
    options = {name: params[name] for name in (*NAMES, "region", "profile") if params.get(name)}
    surrounding = _from_environment(provider, environment)
    profile = _profile(provider, home, options.get("profile") or surrounding.get("profile"))
    # A profile that is named is meant: to take another account's key from the environment would be dangerous.
    levels = (options, profile, surrounding) if options.get("profile") else (options, surrounding, profile)
    region = next((level["region"] for level in levels if level.get("region")), "")
    if provider.regional and not region:
        raise InputError(f"region is missing: {_how(provider, 'region')}")
    return Account(_secrets(provider, levels), region, check_endpoint(params.get("endpoint") or ""))


def _from_environment(provider: Provider, environment: Mapping[str, str]) -> Mapping[str, str]:
    """Each option with the first of its variables that is set."""
    values = {
        option: next((environment[variable] for variable in variables if environment.get(variable)), "")
        for option, variables in provider.credentials.environment.items()
    }
    return {option: value for option, value in values.items() if value}


def account_name(provider: Provider, account: Account) -> str:
    """Whose rate a request counts against.

    It holds what identifies the account and is not to be shown or stored.
    """
    secrets = account.secrets
    return f"{provider.name} {account.endpoint} {secrets.access_key or secrets.token}"


def check_endpoint(endpoint: str) -> str:
    """The base URL in its one spelling: host in lower case, no default port, no slash at its end.

    The ledger and the rates know an account by it. Raises InputError for one that cannot be, or would not
    be, used safely.
    """
    if not endpoint:
        return ""
    if "@" in endpoint:  # first, so that no password in it is shown
        raise InputError("endpoint must be a base URL without a user in it")
    problem = _endpoint_problem(endpoint)
    if problem:
        raise InputError(f"endpoint: {endpoint!r} is not usable: {problem}")
    parts = urlsplit(endpoint)
    port = "" if parts.port in (None, PORTS[parts.scheme]) else f":{parts.port}"
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path}".rstrip("/")


def _endpoint_problem(endpoint: str) -> str:
    """What is wrong with a base URL, or nothing."""
    try:
        parts = urlsplit(endpoint)
        host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:  # an address in brackets that is none, or a port that is no number
        host = None
    if not host:
        return "it must be a base URL, scheme://host[:port][/prefix]"
    if parts.query or parts.fragment:
        return "it must be a base URL without query or fragment"
    if parts.scheme == "http" and not is_loopback(host):
        return "plain http is for loopback addresses only; use https"
    return ""


def _profile(provider: Provider, home: str, name: str | None) -> Mapping[str, str]:
    """The named profile, or the one called default if there is such a file. A named one must be there."""
    files = " or ".join(provider.credentials.profile_files)
    try:
        profile = provider.credentials.profiles(home, name or "default")
    except FileNotFoundError:
        profile = {}
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"profile: {files} cannot be read ({type(error).__name__})") from error
    if name and not profile:
        raise InputError(f"profile: {name!r} has no credentials in {files}")
    return profile


def _secrets(provider: Provider, levels: Sequence[Mapping[str, str]]) -> Secrets:
    """The credentials from the levels, each name from the first that has it.

    Raises InputError for what is missing.
    """
    values = _first_values(levels)
    if provider.credentials.token_alone and "token" in values:
        values = {"token": values["token"]}
    else:
        missing = [name for name in ("access_key", "secret_key") if name not in values]
        if missing:
            raise InputError(f"{missing[0]} is missing: {_how(provider, missing[0])}")
    for name, value in values.items():
        _check_printable(name, value)
    return Secrets(**values)


def _first_values(levels: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Each name from the first level that has it.

    A token goes only with a key of its own level or a lower one: a temporary token from the environment does
    not belong to a key that was given as an option.
    """
    values: dict[str, str] = {}
    has_key = False
    for level in levels:
        for name in ("token", "access_key", "secret_key"):
            if level.get(name) and not (name == "token" and has_key):
                values.setdefault(name, level[name])
        has_key = "access_key" in values or "secret_key" in values
    return values


def _check_printable(name: str, value: str) -> None:
    if value != value.strip() or not value.isascii() or not value.isprintable():
        raise InputError(
            f"{name} has surrounding spaces or characters that no key contains; its value is not shown"
        )


def _how(provider: Provider, name: str) -> str:
    """What to set, in the order in which it is looked for."""
    variables = provider.credentials.environment.get(name, ())
    ways = [f"the option {name}", *(f"the environment variable {variable}" for variable in variables)]
    ways.append(f"a profile in {' or '.join(provider.credentials.profile_files)}")
    alone = ", or give a token" if provider.credentials.token_alone and name != "region" else ""
    return f"set {', or '.join(ways)}{alone} (provider {provider.name})"
