# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Where the credentials of a provider are looked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple


class CredentialSources(NamedTuple):
    """Where credentials are looked for besides the options.

    ``environment`` maps an option to the variables that can give it, the first that is set wins; ``profiles``
    reads a named profile from the vendor's own files below a home folder, and ``profile_files`` names them
    for people. ``token_alone``: a token is a credential by itself and not a part of a temporary key.
    """

    environment: Mapping[str, tuple[str, ...]]
    profiles: Callable[[str, str], Mapping[str, str]]
    profile_files: tuple[str, ...]
    token_alone: bool = False
