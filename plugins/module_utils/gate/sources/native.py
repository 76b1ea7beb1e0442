# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Native histograms as Prometheus' HTTP API shows them: one series, whose samples bring their buckets along.

Checks ask for a histogram by the name of its classic buckets; the native one has that name without `_bucket`.
https://prometheus.io/docs/prometheus/latest/querying/api/#native-histograms
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..selector import Selector
from .source import Bucket, Sample, Series

SUFFIX = "_bucket"


def twin(selector: Selector) -> Selector | None:
    """Asks for native histograms where this one asks for classic buckets; None where it does not."""
    if not selector.name.endswith(SUFFIX):
        return None
    return Selector(selector.name[: -len(SUFFIX)], tuple(one for one in selector.matchers if one.label != "le"))


def read_native(item: Mapping[str, Any]) -> tuple[list[Sample], dict[float, Sequence[Bucket]]]:
    """The counts and the buckets of one series of a range vector; nothing if it is no native histogram.

    Raises TypeError, ValueError or the like for what is not of the documented shape.
    """
    found = item.get("histograms") or ()
    samples = [Sample(float(at), float(one["count"])) for at, one in found]
    buckets: dict[float, Sequence[Bucket]] = {
        float(at): tuple(
            Bucket(float(lower), float(upper), float(count)) for _rule, lower, upper, count in one.get("buckets") or ()
        )
        for at, one in found
    }
    return samples, buckets


def as_buckets(found: Sequence[Series], classic: Sequence[Series]) -> list[Series]:
    """Native histograms by the name of their classic buckets. Who shows these as well is read by them."""
    known = {(one.target, one.name) for one in classic}
    return [
        replace(one, key=(f"{one.name}{SUFFIX}", one.key[1]))
        for one in found
        if one.buckets and (one.target, f"{one.name}{SUFFIX}") not in known
    ]
