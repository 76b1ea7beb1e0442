# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A check fails by few pods of several: they are replaced, once, and the gate begins anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ..cluster import POD, Cluster, ClusterError
from .attribution import Attribution, attribute
from .check import Counters
from .judges.judge import Judge, Verdict
from .subject import Pod
from .watched import Watched


def attributed(one: Watched, seen: Mapping[str, Pod]) -> Attribution | None:
    """What carries the failures of a check; None where it has not failed, or counts nothing."""
    if not isinstance(one.measure, Counters) or one.opinion.verdict is not Verdict.FAIL:
        return None
    return attribute(one.check, one.opinion, one.evidence.pods, one.tally.labels, seen)


@dataclass(slots=True)
class Replacement:
    """`judge` opens a judge that has seen nothing, `replaced` are the pods whose counts are left out from then on."""

    cluster: Cluster
    judge: Callable[[], Judge]
    replaced: Collection[str] = field(default_factory=tuple)

    def replace(self, watched: Sequence[Watched], seen: Mapping[str, Pod]) -> str:
        """What was done, for people; "" where it is not a matter of few pods, or was done before."""
        failing = [one for one in watched if one.opinion.verdict is Verdict.FAIL and not one.check.dry_run]
        blamed = [attributed(one, seen) for one in failing]
        if self.replaced or not blamed or not all(one is not None and one.bad_pods for one in blamed):
            return ""  # one check that is not theirs, and the release is bad without them
        pods = sorted({name for one in blamed if one is not None for name in one.bad_pods})
        if not all(name in seen for name in pods):
            return ""
        try:
            for name in pods:
                self.cluster.delete(POD, seen[name].namespace, name)
        except ClusterError:
            return ""
        self.replaced = pods
        told = "; ".join(f"{one.check.name}: {found.said}" for one, found in zip(failing, blamed, strict=True) if found)
        return f"replaced {' and '.join(pods)}, and the gate begins anew ({told})"
