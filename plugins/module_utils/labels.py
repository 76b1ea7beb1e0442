# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Label selectors of Kubernetes objects, read and written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .cluster import Obj


def join_labels(labels: Mapping[str, str]) -> str:
    """As the API takes a selector: `app=shop,slot=blue`."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def match_labels(workload: Obj) -> Mapping[str, str]:
    """The plain part of a workload's selector; expressions only ever narrow it further."""
    return workload["spec"].get("selector", {}).get("matchLabels") or {}


def template_labels(workload: Obj) -> Mapping[str, str]:
    """The labels that a workload's pods get."""
    return (workload["spec"].get("template", {}).get("metadata") or {}).get("labels") or {}


def selects(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector (matchLabels and matchExpressions) fits the labels; an empty one fits everything."""
    selector = selector or {}
    plain = selector.get("matchLabels") or {}
    return all(labels.get(key) == value for key, value in plain.items()) and all(
        _fits(expression, labels) for expression in selector.get("matchExpressions") or []
    )


def _fits(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, operator, values = expression.get("key", ""), expression.get("operator"), expression.get("values") or []
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    return (key in labels) is (operator == "Exists")
