# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest

from lab import images


def test_every_release_has_a_digest_of_its_own_that_does_not_change() -> None:
    first = {name: images.build(b"binary", name).manifest.digest for name in images.RELEASES}
    again = {name: images.build(b"binary", name).manifest.digest for name in images.RELEASES}
    assert first == again
    assert len(set(first.values())) == len(images.RELEASES)


def test_releases_share_their_layers() -> None:
    layers = {images.build(b"binary", name).layers for name in images.RELEASES}
    assert len(layers) == 1


def test_image_says_user_entrypoint_and_environment() -> None:
    image = images.build(b"binary", "failing")
    config = json.loads(image.config.content)["config"]
    assert config["User"] == "1000:1000"
    assert config["Entrypoint"] == ["/app/demo_service"]
    assert config["Env"] == ["FAILURE_RATE=0.333", "RELEASE=failing"]
    manifest = json.loads(image.manifest.content)
    assert [one["digest"] for one in manifest["layers"]] == [blob.digest for blob in image.layers]
    assert json.loads(image.config.content)["rootfs"]["diff_ids"] == [blob.digest for blob in image.layers]


def test_unknown_release_is_named_with_the_known() -> None:
    with pytest.raises(ValueError, match=r"'godo' is unknown; known are good, good-2"):
        images.build(b"", "godo")
