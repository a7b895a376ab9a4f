# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Account and place: the options of every module that calls a provider."""

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
        "Required by providers with a regional API. With a global API, instances of other regions count as "
        "not found.",
        example="ap-guangzhou",
    ),
    "endpoint": text(
        "Base URL that replaces all hosts of the provider, C(scheme://host[:port][/prefix]). The path of the "
        "API is appended.",
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
        "For Zenlayer, a bearer token, which replaces the access key and its secret. For Tencent, the token "
        "of a temporary key.",
        example="{{ vault_token }}",
    ),
    "profile": text(
        "A named profile from the configuration files of the vendor's command line.",
        "A profile named here takes precedence over the environment; the default profile does not.",
        example="production",
    ),
    "validate_certs": switch("Whether to verify the certificate of the API.", default=True, example=False),
    "ca_path": path(
        "File or folder with CA certificates to trust instead of the default ones.",
        example="/etc/ssl/proxy-ca.pem",
    ),
    "request_timeout": number(
        "Timeout in seconds, for the connection and again for the answer.", default=60, example=30
    ),
    "rate_share": number(
        "Number of concurrent callers that share the account's documented request rates; each uses its "
        "share of them. For job slices or several machines without a ledger in PostgreSQL.",
        "A ledger in PostgreSQL counts the requests of all callers, so this has no effect while the database "
        "is reachable.",
        default=1,
        example=4,
    ),
}
