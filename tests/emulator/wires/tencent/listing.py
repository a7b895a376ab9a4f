# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters and pages of the Describe actions of API 3.0.

After the data type Filter (cloud.tencent.com/document/api/213/15753): several filters are joined by AND, the
values of one by OR. Which filters there are, how many values, and the codes for what is wrong differ from
action to action.

Not documented, and chosen here: a filter with an empty list of values matches nothing; fuzzy filters look for
a part of the text without regard to case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from emulator.wires.tencent.fields import Field, refusal

_Item = TypeVar("_Item")
Named = TypeVar("Named", bound="HasId")
Values = Callable[[Any], Iterable[str]]


class HasId(Protocol):
    """A record with an id: an image, a key pair."""

    @property
    def id(self) -> str:
        """The vendor's id of it."""


@dataclass(frozen=True)
class Filters:
    """The filters of one action, by name: the texts of an item that they compare with.

    ``values`` is the largest number of values in one filter and ``too_many`` the code for more; ``unknown``
    is the code for another name. ``fuzzy`` filters look for a part, ``compared`` ones have a test of their
    own for an item and a value. ``tags`` adds tag-key, tag-value and tag:<key>.
    """

    exact: Mapping[str, Values]
    unknown: str
    too_many: str
    values: int = 5
    fuzzy: Mapping[str, Values] = field(default_factory=dict)
    compared: Mapping[str, Callable[[Any, str], bool]] = field(default_factory=dict)
    tags: Callable[[Any], Mapping[str, str]] | None = None

    def select(self, items: Iterable[_Item], given: Iterable[Mapping[str, Any]]) -> list[_Item]:
        """The items that pass all given filters."""
        tests = [self._test(each["Name"], each["Values"]) for each in given]
        return [item for item in items if all(test(item) for test in tests)]

    def _test(self, name: str, wanted: list[str]) -> Callable[[Any], bool]:
        if len(wanted) > self.values:
            raise refusal(self.too_many, f"The filter {name} has more than {self.values} values.")
        if name in self.fuzzy:
            parts, texts = [part.lower() for part in wanted], self.fuzzy[name]
            return lambda item: any(part in text.lower() for part in parts for text in texts(item))
        if name in self.compared:
            test = self.compared[name]
            return lambda item: any(test(item, value) for value in wanted)
        values = self.exact.get(name) or self._tag(name)
        if values is None:
            raise refusal(self.unknown, f"There is no filter {name}.")
        return lambda item: not set(wanted).isdisjoint(values(item))

    def _tag(self, name: str) -> Values | None:
        tags = self.tags
        if tags is None:
            return None
        if name in ("tag-key", "tag-value"):
            return lambda item: tags(item) if name == "tag-key" else tags(item).values()
        prefix, colon, key = name.partition(":")
        return (
            (lambda item: [tags(item)[key]] if key in tags(item) else [])
            if prefix == "tag" and colon
            else None
        )


def filters_field(most: int | None, excess: str) -> Field:
    """The request field Filters, with at most so many of them."""
    return Field(
        "objects",
        maximum=most,
        excess=excess,
        fields={"Name": Field(required=True), "Values": Field("texts", required=True, minimum=0)},
    )


def page_fields(limit: str, offset: str) -> dict[str, Field]:
    """The request fields Offset and Limit (1 to 100), with the codes for a bad one."""
    return {
        "Offset": Field("number", minimum=0, lack=offset),
        "Limit": Field("number", minimum=1, maximum=100, lack=limit, excess=limit),
    }


def page(items: list[_Item], given: Mapping[str, Any]) -> list[_Item]:
    """One page: 20 items from the first on, unless told otherwise."""
    start = given.get("Offset", 0)
    return items[start : start + given.get("Limit", 20)]


def forbid_both(given: Mapping[str, Any], ids: str, code: str) -> None:
    """Ids and filters cannot be given together; empty lists count as absent."""
    if given.get(ids) and given.get("Filters"):
        raise refusal(code, f"{ids} and Filters cannot be specified at the same time.")
