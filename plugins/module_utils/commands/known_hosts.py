# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A known_hosts file in which the keys of some hosts are replaced; the format is that of sshd(8),
SSH_KNOWN_HOSTS.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import os
import re
import tempfile
from collections.abc import Mapping, Sequence

# Names and addresses as ssh takes them, also with a zone (fe80::1%eth0). Nothing that ends a word or a list
# in a line of the file, is a pattern there, or looks like an option of a program.
ADDRESS = re.compile(r"[A-Za-z0-9_:\[][A-Za-z0-9._:%\[\]-]*", re.ASCII)
NAME = re.compile(r"[^\s,*?!|#@][^\s,*?!|]*")
KEY = re.compile(r"(ssh|ecdsa|sk-ssh|sk-ecdsa)-[A-Za-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}(?: [^\r\n]*)?", re.ASCII)


def check_address(address: str) -> str:
    """The address. Raises ValueError for what would be more than one word, an option or a pattern."""
    if not ADDRESS.fullmatch(address):
        raise ValueError(
            f"{address!r} is not the name or address of one host: only letters, digits and . - _ : % are "
            "allowed"
        )
    return address


def host_name(address: str, port: int) -> str:
    """How a host is called in the file: with its port when that is not 22."""
    return address if port == 22 else f"[{address}]:{port}"


def scanned(output: str, port: int) -> dict[str, list[str]]:
    """What ssh-keyscan printed: the keys, as type and value, by the name of the host.

    Passes over what is no key.
    """
    entries: dict[str, list[str]] = {}
    for line in output.splitlines():
        name, _separator, key = line.partition(" ")
        if KEY.fullmatch(key.strip()) and not line.startswith("#"):
            entries.setdefault(name if name.startswith("[") else host_name(name, port), []).append(
                key.strip()
            )
    return entries


def renew(path: str, keys: Mapping[str, Sequence[str]], keep_others: bool = False) -> bool:
    """Put these keys in the place of all others of their hosts, or beside them, in one step. Says whether the
    file changed.

    Raises OSError when it cannot be read or written, ValueError for a name or a key that is none.
    """
    if not keys:
        return False
    _check(keys)
    path = os.path.realpath(path)  # a link stays one
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    # The file itself is replaced, so it cannot be the lock.
    with open(f"{path}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        old = _lines(path)
        hashed = any(line.startswith("|1|") for line in old)
        others = old if keep_others else [_without(line, keys) for line in old]
        kept = [line for line in others if line is not None]
        added = _added(keys, hashed)
        if not hashed and sorted(kept + added) == sorted(old):
            return False
        _replace(path, kept + added)
    return True


def _check(keys: Mapping[str, Sequence[str]]) -> None:
    for name, lines in keys.items():
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of one host")
        if not all(KEY.fullmatch(line) for line in lines):
            raise ValueError(f"{name}: a key is a type and a value in base64")


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def _added(keys: Mapping[str, Sequence[str]], hashed: bool) -> list[str]:
    return [
        f"{_hashed(name, os.urandom(20)) if hashed else name} {key}"
        for name in sorted(keys)
        for key in sorted(keys[name])
    ]


def _without(line: str, names: Mapping[str, object]) -> str | None:
    """The line without these hosts; None when nothing is left of it."""
    if not line.strip() or line.startswith(("#", "@")):
        return line
    hosts, separator, key = line.partition(" ")
    if hosts.startswith("|1|"):
        try:
            salt = base64.b64decode(hosts.split("|")[2])
        except ValueError:
            return line  # ssh passes over it, too
        return None if any(hosts == _hashed(name, salt) for name in names) else line
    rest = [host for host in hosts.split(",") if host not in names]
    return f"{','.join(rest)}{separator}{key}" if rest else None


def _hashed(name: str, salt: bytes) -> str:
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


def _replace(path: str, lines: Sequence[str]) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".known_hosts.")
    try:
        with open(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.writelines(f"{line}\n" for line in lines)
        if os.path.exists(path):
            os.chmod(temporary, os.stat(path).st_mode & 0o777)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
