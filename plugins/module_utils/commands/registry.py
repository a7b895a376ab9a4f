# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The providers, listed by hand: a module is shipped with what it imports by name, so a scan would find
nothing.

Each is imported when it is first used: a module is compiled anew in every call, and needs one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..core.provider import Provider


def _zenlayer_zec() -> Provider:
    from ..providers.zenlayer_zec import PROVIDER

    return PROVIDER


def _zenlayer_bmc() -> Provider:
    from ..providers.zenlayer_bmc import PROVIDER

    return PROVIDER


def _zenlayer_vm() -> Provider:
    from ..providers.zenlayer_vm import PROVIDER

    return PROVIDER


def _tencent_ecm() -> Provider:
    from ..providers.tencent_ecm import PROVIDER

    return PROVIDER


def _tencent_lighthouse() -> Provider:
    from ..providers.tencent_lighthouse import PROVIDER

    return PROVIDER


def _tencent_cvm() -> Provider:
    from ..providers.tencent_cvm import PROVIDER

    return PROVIDER


def _tencent_cvm_v2() -> Provider:
    from ..providers.tencent_cvm_v2 import PROVIDER

    return PROVIDER


IMPORTERS: dict[str, Callable[[], Provider]] = {
    "zenlayer_zec": _zenlayer_zec,
    "zenlayer_bmc": _zenlayer_bmc,
    "zenlayer_vm": _zenlayer_vm,
    "tencent_ecm": _tencent_ecm,
    "tencent_lighthouse": _tencent_lighthouse,
    "tencent_cvm": _tencent_cvm,
    "tencent_cvm_v2": _tencent_cvm_v2,
}


class Registry(Mapping[str, Provider]):
    """Providers by their names, in order; looking at a name imports nothing."""

    def __init__(self, importers: Mapping[str, Callable[[], Provider]]) -> None:
        self._importers = importers

    def __getitem__(self, name: str) -> Provider:
        return self._importers[name]()

    def __contains__(self, name: object) -> bool:
        return name in self._importers

    def __iter__(self) -> Iterator[str]:
        return iter(self._importers)

    def __len__(self) -> int:
        return len(self._importers)


PROVIDERS: Mapping[str, Provider] = Registry(IMPORTERS)


def providers_where(test: Callable[[Provider], bool]) -> str:
    """The names of the providers that pass a test, for a message."""
    return ", ".join(name for name, provider in PROVIDERS.items() if test(provider)) or "none"


def providers_with(option: str) -> str:
    """The names of the providers that support an option, for a message."""
    return providers_where(lambda provider: option in provider.options)
