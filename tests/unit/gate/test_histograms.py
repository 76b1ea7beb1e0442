# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is slow, by classic and by native buckets."""

from __future__ import annotations

from math import inf

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.check import Counters, Events
from ansible_collections.slipway.rollout.plugins.module_utils.gate.histograms import (
    NoBucket,
    bounds,
    classic,
    mixed,
    native,
    slower,
    spread,
)
from ansible_collections.slipway.rollout.plugins.module_utils.gate.increments import Gain
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Bucket, Sample, Series

from tests.unit.gate.builders import series

FINE = (Bucket(-1e-9, 1e-9, 1.0), Bucket(0.125, 0.25, 6.0), Bucket(0.25, 0.5, 2.0), Bucket(1.0, 2.0, 1.0))
OWN = (Bucket(-inf, 0.1, 6.0), Bucket(0.1, 0.3, 2.0), Bucket(0.3, 1.5, 1.0))
SLOW = Counters((), (Selector("h_bucket"),), bound=0.25)


def whole(buckets: tuple[Bucket, ...], pod: str = "a", at: float = 1.0) -> Series:
    count = sum(one.events for one in buckets)
    return Series.of("h_bucket", {"pod": pod}, (Sample(at, count),), pod, {at: buckets})


def gained(buckets: tuple[Bucket, ...], pod: str = "a") -> Gain:
    one = whole(buckets, pod)
    return Gain(one, one.value, 1.0, buckets)


def parts(pod: str, **counts: float) -> list[Gain]:
    ends = {"quick": "0.25", "slow": "0.5", "every": "+Inf"}
    return [
        Gain(series(f'h_bucket{{le="{ends[name]}",pod="{pod}"}}', (1.0, 9.0), target=pod), count, 1.0)
        for name, count in counts.items()
    ]


@pytest.mark.parametrize(
    ("buckets", "bound", "slow", "edge"),
    [
        (FINE, 0.25, 3.0, 0.25),
        (FINE, 0.3, 1.0, 0.5),
        (FINE, 0.7, 1.0, 1.0),
        (FINE, 5.0, 0.0, 8.0),
        (OWN, 0.1, 3.0, 0.1),
        (OWN, 0.2, 1.0, 0.3),
        (OWN, 2.0, 0.0, 2.0),
    ],
)
def test_only_whole_buckets_above_the_bound_are_slow(
    buckets: tuple[Bucket, ...], bound: float, slow: float, edge: float
) -> None:
    gain = gained(buckets)
    assert list(slower([gain], bound)) == [(gain.series, slow, gain.amount)]
    assert bounds([gain.series], bound) == [edge]


def test_a_bound_beyond_the_last_of_somebodys_own_buckets_is_an_error() -> None:
    one = gained((*OWN, Bucket(1.5, inf, 1.0)))
    with pytest.raises(NoBucket, match=r"ends at 2 or above; its buckets end at 0.1, 0.3, 1.5"):
        list(slower([one], 2.0))
    with pytest.raises(NoBucket, match="as of a native histogram that is read as text"):
        bounds([one.series for one in parts("a", every=1.0)], 2.0)


def test_pods_of_either_kind_are_summed() -> None:
    gains = [gained(FINE, "a"), *parts("b", quick=5.0, slow=6.0, every=8.0)]
    assert SLOW.count(gains) == {"a": Events(3.0, 10.0), "b": Events(3.0, 8.0)}
    assert [events for _labels, events in SLOW.by_labels(gains)] == [Events(3.0, 8.0), Events(3.0, 10.0)]
    assert spread(gains) == {1e-9: 1.0, 0.25: 11.0, 0.5: 3.0, 2.0: 1.0, inf: 2.0}
    found = [one.series for one in gains]
    assert mixed(found)
    assert (len(native(found)), len(classic(found))) == (1, 1)
    assert not mixed(found[:1])
    assert not mixed(found[1:])


def test_of_a_native_histogram_all_is_asked_for() -> None:
    assert SLOW.narrowed([whole(FINE)]) == SLOW
    assert SLOW.buckets([whole(FINE)]) == [0.25]
    assert SLOW.first_bad([gained(FINE)]) == 1.0
