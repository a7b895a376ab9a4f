# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who is told what happens in a call: the ledger, and whoever follows its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..core.model import RequestState, Verb
from ..core.reason import Reason
from ..decide.work_item import WorkItem

if TYPE_CHECKING:
    from ..decide.attempt import Attempt


class Overtaking(NamedTuple):
    """Another run was faster: its request, asked for at ``asked_at`` (since 1970), which is done
    already, or contradicts.
    """

    attempt: Attempt | None = None
    asked_at: float = 0.0
    done: Reason | None = None
    conflict: str = ""


class Listener:
    """Is told what happens, before and after it does.

    This one does nothing with it. Methods may raise CloudError.
    """

    def planned(self, item: WorkItem) -> None:
        """The first verdict is there."""

    def sending(self, verb: Verb, items: Sequence[WorkItem]) -> Mapping[str, Overtaking]:
        """A write is about to be sent. Returns only when that is noted for good, if it is to be noted.

        Returns what must not be sent, by the instance's id.
        """
        return {}

    def answered(self, verb: Verb, item: WorkItem) -> None:
        """The write was accepted, turned down or lost: ``item.attempt`` and ``item.error`` say which."""

    def seen(self, item: WorkItem) -> None:
        """The instance shows another state than at the last look."""

    def end_by_others(self, item: WorkItem, verb: Verb) -> RequestState | None:
        """How the request under way has ended, where another run has seen that; None where none has."""
        return None

    def closed(self, item: WorkItem, verb: Verb, state: RequestState) -> None:
        """A request of another run, or an earlier call, has come to an end, and what was asked for is decided
        anew.
        """

    def ended(self, item: WorkItem) -> None:
        """The outcome is known."""

    def flush(self) -> None:
        """What was told up to now is to last: the call goes on to send or to wait."""

    def finish(self) -> None:
        """The call is over. Raises nothing."""
