# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the lock and the ledger of an app are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..cluster import ClusterError

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_LONGEST = 253


class BadName(ClusterError):
    """A name that Kubernetes would refuse."""


class Refused(ClusterError):
    """Another rollout comes first: why, and what to do."""

    error = "refused"

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(f"{why} {remedy[:1].upper()}{remedy[1:]}")
        self.why = why
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Names:
    """One Lease per app and environment, one ConfigMap per app. `environment` may be empty."""

    namespace: str
    app: str
    environment: str = ""

    @classmethod
    def parse(cls, namespace: str, app: str, environment: str) -> Names:
        """Raises BadName."""
        names = cls(namespace, app, environment)
        for field, value in (("app", app), ("environment", environment)):
            if (value or field == "app") and not _NAME.fullmatch(value):
                raise BadName(
                    f"{field}: '{value}' does not do as part of a name in Kubernetes. Use small letters, digits, '-'."
                )
        if len(names.lease) > _LONGEST:
            raise BadName(f"app: '{app}' is too long: {names.lease} would have more than {_LONGEST} characters.")
        return names

    @property
    def lease(self) -> str:
        return "-".join(part for part in ("slipway", self.app, self.environment) if part)

    @property
    def ledger(self) -> str:
        return f"slipway-{self.app}"

    def key(self, page: str) -> str:
        """Of the ConfigMap's data: each environment has pages of its own."""
        return ".".join(part for part in (self.environment, page, "yaml") if part)

    def describe(self) -> str:
        return f"{self.app} in {self.environment}" if self.environment else self.app

    def as_dict(self) -> dict[str, Any]:
        return {"namespace": self.namespace, "app": self.app, "environment": self.environment}
