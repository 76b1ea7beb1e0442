# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The labels of a canary's pods: no Service that users come by may select them, nor stable's Deployment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .world import AdoptError

# Which label is changed where there is a choice: those that tell versions apart first, then those that name the app.
_PREFERRED = (
    "version",
    "track",
    "slot",
    "role",
    "app.kubernetes.io/version",
    "app.kubernetes.io/instance",
    "app",
    "app.kubernetes.io/name",
    "name",
    "k8s-app",
)
_BY_WORD = ("version", "track", "slot", "role")
_LONGEST = 63


def canary_labels(
    labels: Mapping[str, str], selector: Mapping[str, str], services: Iterable[Mapping[str, str]]
) -> dict[str, str]:
    """Stable's pod labels with as few changed as it takes.

    `selector` is that of stable's Deployment, `services` those of the Services that must not select the canary. At
    least one label of each is changed.
    """
    groups = [set(selector), *(set(one) for one in services)]
    changed = _hitting(groups)
    return {key: _canary_value(key, value) if key in changed else value for key, value in labels.items()}


def shared_labels(labels: Mapping[str, str], selector: Mapping[str, str], service: Mapping[str, str]) -> dict[str, str]:
    """The same where one Service must select both (route kind replicas). Raises AdoptError."""
    free = set(selector) - set(service)
    if not free:
        raise AdoptError(
            "Without a mesh the Service must select the pods of both Deployments, but stable's Deployment selects its "
            f"pods by {', '.join(sorted(selector))} alone, as the Service does; a Deployment's selector cannot be "
            "changed. Create a Deployment with one more label in its selector, or choose a weighted route."
        )
    changed = _hitting([free])
    return {key: _canary_value(key, value) if key in changed else value for key, value in labels.items()}


def _hitting(groups: Sequence[set[str]]) -> set[str]:
    """A small set of labels with one of each group: one that is in all of them, else one after the other."""
    chosen: set[str] = set()
    left = [group for group in groups if group]
    while left:
        best = max(set().union(*left), key=lambda key: (sum(key in group for group in left), -_rank(key), key))
        chosen.add(best)
        left = [group for group in left if best not in group]
    return chosen


def _rank(key: str) -> int:
    return _PREFERRED.index(key) if key in _PREFERRED else len(_PREFERRED)


def _canary_value(key: str, value: str) -> str:
    if key in _BY_WORD:
        return "canary"
    return f"{value[: _LONGEST - len('-canary')]}-canary"
