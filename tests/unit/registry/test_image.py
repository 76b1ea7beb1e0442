# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image references, by example and by property."""

from __future__ import annotations

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.registry.image import BadImage, Image, short_name
from hypothesis import given
from hypothesis import strategies as st

DIGEST = "sha256:" + "a1" * 32


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("grafana/grafana:11", "docker.io/grafana/grafana:11"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("localhost/shop", "localhost/shop:latest"),
        ("localhost:5000/shop:2", "localhost:5000/shop:2"),
        ("ghcr.io/team/shop/api:v1.2.3-rc.1", "ghcr.io/team/shop/api:v1.2.3-rc.1"),
        ("[::1]:5000/shop:2", "[::1]:5000/shop:2"),
        (f"shop@{DIGEST}", f"docker.io/library/shop@{DIGEST}"),
        (f" ghcr.io/team/shop:2@{DIGEST} ", f"ghcr.io/team/shop:2@{DIGEST}"),
    ],
)
def test_references_in_full(text: str, full: str) -> None:
    assert str(Image.parse(text)) == full


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "'' is not a repository's name"),
        ("ghcr.io/", "'' is not a repository's name"),
        ("Shop:2", "'Shop' is not a repository's name"),
        ("ghcr.io/team//shop", "'team//shop' is not"),
        ("shop:", "'' is not a tag"),
        ("shop:-2", "'-2' is not a tag"),
        ("shop@sha256:abc", "'sha256:abc' is not a digest"),
        ("https://ghcr.io/shop", "is not a registry's name"),
        ("gh_cr.io/shop", "'gh_cr.io' is not a registry's name"),
        ("shop:1 2", "'1 2' is not a tag"),
    ],
)
def test_what_is_none_is_refused_with_the_part_that_is_wrong(text: str, why: str) -> None:
    with pytest.raises(BadImage) as caught:
        Image.parse(text)
    assert why in str(caught.value)
    assert "Write REGISTRY/REPOSITORY:TAG" in str(caught.value)


def test_pods_get_the_digest_alone() -> None:
    assert Image.parse("ghcr.io/team/shop:2").pinned(DIGEST) == f"ghcr.io/team/shop@{DIGEST}"


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("ghcr.io/team/shop:2", "shop:2"),
        (f"ghcr.io/team/shop@{DIGEST}", "shop@sha256:a1a1a1a1a1a1"),
        ("What is This", "What is This"),
    ],
)
def test_names_for_people(text: str, short: str) -> None:
    assert short_name(text) == short


_PARTS = st.from_regex(r"[a-z0-9]{1,8}(?:(?:[._]|__|-{1,2})[a-z0-9]{1,4}){0,2}", fullmatch=True)


@given(
    st.sampled_from(["localhost", "localhost:5000", "ghcr.io", "registry.example:443", "127.0.0.1:5000"]),
    st.lists(_PARTS, min_size=1, max_size=4),
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True),
    st.booleans(),
)
def test_what_is_written_is_read_again(registry: str, parts: list[str], tag: str, pin: bool) -> None:
    image = Image(registry, "/".join(parts), tag, DIGEST if pin else "")
    assert Image.parse(str(image)) == image


@given(st.text(max_size=60))
def test_anything_else_is_refused_and_nothing_else_happens(text: str) -> None:
    try:
        image = Image.parse(text)
    except BadImage:
        return
    assert Image.parse(str(image)) == image
