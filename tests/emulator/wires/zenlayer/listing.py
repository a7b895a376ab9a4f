# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Paging and filters, as all Zenlayer services have them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def page(rows: list[dict[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """One page; 20 rows unless told otherwise, pages counted from 1, totalCount over all pages."""
    size = given.get("pageSize", 20)
    start = (given.get("pageNum", 1) - 1) * size
    return {"totalCount": len(rows), "dataSet": rows[start : start + size]}


def is_in(given: Mapping[str, Any], name: str, value: str) -> bool:
    """No list and an empty list both mean all."""
    return not given.get(name) or value in given[name]


def contains(given: Mapping[str, Any], name: str, value: str) -> bool:
    """A fuzzy filter: part of the name; whether upper and lower case differ is not documented, here they do
    not.
    """
    return given.get(name, "").lower() in value.lower()


def has_tags(tags: Mapping[str, str], given: Mapping[str, Any]) -> bool:
    """Any of the tag keys, and any of the tags (how several combine is not documented)."""
    keys, pairs = given.get("tagKeys"), given.get("tags")
    return (not keys or any(key in tags for key in keys)) and (
        not pairs
        or any(
            pair["key"] in tags and pair.get("value", tags[pair["key"]]) == tags[pair["key"]]
            for pair in pairs
        )
    )


def shares(wanted: Collection[str] | None, values: Collection[str]) -> bool:
    """No list and an empty list both mean all; otherwise one of the values must be in it."""
    return not wanted or not set(wanted).isdisjoint(values)


def is_named(wanted: str | None, name: str) -> bool:
    """The very name, or what begins with the text before the asterisk where it ends with one."""
    if wanted is None:
        return True
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted
