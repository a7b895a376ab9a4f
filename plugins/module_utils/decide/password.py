# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether a password keeps a provider's rule."""

from __future__ import annotations

from ..core.rules import PasswordRule


def password_problem(password: str, rule: PasswordRule) -> str:
    """Why the password breaks the rule, as the rest of a sentence; empty when it does not."""
    if not rule.shortest <= len(password) <= rule.longest:
        return f"has {len(password)} characters; {rule.shortest} to {rule.longest} are allowed"
    return _forbidden(password, rule) or _class_missing(password, rule)


def _forbidden(password: str, rule: PasswordRule) -> str:
    if not set(password) <= set().union(*rule.classes.values()):
        return f"has a character that is not allowed; allowed: {' '.join(rule.classes.values())}"
    if rule.not_first and password[0] in rule.not_first:
        return f"must not begin with {rule.not_first}"
    if rule.user and rule.user.lower() in password.lower():
        return f"must not contain the user name {rule.user}"
    return ""


def _class_missing(password: str, rule: PasswordRule) -> str:
    present = sum(bool(set(password) & set(members)) for members in rule.classes.values())
    if present < rule.needs:
        return (
            f"has characters of {present} of the classes {', '.join(rule.classes)}; {rule.needs} are required"
        )
    return ""
