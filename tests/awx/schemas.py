# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWX 24.6 accepts, as JSON schemas.

Sources: the validation of credential types in awx/main/fields.py, of surveys in awx/api/views/__init__.py
(JobTemplateSurveySpec), and the writable fields of each object as its OPTIONS request lists them.
"""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
NAME: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 512}
FLAG: dict[str, Any] = {"type": "boolean"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
KEY: dict[str, Any] = {"type": "object", "required": ["type"]}


def closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


INPUT = closed(
    {
        "id": {"type": "string", "pattern": "^[a-zA-Z_]+[a-zA-Z0-9_]*$", "not": {"const": "tower"}},
        "label": NAME,
        "type": {"enum": ["string", "boolean"]},
        "format": {"enum": ["ssh_private_key", "url"]},
        "choices": {"type": "array", "items": TEXT, "minItems": 1, "uniqueItems": True},
        "help_text": TEXT,
        "multiline": FLAG,
        "secret": FLAG,
        "ask_at_runtime": FLAG,
        "default": TEXT,
    },
    "id",
    "label",
)
INPUTS = closed({"fields": {"type": "array", "items": INPUT}, "required": {"type": "array", "items": TEXT}})
ENV_NAME = (
    "^(?!ANSIBLE_)(?!(PATH|PYTHONPATH|HOME|JOB_ID|CACHE|INVENTORY_ID|REST_API_URL)$)[a-zA-Z_]+[a-zA-Z0-9_]*$"
)
ENV = {"type": "object", "patternProperties": {ENV_NAME: TEXT}, "additionalProperties": False}
INJECTORS = closed({"env": ENV, "extra_vars": {"type": "object"}, "file": {"type": "object"}})

QUESTION = closed(
    {
        "type": {
            "enum": ["text", "textarea", "password", "multiplechoice", "multiselect", "integer", "float"]
        },
        "question_name": NAME,
        "question_description": TEXT,
        "variable": {"type": "string", "pattern": "^[a-zA-Z_][a-zA-Z0-9_]*$"},
        "required": FLAG,
        "default": {},
        "choices": {"type": "array", "items": TEXT, "minItems": 1},
        "min": COUNT,
        "max": COUNT,
    },
    "type",
    "question_name",
    "variable",
    "required",
)
SURVEY = closed({"name": TEXT, "description": TEXT, "spec": {"type": "array", "items": QUESTION}}, "spec")

COMMON: dict[str, Any] = {"name": NAME, "description": TEXT, "natural_key": KEY}
TEMPLATE: dict[str, Any] = {
    "organization": KEY,
    "inventory": KEY,
    "survey_enabled": FLAG,
    "ask_limit_on_launch": FLAG,
    "ask_variables_on_launch": FLAG,
    "extra_vars": TEXT,
}
NODE = closed(
    {
        "identifier": NAME,
        "workflow_job_template": KEY,
        "unified_job_template": KEY,
        "all_parents_must_converge": FLAG,
        "related": closed(
            {
                **{
                    f"{result}_nodes": {"type": "array", "items": KEY}
                    for result in ("success", "failure", "always")
                },
                "create_approval_template": closed(
                    {"name": NAME, "description": TEXT, "timeout": COUNT}, "name"
                ),
            }
        ),
        "natural_key": KEY,
    },
    "identifier",
    "workflow_job_template",
    "natural_key",
)

SCHEMAS: dict[str, dict[str, Any]] = {
    "credential_types": closed(
        {**COMMON, "kind": {"enum": ["cloud", "net"]}, "inputs": INPUTS, "injectors": INJECTORS},
        "name",
        "kind",
        "natural_key",
    ),
    "credentials": closed(
        {**COMMON, "organization": KEY, "credential_type": KEY, "inputs": {"type": "object"}},
        "name",
        "credential_type",
        "natural_key",
    ),
    "execution_environments": closed(
        {**COMMON, "image": NAME, "pull": {"enum": ["always", "missing", "never", ""]}},
        "name",
        "image",
        "natural_key",
    ),
    "projects": closed(
        {
            **COMMON,
            "organization": KEY,
            "default_environment": KEY,
            "scm_type": {"enum": ["", "git", "svn", "archive"]},
            "scm_url": TEXT,
            "scm_branch": TEXT,
            "scm_update_on_launch": FLAG,
            "local_path": TEXT,
        },
        "name",
        "natural_key",
    ),
    "inventory": closed(
        {**COMMON, "kind": {"const": ""}, "organization": KEY}, "name", "organization", "natural_key"
    ),
    "inventory_sources": closed(
        {
            **COMMON,
            "source": {"const": "scm"},
            "source_path": NAME,
            "source_vars": TEXT,
            "source_project": KEY,
            "inventory": KEY,
            "credential": KEY,
            "execution_environment": KEY,
            "overwrite": FLAG,
            "overwrite_vars": FLAG,
            "update_on_launch": FLAG,
            "update_cache_timeout": COUNT,
            "timeout": COUNT,
            "verbosity": {"enum": [0, 1, 2]},
        },
        "name",
        "source",
        "inventory",
        "natural_key",
    ),
    "job_templates": closed(
        {
            **COMMON,
            **TEMPLATE,
            "project": KEY,
            "playbook": NAME,
            "job_type": {"enum": ["run", "check"]},
            "job_slice_count": {"type": "integer", "minimum": 1},
            "execution_environment": KEY,
            "forks": COUNT,
            "timeout": {"type": "integer"},
            "verbosity": {"enum": [0, 1, 2, 3, 4, 5]},
            "allow_simultaneous": FLAG,
            "related": closed({"survey_spec": SURVEY, "credentials": {"type": "array", "items": KEY}}),
        },
        "name",
        "project",
        "playbook",
        "natural_key",
    ),
    "workflow_job_templates": closed(
        {
            **COMMON,
            **TEMPLATE,
            "related": closed({"survey_spec": SURVEY, "workflow_nodes": {"type": "array", "items": NODE}}),
        },
        "name",
        "natural_key",
    ),
}
