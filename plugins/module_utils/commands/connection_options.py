# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whose account, where: the options of every module that calls a provider."""

from __future__ import annotations

from collections.abc import Mapping

from .option_types import Option, choice, number, path, secret, switch, text
from .registry import PROVIDERS

CONNECTION: Mapping[str, Option] = {
    "provider": choice(
        list(PROVIDERS), "The provider whose API is called.", required=True, example="zenlayer_zec"
    ),
    "region": text(
        "Region of the instances.",
        "Required by providers whose API is regional. With a global API, instances of other regions count as "
        "not found.",
        example="ap-guangzhou",
    ),
    "endpoint": text(
        "Base URL to use instead of the provider's own, C(scheme://host[:port][/prefix]). The path of the "
        "API is appended, and all hosts of the provider are replaced by it.",
        "Plain C(http) is accepted for loopback addresses only.",
        example="https://cloud-api.example.com/proxy",
    ),
    "access_key": text(
        "Id of the access key.", aliases=["secret_id", "access_key_id"], example="AKIDEXAMPLE"
    ),
    "secret_key": secret(
        "Secret of the access key.",
        aliases=["access_key_password", "access_key_secret"],
        example="{{ vault_secret_key }}",
    ),
    "token": secret(
        "On Zenlayer, a bearer token, which replaces the key pair. On Tencent, the token of a temporary key.",
        example="{{ vault_token }}",
    ),
    "profile": text(
        "A named profile in the files of the vendor's own command line.",
        "A profile named here beats the environment; the default profile does not.",
        example="production",
    ),
    "validate_certs": switch("Whether the certificate of the API is verified.", default=True, example=False),
    "ca_path": path(
        "File or folder of CA certificates to trust instead of the usual ones.",
        example="/etc/ssl/proxy-ca.pem",
    ),
    "request_timeout": number(
        "Seconds to wait for a connection, and again for the answer.", default=60, example=30
    ),
    "rate_share": number(
        "How many callers share the request rates that the provider documents for the account: each keeps to "
        "one part in so many. For slices of a job, or several machines, without a ledger in PostgreSQL.",
        "With a ledger in PostgreSQL the database counts the requests of all callers, and this has no effect "
        "while it can be reached.",
        default=1,
        example=4,
    ),
}
