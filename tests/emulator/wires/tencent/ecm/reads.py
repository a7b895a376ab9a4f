# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The reads of ECM: DescribeInstances, DescribeImage, DescribeInstancesDeniedActions.

After the descriptions of these actions (cloud.tencent.com/document/product/1108,
tencentcloud.com/document/product/1119) and the data of the vendor's own command line (tccli).
DescribeInstances takes no ids, only filters of five values each. An unknown id is left out of an answer, no
error.

Not documented, and chosen here: images are the same in all zones unless the fleet limits one, and are
filtered by no zone; an unknown filter is InvalidParameterValue.InvalidFilter; DescribeInstancesDeniedActions
lists the instances that something is denied on, and its list is left out when there is none (as in the
vendor's example), and what is denied is what the fleet says, not what the state of the instance forbids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.model import Image, Instance
from emulator.wire import Context
from emulator.wires.tencent import acting
from emulator.wires.tencent.ecm import records
from emulator.wires.tencent.fields import Action, Field
from emulator.wires.tencent.listing import Filters, filters_field, page, page_fields

# "At most 100 instances of one region in a request" (RebootInstances and its siblings); ResetInstances has a
# code for a value that is too large, and no number: it gets the same one.
IDS = Field(
    "texts",
    required=True,
    maximum=100,
    pattern=r"ein-[0-9a-z]{8}",
    empty="MissingParameter.MissingInstancesParameter",
    excess="InvalidParameterValue.ParameterValueTooLarge",
    repeated="InvalidParameterValue.Duplicate",
    malformed="InvalidParameterValue.InvalidInstanceID",
)
_PAGE = page_fields("InvalidParameterValue.InvaildPageParam", "InvalidParameterValue.InvaildPageParam")
_TOO_MANY = "InvalidParameterValue.FilterLimitExceeded"
_UNKNOWN = "InvalidParameterValue.InvalidFilter"


def _describe_instances(context: Context) -> Mapping[str, Any]:
    """The newest first, unless OrderDirection is 1. No instance at all is a list that is null."""
    given, images = context.call.parameters, acting.images(context)
    found = _instance_filters(context, images).select(acting.shown(context), given.get("Filters", []))
    if given.get("OrderDirection", 0) == 1:
        found.sort(key=lambda instance: instance.created)
    rows = [records.instance(each, images.get(each.image_id), context) for each in page(found, given)]
    return {"TotalCount": len(found), "InstanceSet": rows or None}


def _instance_filters(context: Context, images: Mapping[str, Image]) -> Filters:
    def row(instance: Instance) -> dict[str, Any]:
        return records.instance(instance, images.get(instance.image_id), context)

    return Filters(
        exact={
            "zone": lambda instance: [instance.zone],
            "instance-id": lambda instance: [instance.id],
            "instance-uuid": lambda instance: [row(instance)["UUID"]],
            "instance-state": lambda instance: [row(instance)["InstanceState"]],
            "instance-family": lambda instance: [
                row(instance)["InstanceTypeConfig"]["InstanceFamilyConfig"]["InstanceFamily"]
            ],
            "ip-address": lambda instance: [*instance.public_ips, *instance.private_ips],
            "image-id": lambda instance: [instance.image_id],
            "module-id": lambda instance: [row(instance)["SimpleModule"]["ModuleId"]],
            "internet-service-provider": lambda instance: [row(instance)["ISP"]],
            "vpc-id": lambda instance: [row(instance)["VirtualPrivateCloud"]["VpcId"]],
            "subnet-id": lambda instance: [row(instance)["VirtualPrivateCloud"]["SubnetId"]],
        },
        fuzzy={
            "zone-name": lambda instance: [row(instance)["Position"]["ZoneInfo"]["ZoneName"]],
            "instance-name": lambda instance: [instance.name],
            "module-name": lambda instance: [row(instance)["SimpleModule"]["ModuleName"]],
        },
        tags=lambda instance: instance.tags,
        unknown=_UNKNOWN,
        too_many=_TOO_MANY,
    )


_IMAGE_FILTERS = Filters(
    exact={
        "image-id": lambda image: [image.id],
        "image-type": lambda image: [records.image(image)["ImageType"]],
        "instance-type": lambda image: ["S3.SMALL"],
    },
    fuzzy={
        "image-name": lambda image: [image.name],
        "image-os": lambda image: [records.image(image)["ImageOsName"]],
    },
    unknown=_UNKNOWN,
    too_many=_TOO_MANY,
)


def _describe_image(context: Context) -> Mapping[str, Any]:
    given = context.call.parameters
    found = _IMAGE_FILTERS.select(context.fleet.images(context.call.account), given.get("Filters", []))
    return {
        "TotalCount": len(found),
        "ImageSet": [records.image(image) for image in page(found, given)] or None,
    }


def _describe_denied_actions(context: Context) -> Mapping[str, Any]:
    rows = [
        {
            "InstanceId": instance.id,
            "DeniedActions": [
                {"Action": each.action, "Code": each.code, "Message": each.message}
                for each in instance.denied
            ],
        }
        for instance in acting.shown(context)
        if instance.id in context.call.ids and instance.denied
    ]
    return {"InstanceOperatorSet": rows} if rows else {}


ACTIONS = (
    Action(
        "DescribeInstances",
        {
            "Filters": filters_field(None, _TOO_MANY),
            **_PAGE,
            "OrderByField": Field(
                choices=("timestamp",), malformed="InvalidParameterValue.InvalidOrderByField"
            ),
            "OrderDirection": Field("number", minimum=0, maximum=1),
        },
        _describe_instances,
        regional=False,
    ),
    Action(
        "DescribeImage", {"Filters": filters_field(10, _TOO_MANY), **_PAGE}, _describe_image, regional=False
    ),
    Action(
        "DescribeInstancesDeniedActions", {"InstanceIdSet": IDS}, _describe_denied_actions, regional=False
    ),
)
