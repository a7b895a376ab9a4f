# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fields of the vendor's own reach the vendor, are a part of the plan, and replace nothing."""

from __future__ import annotations

from typing import Any

PROVIDER = "tencent_cvm"
TOOLS = {"EnhancedService": {"AutomationService": {"Enabled": True}}}


def fleet() -> dict[str, Any]:
    """A CVM without guest tools, and an image of the account, which brings none."""
    return {
        "accounts": [{"name": "main", "provider": PROVIDER, "access_key": "AK", "secret_key": "SK"}],
        "zones": [{"id": "ap-guangzhou-3", "provider": PROVIDER, "region": "ap-guangzhou"}],
        "images": [
            {"id": "img-old00000", "provider": PROVIDER},
            {"id": "img-own00000", "provider": PROVIDER, "kind": "custom"},
        ],
        "instances": [
            {
                "id": "ins-one00000",
                "provider": PROVIDER,
                "zone": "ap-guangzhou-3",
                "image_id": "img-old00000",
                "agent": False,
            }
        ],
    }


def test_a_field_of_the_vendors_own_is_planned_sent_and_has_its_effect(cloud: Any, call: Any) -> None:
    cloud.emulator.seed(fleet())

    def reset(extra: Any) -> Any:
        return call(
            "instance_reset",
            provider=PROVIDER,
            region="ap-guangzhou",
            instance_ids=["ins-one00000"],
            image_id="img-own00000",
            password="Aa1~aaaaaaaa",
            monitoring_agent=False,
            provider_options=extra,
        )

    checked = cloud.run_all({"with": reset(TOOLS), "without": reset(None)}, "--check")
    assert checked["with"]["plan_id"] != checked["without"]["plan_id"]
    refused = cloud.run(reset({"LoginSettings": {"KeepImageLogin": "TRUE"}}))
    assert "set by the option keep_image_login" in refused["msg"] and cloud.writes() == []
    assert cloud.run(reset(TOOLS))["plan_id"] == checked["with"]["plan_id"]
    assert cloud.emulator.instance("ins-one00000")["agent"] is True
