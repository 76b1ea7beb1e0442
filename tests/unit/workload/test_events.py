# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events in their order, and those of before the last write left out."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.module_utils.workload.events import (
    newest_first,
    since_written,
    time_of,
    written_at,
)

OLD = {"lastTimestamp": "2027-01-15T08:00:01Z"}
SERIES = {"series": {"lastObservedTime": "2027-01-15T08:00:09.000000Z"}, "eventTime": "2027-01-15T07:00:00.000000Z"}
NEW = {"eventTime": "2027-01-15T08:00:05.000000Z"}
FIELDS = [{"time": "2027-01-15T08:00:05Z"}, {"time": "2027-01-15T08:00:08Z", "subresource": "status"}]


def test_the_latest_first() -> None:
    assert newest_first([OLD, NEW, SERIES]) == [SERIES, NEW, OLD]
    assert time_of({}) == ""


def test_what_was_before_the_last_write_is_about_another_template() -> None:
    obj = {"metadata": {"managedFields": FIELDS}}
    assert written_at(obj) == "2027-01-15T08:00:05Z"
    assert since_written(obj, [OLD, NEW, SERIES]) == [SERIES, NEW]
    assert since_written({"metadata": {}}, [OLD]) == [OLD]
