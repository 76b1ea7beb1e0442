# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is missing has a default; what is of the wrong kind is refused by its full name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.kayenta.fields import Fields
from ansible_collections.slipway.rollout.plugins.module_utils.gate.suggest import OptionError

DOCUMENT = Fields(
    {"shop": {"bar": 42, "baz": "abc", "on": True}, "list": [{"a": "1"}, {"b": "2"}], "names": ["x", 1]}, "doc"
)


def test_values_are_found_by_their_way() -> None:
    shop = DOCUMENT.at("shop")
    assert (shop.number("bar", 1.0), shop.text("baz", ""), shop.flag("on")) == (42.0, "abc", True)
    assert isinstance(shop.number("bar", 1.0), float)
    assert [item.text("a", "none") for item in DOCUMENT.each("list")] == ["1", "none"]
    assert DOCUMENT.texts("names") == ["x", "1"]
    assert list(DOCUMENT) == ["shop", "list", "names"]


def test_what_is_missing_has_a_default() -> None:
    nowhere = Fields(None, "doc").at("this").at("and").at("that")
    assert nowhere.path == "doc.this.and.that"
    assert (nowhere.number("n", 1.5), nowhere.text("t", "?"), nowhere.flag("f"), nowhere.each("l")) == (
        1.5,
        "?",
        False,
        [],
    )


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda d: d.at("shop").at("bar"), "doc.shop.bar is 42; a mapping is expected."),
        (lambda d: d.at("shop").number("baz", 0.0), "doc.shop.baz is 'abc'; it must be a number."),
        (lambda d: d.at("shop").number("on", 0.0), "doc.shop.on is True; it must be a number."),
        (lambda d: d.at("shop").flag("bar"), "doc.shop.bar is 42; it must be true or false."),
        (lambda d: d.at("shop").each("baz"), "doc.shop.baz is 'abc'; a list is expected."),
        (lambda d: d.each("names"), "doc.names[0] is 'x'; a mapping is expected."),
        (lambda d: d.at("shop").choice("baz", "abd", ["abd"]), "doc.shop.baz is 'abc'. Did you mean 'abd'?"),
    ],
)
def test_a_wrong_kind_is_refused(read: Callable[[Fields], object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        read(DOCUMENT)
    assert str(caught.value) == message
