# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Label selectors as the API server understands them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.labels import (
    join_labels,
    match_labels,
    selects,
    template_labels,
)

LABELS = {"app": "shop", "slot": "blue"}


def test_writing() -> None:
    assert join_labels({"slot": "blue", "app": "shop"}) == "app=shop,slot=blue"


def test_reading() -> None:
    workload = {"spec": {"selector": {"matchLabels": {"app": "a"}}, "template": {"metadata": {"labels": LABELS}}}}
    assert (match_labels(workload), template_labels(workload)) == ({"app": "a"}, LABELS)
    assert (match_labels({"spec": {}}), template_labels({"spec": {"template": {}}})) == ({}, {})


@pytest.mark.parametrize(
    ("selector", "fits"),
    [
        (None, True),
        ({"matchLabels": {"app": "shop"}}, True),
        ({"matchLabels": {"app": "shop", "slot": "green"}}, False),
        ({"matchExpressions": [{"key": "slot", "operator": "In", "values": ["blue", "green"]}]}, True),
        ({"matchExpressions": [{"key": "slot", "operator": "NotIn", "values": ["blue"]}]}, False),
        ({"matchExpressions": [{"key": "slot", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "slot", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "version", "operator": "DoesNotExist"}]}, True),
    ],
)
def test_fitting(selector: dict[str, Any] | None, fits: bool) -> None:
    assert selects(selector, LABELS) is fits
