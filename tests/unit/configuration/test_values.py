# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values for names."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.cluster import SECRET, ClusterError
from ansible_collections.slipway.rollout.plugins.module_utils.configuration.values import Source, resolve, secret_reader

from tests.unit.store import Store

WANTED = {"URL": ["p.yml, line 9, database.url"]}
VALUE = "postgres://shop:hunter2@db"


def read(name: str) -> Mapping[str, str]:
    if name == "closed":
        raise ClusterError("not allowed")
    return {"shop": {"url": VALUE, "URL": "other"}}[name]


@pytest.mark.parametrize(
    ("source", "value", "told"),
    [
        ({"value": VALUE}, VALUE, "given by the inventory"),
        ({"variable": "SHOP_URL"}, "from the environment", "environment variable SHOP_URL"),
        ({"secret": "shop", "key": "url"}, VALUE, "Secret shop, key url"),
        ({"secret": "shop"}, "other", "Secret shop, key URL"),
    ],
)
def test_each_source(source: dict[str, str], value: str, told: str) -> None:
    one = Source.parse({"name": "URL", **source})
    found = resolve(WANTED, [one], {"SHOP_URL": "from the environment"}, read)
    assert (found.known, found.problems) == ({"URL": value}, ())
    assert one.describe() == told
    assert "hunter2" not in repr(one) + repr(found)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({}, "no source given; expected one of value, variable, secret"),
        ({"value": "x", "secret": "shop"}, "value and secret given"),
        ({"value": ""}, "its lookup found nothing"),
        ({"variable": "NOT_SET"}, "the environment variable NOT_SET is not set"),
        ({"secret": "none"}, "there is no Secret 'none'"),
        ({"secret": "closed"}, "cannot be read: not allowed"),
        ({"secret": "shop", "key": "u"}, "has no key 'u'; expected one of URL, url"),
    ],
)
def test_what_has_no_value_is_told_by_name_and_place(source: dict[str, str], told: str) -> None:
    found = resolve(WANTED, [Source.parse({"name": "URL", **source})], {}, read)
    text = found.problems[0].text("slipway_config.")
    assert "slipway_config.names: ${URL} has no value (p.yml, line 9, database.url)" in text
    assert told in text
    assert "hunter2" not in text


def test_a_name_without_any_source() -> None:
    found = resolve({**WANTED, "not-a-name": []}, [], {}, read)
    assert [problem.text() for problem in found.problems] == [
        (
            "names: ${URL} has no value (p.yml, line 9, database.url). Say where its value comes from: "
            "{name: URL, secret: …, key: …}, or variable, or value."
        )
    ]


def test_a_name_that_no_file_asks_for_has_a_value_too() -> None:
    assert resolve({}, [Source("KEY", "k"), Source("NONE", "")], {}, read).known == {"KEY": "k"}


def test_secrets_are_decoded_once_and_read_once() -> None:
    store = Store()
    data = {"url": base64.b64encode(VALUE.encode()).decode()}
    store.put(SECRET, "shops", {"metadata": {"name": "shop"}, "data": data})
    reader = secret_reader(store.cluster(), "shops")
    assert reader("shop") == reader("shop") == {"url": VALUE}
    assert len(store.asked) == 1
    with pytest.raises(KeyError):
        reader("none")
