# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Where Tencent Cloud's own tools keep keys. Not a provider: the providers are the files that use it.

Sources: cloud.tencent.com/document/product/440/34012 (tccli), and the vendor's Python packages tccli
(profiles, environment variables) and tencentcloud-sdk-python-common (the INI file).
TENCENTCLOUD_SECURITY_TOKEN and TENCENTCLOUD_PROFILE are those of the vendor's Terraform provider.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from ...core.credential_sources import CredentialSources


def profile(home: str, name: str) -> Mapping[str, str]:
    """A profile of tccli; its default one falls back to the INI file of the vendor's SDKs, which has no
    other.

    Raises OSError or ValueError for a file that is there and cannot be read.
    """
    folder = os.path.join(home, ".tccli")
    keys = _json_file(os.path.join(folder, f"{name}.credential"))
    settings = _json_file(os.path.join(folder, f"{name}.configure")).get("_sys_param") or {}
    names = {"access_key": "secretId", "secret_key": "secretKey", "token": "token"}
    values = {option: str(keys[theirs]) for option, theirs in names.items() if keys.get(theirs)}
    if not values and name == "default":
        values = _ini_file(os.path.join(home, ".tencentcloud", "credentials"))
    return {**values, **({"region": str(settings["region"])} if settings.get("region") else {})}


def _json_file(path: str) -> Mapping[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except FileNotFoundError:
        return {}
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    return content


def _ini_file(path: str) -> dict[str, str]:
    if not os.path.exists(path):
        return {}
    import configparser  # for the few who have the file

    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except configparser.Error as error:
        raise ValueError("not an INI file") from error
    section = parser["default"] if parser.has_section("default") else {}
    names = {"access_key": "secret_id", "secret_key": "secret_key"}
    return {option: section[theirs].strip() for option, theirs in names.items() if section.get(theirs)}


def credentials(regional: bool = True) -> CredentialSources:
    """Where keys are looked for. Without ``regional`` no region is taken from there.

    What the variables and profiles name is the region of a regional service; a service with regions of its
    own would find nothing there.
    """
    region = {"region": ("TENCENTCLOUD_REGION",)} if regional else {}

    def without_region(home: str, name: str) -> Mapping[str, str]:
        return {option: value for option, value in profile(home, name).items() if option != "region"}

    return CredentialSources(
        environment={
            "access_key": ("TENCENTCLOUD_SECRET_ID",),
            "secret_key": ("TENCENTCLOUD_SECRET_KEY",),
            "token": ("TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"),
            "profile": ("TCCLI_PROFILE", "TENCENTCLOUD_PROFILE"),
            **region,
        },
        profiles=profile if regional else without_region,
        profile_files=("~/.tccli/<profile>.credential", "~/.tencentcloud/credentials"),
    )
