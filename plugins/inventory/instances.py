# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: instances
short_description: Cloud instances of many accounts, providers and regions as hosts
version_added: 1.0.0
description:
  - Reads the instances of all sources in the file, in parallel and within each provider's rate, and adds
    each as a host.
  - The file must be named C(reforge.yml) or C(*.reforge.yml); C(.yaml) works, too.
  - Option values may be templates, with lookups and extra vars, and may be encrypted with ansible-vault.
    Values from a provider are never evaluated as templates.
author:
  - reforge.cloud contributors (@reforge-cloud)
requirements:
  - requests, in the Python that runs Ansible
extends_documentation_fragment:
  - reforge.cloud.options.inventory
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: Marks the file as one for this plugin.
    type: str
    required: true
    choices:
      - reforge.cloud.instances
notes:
  - Each host has C(instance_id), C(instance_name), C(instance_provider), C(instance_region),
    C(instance_zone), C(instance_status), C(instance_vendor_status), C(instance_image_id),
    C(instance_image_name), C(instance_os_type), C(instance_public_ips), C(instance_private_ips),
    C(instance_tags), C(instance_key_ids), C(instance_created_at), C(instance_cpu), C(instance_memory) and
    disk sizes (GiB), C(instance_system_disk), C(instance_data_disks), C(instance_restriction),
    C(instance_reset_barred) and C(instance_source). Values that the provider does not return are V(null).
    M(reforge.cloud.instance_info) explains them.
  - If the source sets them, there are also C(instance_endpoint) and C(instance_profile). Credentials never
    become variables. C(instance_source_has_keys) is true for a source with its own credentials, which the
    roles do not get; use a profile for such a source.
  - Ansible itself continues without the hosts of a failed file. Set C(any_unparsed_is_failed=true) in the
    section C([inventory]) of C(ansible.cfg) to make it stop.
  - The cache holds the instances before O(sources[].filters) are applied, so changing filters needs no new
    request.
seealso:
  - module: reforge.cloud.instance_info
"""

EXAMPLES = r"""
# A file such as fleet.reforge.yml. The smallest one is plugin and provider alone: one account, whose key is
# in the environment. The top level is the default of every source.
plugin: reforge.cloud.instances
provider: zenlayer_zec
request_timeout: 30

# Several accounts, the first of them in two regions only.
sources:
  - name: production
    profile: production
    regions:
      - asia-east-1
      - europe-central-1
    filters:
      status:
        - running
        - stopped
  - name: laboratory
    access_key: "{{ lookup('ansible.builtin.env', 'LAB_KEY_ID') }}"
    secret_key: "{{ lookup('ansible.builtin.env', 'LAB_KEY_SECRET') }}"
    filters:
      tags:
        owner: me

# A source that cannot be read is skipped with a warning.
on_error: skip

# Names, addresses and groups.
hostnames:
  - tag:hostname
  - name
ansible_host_from: private_ip
compose:
  ansible_user: "'Administrator' if instance_os_type == 'windows' else 'root'"
groups:
  web: instance_tags.role | default('') == 'web'
  old_image: instance_image_id != 'img-wanted'
keyed_groups:
  - key: instance_provider
    separator: ''
  - key: instance_region
    prefix: region
  - key: instance_zone
    prefix: zone
  - key: instance_status
    prefix: status
  - key: instance_image_id
    prefix: image
  - key: instance_tags
    prefix: tag

