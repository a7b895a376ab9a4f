# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The homes of the ledger: a file, or a PostgreSQL database. What its lines mean is no matter of theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from ...api.database_address import is_database
from ...core.errors import CloudError, InputError
from .lines import Answer, Fold, Line
from .place import Place


class Store(Protocol):
    """The lines of one scope about some instances. Thread-safe. All methods raise CloudError."""

    name: str  # for messages: where the ledger is, without a secret

    def check(self) -> None:
        """Raise InputError unless the ledger can be read and written. Creates nothing."""

    def unread(self) -> list[Line]:
        """What others have added since this object last read, in order."""

    def append(self, answer: Answer) -> None:
        """Add the lines that ``answer`` returns for the unread ones; stored for good when this returns.

        Nobody else adds lines in between, in whatever process. Where the first answer could not be stored,
        ``answer`` may be called again, with what has been added since.
        """

    def rehearse(self, lines: Sequence[Line]) -> None:
        """Raise InputError unless these lines could be added now. Adds nothing."""

    def read_all(self, instance_ids: Collection[str] = ()) -> list[Line]:
        """All lines of all scopes, or those about some instances, in order. What is unread stays so."""

    def close(self) -> None:
        """The call is over: compact the ledger where that pays, and let go of connections. Raises nothing."""


def open_store(place: Place, scope: str, instance_ids: Collection[str], fold: Fold | None = None) -> Store:
    """The store at a place, checked. Raises InputError when it cannot be used. Creates nothing.

    ``fold`` makes one line of a closed request; without it nothing is compacted.
    """
    location = place.location
    if not is_database(location) and "://" in location:
        kind = location.partition("://")[0]
        raise InputError(
            f"ledger: {kind}:// is not supported: give a path, or postgresql://user@host/database"
        )
    store: Store
    if is_database(location):  # each home is compiled by those who live there
        from .postgres_store import PostgresStore

        store = PostgresStore(location, scope, instance_ids)
    else:
        from .file_store import FileStore

        store = FileStore(location, scope, instance_ids, fold, in_own_folder=not place.required)
    try:
        store.check()
    except CloudError:
        store.close()
        raise
    return store


def open_or_warn(
    place: Place | None,
    scope: str,
    instance_ids: Collection[str],
    warn: Callable[[str], None],
    fold: Fold | None = None,
) -> Store | None:
    """The store at a place, if there is one. A default place that cannot be used is a warning."""
    if place is None:
        return None
    try:
        return open_store(place, scope, instance_ids, fold)
    except CloudError as error:
        if place.required:
            raise
        warn(f"{error}. Nothing is recorded: the next run will not know of this one if it is killed.")
        return None
