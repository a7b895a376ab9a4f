# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a record means at a moment: pure functions over an instance, its operation and the time."""

from __future__ import annotations

from dataclasses import replace

from emulator.model import NOTHING, Instance, Operation


def resolve(record: Instance, moment: float, shown: bool = False) -> Instance:
    """What a record means at a moment (vendor seconds): its status then, with the effects of its
    operation.
    """
    operation = record.operation
    if operation is None:
        return record
    if shown and moment < operation.visible_at:
        return replace(record, operation=record.previous)
    over = moment >= operation.ends
    changes = dict(operation.changes) if moment >= operation.acts_at else {}
    if over and operation.succeeds:
        changes.update(operation.results)
    return replace(record, status=operation.after if over else operation.during, **changes)


def spent(operation: Operation | None, moment: float) -> Operation | None:
    """The operation without the effects that it already had: they must not undo what is written after it."""
    if operation is None:
        return None
    return replace(
        operation,
        changes=NOTHING if moment >= operation.acts_at else operation.changes,
        results=NOTHING if moment >= operation.ends else operation.results,
    )