# A cache makes the next play begin at once.
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/reforge
cache_timeout: 600
"""

import os
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleParserError
from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable, to_safe_group_name

from ..module_utils.api.client import UNSHAPED
from ..module_utils.api.transport import REQUESTS_ERROR
from ..module_utils.core.errors import InputError
from ..plugin_utils.inventory.fetch import (
    Listed,
    Share,
    digest,
    doubt_of,
    fetch_all,
    instances_of,
    opener,
    plan_fetches,
    plan_shares,
    problem_of,
    to_fetched,
    to_text,
)
from ..plugin_utils.inventory.guard import fill
from ..plugin_utils.inventory.hosts import (
    Host,
    choose,
    each_once,
    name_hosts,
    variables,
)
from ..plugin_utils.inventory.options import INVENTORY
from ..plugin_utils.inventory.settings import Settings, read_settings
from ..plugin_utils.inventory.values import evaluated
from ..plugin_utils.text.templates import share_compiled

FOR_EACH_HOST = ("compose", "groups", "keyed_groups")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """From the file to hosts: options, what to read, cache or fetch, names, variables, groups."""

    NAME = "reforge.cloud.instances"
    _settings: Settings
    inventory: Any

    def verify_file(self, path: str) -> bool:
        """Whether the file is called as ours are."""
        name = f".{os.path.basename(path)}"
        return super().verify_file(path) and name.endswith((".reforge.yml", ".reforge.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Add the hosts.

        Raises AnsibleParserError, before any is added, when a source cannot be read whole.
        """
        super().parse(inventory, loader, path, cache)
        if REQUESTS_ERROR:
            raise AnsibleParserError(missing_required_lib("requests"))
        self._read_config_data(path)
        shares = plan_shares(self._settings.sources, os.environ, os.path.expanduser("~"))
        listed = self._listed(path, cache, shares)
        usable = self._usable(shares, listed)
        hosts, warnings = self._hosts(usable, listed)
        doubts = [f"{share.title}: {doubt_of(share, listed)}" for share in usable if doubt_of(share, listed)]
        for warning in (*doubts, *warnings):
            self.display.warning(warning)
        fill(self, hosts, self._populate)

    def _usable(self, shares: Sequence[Share], listed: Mapping[Any, Listed]) -> Sequence[Share]:
        """The shares that were read whole; for the others a warning, or AnsibleParserError."""
        problems = [problem_of(share, listed) for share in shares]
        failures = [f"{share.title}: {problem}" for share, problem in zip(shares, problems) if problem]
        if failures and self._settings.on_error == "fail":
            raise AnsibleParserError("; ".join(failure.rstrip(".") for failure in failures))
        for failure in failures:
            self.display.warning(f"Skipped {failure}")
        return [share for share, problem in zip(shares, problems) if not problem]

    def _hosts(
        self, shares: Sequence[Share], listed: Mapping[Any, Listed]
    ) -> tuple[Sequence[Host], Sequence[str]]:
        """The hosts that were asked for, each instance once and under a name of its own, with warnings."""
        pairs = [
            (share, instance)
            for share in shares
            for instance in choose(share, instances_of(share, listed), self._settings.include_gone)
        ]
        groups = frozenset(map(to_safe_group_name, self.get_option("groups") or {}))
        return name_hosts(each_once(pairs), self._settings.hostnames, partial(self._is_taken, groups))

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        """Evaluate and check our own options here: ansible-core looks at types before templates have their
        values, says nothing of unknown options, and does not look into lists.
        """
        if direct is not None:
            direct = self._read_own(direct, var_options)
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)

    def _read_own(self, direct: Mapping[str, Any], variables: Any) -> dict[str, Any]:
        """Take our own options, and return those that are for ansible-core. Raises AnsibleParserError."""
        definitions = C.config.get_configuration_definitions(plugin_type="inventory", name=self._load_name)
        others = [name for name in definitions if name not in INVENTORY]
        self.templar.available_variables = variables or {}
        try:
            values = {name: self._evaluated_once(name, value) for name, value in direct.items()}
            own = {name: value for name, value in values.items() if name not in others}
            self._settings = read_settings(own, others)
        except InputError as error:
            raise AnsibleParserError(str(error)) from None
        return {name: value for name, value in values.items() if name in others}

    def _evaluated_once(self, name: str, value: Any) -> Any:
        """An option in plain types, except for those whose templates are meant for each host."""
        return value if name in FOR_EACH_HOST else evaluated(value, name, self.templar.template)

    def _listed(self, path: str, cache: bool, shares: Sequence[Share]) -> dict[Any, Listed]:
        """What is to be read, by its place: from the cache where that has it, else from the providers."""
        fetches, raw = plan_fetches(shares), self._settings.include_raw
        places = [fetch.place for fetch in fetches]
        key = f"{self.get_cache_key(path)}_{digest(fetches, raw)}"
        caching = self.get_option("cache")
        if caching and cache:
            cached = self._cached(key, len(fetches))
            if cached is not None:
                return dict(zip(places, cached))
        fetched = fetch_all(fetches, opener(), raw)
        if caching and not any(listed.problem or listed.unknown for listed in fetched):
            self._cache[key] = to_text(fetched)
        return dict(zip(places, fetched))

    def _cached(self, key: str, number: int) -> list[Listed] | None:
        """What the cache has under this key; None for nothing, or for what is not ours."""
        try:
            cached = to_fetched(self._cache[key])
        except UNSHAPED:
            return None
        return cached if len(cached) == number else None

    def _is_taken(self, groups: Collection[str], name: str, instance_id: str) -> bool:
        """Whether the name is that of a group, whose variables the host's would become, or of another
        instance. ``groups`` are those that will be made.
        """
        if name in groups or name in self.inventory.groups:
            return True
        there = self.inventory.hosts.get(name)
        return there is not None and there.vars.get("instance_id", instance_id) != instance_id

    def _populate(self, hosts: Sequence[Host]) -> None:
        """First hosts and variables, then groups: a group that comes to be must not take a host's
        variables.
        """
        compose, groups, keyed_groups, strict = map(self.get_option, (*FOR_EACH_HOST, "strict"))
        variables_by_host = {host.name: variables(host, self._settings) for host in hosts}
        share_compiled(self.templar)
        for name, values in variables_by_host.items():
            self.inventory.add_host_with(name, values)
            if compose:
                self._set_composite_vars(compose, values, name, strict=strict)
        share_compiled(self.templar)  # what comes now are conditions
        if groups:
            for name, values in variables_by_host.items():
                self._add_host_to_composed_groups(groups, values, name, strict=strict)
        share_compiled(self.templar)
        if keyed_groups:
            for name, values in variables_by_host.items():
                self._add_host_to_keyed_groups(keyed_groups, values, name, strict=strict)
