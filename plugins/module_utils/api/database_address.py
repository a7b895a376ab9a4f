# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether a ledger's location is the address of a database, and what is secret in it."""

from __future__ import annotations

SCHEMES = ("postgresql://", "postgres://")


def is_database(location: str) -> bool:
    """Whether a ledger's location is a database, and not a file."""
    return location.startswith(SCHEMES)


def password_in(location: str) -> str:
    """The part of an address that is, or may be, a password; empty when there is none."""
    rest = location.partition("://")[2]
    secret = rest.rpartition("@")[0].partition(":")[2]
    if not secret and is_database(location):
        for option in rest.partition("?")[2].split("&"):
            name, _equals, value = option.partition("=")
            secret = secret or (value if "password" in name.lower() else "")
    return secret
