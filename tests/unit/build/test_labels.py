# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.build.labels import labels
from ansible_collections.slipway.rollout.plugins.module_utils.build.source import Source

OCI = "org.opencontainers.image."


def test_labels_are_of_the_commit() -> None:
    source = Source("1a2b", branch="main", url="https://git.example.com/shop", committed=1767225600, dirty=True)
    assert labels(source, "shop", "main-1a2b", {"team": "checkout"}) == {
        OCI + "title": "shop",
        OCI + "version": "main-1a2b",
        OCI + "revision": "1a2b-dirty",
        OCI + "source": "https://git.example.com/shop",
        OCI + "url": "https://git.example.com/shop",
        OCI + "created": "2026-01-01T00:00:00Z",
        "team": "checkout",
    }


def test_what_is_not_known_is_left_out_and_ones_own_win() -> None:
    assert labels(Source("1a2b"), "shop", "", {OCI + "title": "Shop"}) == {
        OCI + "title": "Shop",
        OCI + "revision": "1a2b",
    }
