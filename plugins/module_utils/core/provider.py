# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the core knows of a provider: values, and three kinds of function (wire, shape, rules as data).

A provider is one ``Provider`` value in one file of ``providers/``. Nothing outside of that file names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .credential_sources import CredentialSources
from .disks import all_disks
from .errors import ApiError, Kind
from .extra_fields import merge
from .message import Reply, Request
from .model import Image, Instance, Status, Verb
from .rules import PasswordChange, ResetOptions, Rules

Fields = Mapping[str, Any]


def id_list(name: str, ids: Sequence[str]) -> Fields:
    """The common way to give ids: a list under one name."""
    return {name: list(ids)}


def one_id(name: str, ids: Sequence[str]) -> Fields:
    """One id as a plain value, for the actions that take just one."""
    (only,) = ids
    return {name: only}


class Action(NamedTuple):
    """One API action as data.

    ``id_field`` and ``encode_ids`` say how ids are passed, ``at_once`` how many in one request,
    ``per_second`` the documented request rate (0: none is documented). ``rows`` and ``page`` belong to reads:
    the field that holds the records (each with its id under ``row_id``), and the largest page (0: the answer
    is not paged). ``service`` is for an action that lies elsewhere than the rest. ``states`` are the states
    from which a write is accepted. ``older_id`` is the field of an older id that records have besides and
    that is accepted as well, ``older_id_pattern`` what such an id looks like. ``list_all_code`` is the error
    code that means: list all, by no id.
    """

    name: str
    id_field: str = ""
    encode_ids: Callable[[str, Sequence[str]], Fields] = id_list
    at_once: int = 100
    per_second: float = 0
    writes: bool = False
    rows: str = ""
    row_id: str = ""
    page: int = 0
    service: str = ""
    older_id: str = ""
    older_id_pattern: str = ""
    list_all_code: str = ""
    states: frozenset[Status] = frozenset()


class Answer(NamedTuple):
    """What came back for an action that worked.

    ``failed_ids`` are ids that were refused in a reply of success, ``refusals`` why, as far as it says.
    """

    fields: Fields
    request_id: str = ""
    failed_ids: tuple[str, ...] = ()
    refusals: Mapping[str, ApiError] = {}


@dataclass(frozen=True)
class Secrets:
    """What requests are signed with. The representation shows none of it."""

    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


class Account(NamedTuple):
    """Whose instances, where: the credentials, the region and the base URL (empty: the provider's own)."""

    secrets: Secrets
    region: str = ""
    endpoint: str = ""


class Api(NamedTuple):
    """The wire of a provider: how a call becomes a signed request, and a reply an answer or an ApiError.

    ``page`` gives the fields that ask for ``size`` records from ``offset`` on; ``total`` names the count in
    the reply.
    """

    host: str
    version: str
    build: Callable[[Account, Action, Fields], Request]
    sign: Callable[[Request, Secrets, int], Request]
    unwrap: Callable[[Action, Reply], Answer]
    page: Callable[[int, int], Fields]
    total: str


# The state that an instance shows while the verb is under way, at a provider that has one for each.
UNDER_WAY: Mapping[Verb, Status] = {
    Verb.RESET: Status.RESETTING,
    Verb.REBOOT: Status.REBOOTING,
    Verb.START: Status.STARTING,
    Verb.STOP: Status.STOPPING,
    Verb.PASSWORD: Status.SETTING_PASSWORD,
}


class Proof(NamedTuple):
    """How success shows, beyond the instance's state.

    ``by_operation``: the record names the last operation. ``by_request_id``: and the request that began it.
    ``ends_running``: a reset starts from a stopped instance and leaves it running, so running is a
    transition. ``records_start``: the record says when the last operation began. ``under_way``: the states
    that operations show; of a verb that is not there nothing shows, and the answer is the proof.
    """

    by_operation: bool = False
    by_request_id: bool = False
    ends_running: bool = False
    records_start: bool = False
    under_way: Mapping[Verb, Status] = UNDER_WAY

    @property
    def sentence(self) -> str:
        """The proof in words, for the documentation."""
        if self.by_request_id:
            return "the record shows our request id with SUCCESS"
        if self.by_operation:
            return "the record was seen OPERATING, or changed, and shows SUCCESS"
        return "a transition that was seen" + (", from stopped to running" if self.ends_running else "")


