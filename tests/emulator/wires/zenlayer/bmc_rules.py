# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ReinstallInstance of Bare Metal refuses, each rule with its code from the vendor's SDK for Go."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.model import Image
from emulator.wire import VendorError
from emulator.wires.zenlayer.bmc_records import DISKS

_SPECIAL = r"~!@$^*\-_=+"
_CLASSES = ("[a-z]", "[A-Z]", "[0-9]", f"[{_SPECIAL}]")
_LINUX = ("ext2", "ext3", "ext4")
USER_DATA = 32 * 1024


def check_reinstall(given: Mapping[str, Any], image: Image | None) -> None:
    """Raises the vendor's error for the first rule that the request breaks."""
    _check_login(given, image)
    _check_hostname(given.get("hostname"))
    _check_raid(given.get("raidConfig", {}))
    _check_nic(given.get("nic", {}))
    if "partitions" in given:
        _check_partitions(given["partitions"], image)
    if len(given.get("userData", "").encode()) > USER_DATA:
        raise VendorError("INVALID_PARAMETER_EXCEED_LENGTH", "The user data is larger than 32 KB.")


def _check_login(given: Mapping[str, Any], image: Image | None) -> None:
    if "password" in given and "keyId" in given:
        message = "Password login and SSH key login cannot be specified at the same time."
        raise VendorError("INVALID_PARAMETER_INSTANCE_LOGIN_CONFLICT", message)
    if "keyId" in given and image and image.os_type == "windows":
        raise VendorError("INVALID_PARAMETER_VALUE", "Windows does not support key pairs.")
    password = given.get("password")
    if password is not None and not (
        re.fullmatch(f"[A-Za-z0-9{_SPECIAL}]{{8,16}}", password)
        and all(re.search(each, password) for each in _CLASSES)
    ):
        raise VendorError("INVALID_PARAMETER_VALUE_PASSWORD_MALFORMED", "Invalid password.")


def _check_hostname(hostname: str | None) -> None:
    if hostname is None:
        return
    if len(hostname) > 64:
        raise VendorError("INVALID_PARAMETER_HOSTNAME_EXCEED", "The hostname exceeds the maximum length.")
    if not re.fullmatch(r"[A-Za-z0-9.-]+", hostname):
        raise VendorError("INVALID_PARAMETER_HOSTNAME_MALFORMED", "Invalid hostname format.")


def _check_raid(raid: Mapping[str, Any]) -> None:
    if "raidType" in raid and "customRaids" in raid:
        message = "Custom RAID and rapid RAID cannot be specified at the same time."
        raise VendorError("INVALID_RAID_CONFIG_FAST_CUSTOM_CONFLICT", message)
    used: list[int] = []
    for group in raid.get("customRaids", ()):
        disks = group.get("diskSequence", [])
        if disks != list(range(min(disks, default=1), min(disks, default=1) + len(disks))):
            raise VendorError(
                "INVALID_PARAMETER_VALUE_RAID_DISK_DISORDER", "Disks must be consecutive, such as [1,2,3]."
            )
        used += disks
    if len(used) != len(set(used)):
        raise VendorError("INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_DUPLICATE", "A disk is named twice.")
    if not all(1 <= disk <= DISKS for disk in used):
        raise VendorError("INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_RANGE", "There is no such disk.")


def _check_nic(nic: Mapping[str, str]) -> None:
    for name, forbidden in (("wanName", "lan"), ("lanName", "wan")):
        text = nic.get(name)
        if text is not None and (
            not re.fullmatch("[A-Za-z][A-Za-z0-9]{3,9}", text) or text.startswith(forbidden)
        ):
            raise VendorError("INVALID_PARAMETER_NIC_NAME_MALFORMED", "Invalid NIC name.")
    if nic.get("wanName", "wan0") == nic.get("lanName", "lan0"):
        raise VendorError("INVALID_PARAMETER_NIC_NAME_CONFLICT", "The NIC names cannot be the same.")


def _check_partitions(partitions: Sequence[Mapping[str, Any]], image: Image | None) -> None:
    if image is None:
        message = "Custom partitions are only supported for an operating system."
        raise VendorError("INVALID_PARTITION_IMAGE_NOT_SET", message)
    windows = image.os_type == "windows"
    _check_paths([str(partition.get("fsPath", "")) for partition in partitions], windows)
    if not all(partition.get("fsType") in (("NTFS",) if windows else _LINUX) for partition in partitions):
        raise VendorError("INVALID_PARTITION_NO_TYPE", "Invalid file type.")


def _check_paths(paths: Sequence[str], windows: bool) -> None:
    if len(paths) != len(set(paths)):
        raise VendorError("INVALID_PARTITION_DUPLICATE_FILE_PATH", "A file path is given twice.")
    if paths[:1] != (["C"] if windows else ["/"]):
        message = "The first partition must be C on Windows and / on Linux."
        raise VendorError("INVALID_PARTITION_MISSING_REQUIRED_FILE_PATH", message)
    if not all(re.fullmatch("[C-H]" if windows else "/.*", path) for path in paths):
        raise VendorError("INVALID_PARTITION_MALFORMED", "Invalid path format.")
