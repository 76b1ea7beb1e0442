# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from math import inf, log

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.statistics.mixture import (
    Mixture,
    averaged,
    log_spaced,
)


def test_each_is_the_same_multiple_of_the_one_before() -> None:
    assert log_spaced(1.0, 8.0, 4) == pytest.approx((1.0, 2.0, 4.0, 8.0))


def test_begins_at_one_and_is_the_mean_of_the_products() -> None:
    mixture = Mixture.of(2)
    assert mixture.log_e == 0.0
    mixture.add([log(2.0), log(0.5)])
    mixture.add([log(3.0), log(0.5)])
    assert mixture.log_e == pytest.approx(log((6.0 + 0.25) / 2))


def test_the_peak_stays() -> None:
    mixture = Mixture.of(1)
    mixture.add([3.0])
    mixture.add([-5.0])
    assert (mixture.log_e, mixture.peak) == (-2.0, 3.0)


def test_goes_on_from_what_was_kept() -> None:
    mixture = Mixture.of(2)
    mixture.add([1.0, -1.0])
    again = Mixture(list(mixture.logs), mixture.peak)
    assert (again.log_e, again.peak) == (mixture.log_e, mixture.peak)


def test_a_factor_for_each_component() -> None:
    with pytest.raises(ValueError, match="argument"):
        Mixture.of(2).add([1.0])


def test_several_are_averaged() -> None:
    assert averaged([log(1.0), log(5.0)]) == pytest.approx(log(3.0))
    assert averaged([]) == -inf