class Provider(NamedTuple):
    """One provider, whole. The optional actions are None where the vendor has no such thing."""

    name: str
    title: str
    api: Api
    credentials: CredentialSources
    regional: bool
    tags: bool  # whether its records have tags
    rules: Rules
    proof: Proof
    options: frozenset[str]  # of the reset options that not every provider has, those that it supports
    instances: Action
    images: Action
    writes: Mapping[Verb, Action]
    modes: Mapping[Verb, Mapping[str, Fields]]  # soft, hard, soft_then_hard -> the fields that ask for it
    to_instance: Callable[[Fields, str], Instance]  # (record, region)
    to_image: Callable[[Fields], Image]
    # Which images an instance can see: further fields of the query; None where its record does not tell.
    image_scope: Callable[[Instance], Fields | None]
    reset_fields: Callable[[ResetOptions, Instance, Image | None], Fields]
    errors: Mapping[str, Kind]
    # Where images are listed for an instance: what it has in common with others that see the same ones.
    images_alike: Callable[[Instance], Any] | None = None
    keys: Action | None = None
    password_change: PasswordChange | None = None
    key_id: Callable[[Fields], str] = lambda record: record["keyId"]
    image_catalogue: Action | None = None  # lists all images, where ``images`` lists those of one instance
    # What to ask for in a region, one after the other, to see images of all kinds.
    image_queries: Callable[[str], Sequence[Fields]] = lambda region: ({},)
    image_for: Callable[[Image, Instance], Image] = lambda image, instance: image  # as this instance sees it
    timezones: Action | None = None
    zones: Action | None = None  # where images are listed by zone: the zones
    zone_region: Callable[[Fields], str | None] = lambda record: None  # the region of a record of a zone
    denials: Action | None = None
    to_denials: Callable[[Fields], Mapping[Verb, tuple[str, str]]] | None = None
    advice: Mapping[str, str] = {}  # error code -> what to do
    # The fields of a reset that we set, by their path, with the option for each.
    field_options: Mapping[str, str] = {}
    # The other fields of a reset that the vendor documents, with an example of each: for provider_options.
    extra_fields: Mapping[str, Any] = {}
    # Those that install from elsewhere in place of an image, with an example of each; the record shows it.
    in_place_of_image: Mapping[str, str] = {}
    # Those with which a reset may erase all disks, and how the disks are called.
    erasing_fields: frozenset[str] = frozenset()
    all_disks: Callable[[Instance], Sequence[str]] = all_disks
    kept_fields: frozenset[str] = frozenset()  # that these functions look at in an instance's record
    sources: tuple[str, ...] = ()

    def installs(self, options: ResetOptions) -> str:
        """What the record shows once it is installed: an image, or what stands in its place; empty for the
        current image.
        """
        own = options.provider_options or {}
        instead = next((str(own[name]) for name in self.in_place_of_image if own.get(name)), "")
        return options.image_id or instead

    def erases_all(self, own: Mapping[str, Any] | None, keep_data_disks: bool | None) -> bool:
        """Whether a reset with these fields of the vendor's own, and this option, erases more than the system
        disk.
        """
        return keep_data_disks is False or bool(self.erasing_fields.intersection(own or {}))

    def reset_body(self, options: ResetOptions, instance: Instance, image: Image | None) -> Fields:
        """Everything that a reset sends besides the ids."""
        return merge(self.reset_fields(options, instance, image), options.provider_options or {})
