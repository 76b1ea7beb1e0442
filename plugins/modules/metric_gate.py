#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Watch a release by its metrics, and take traffic back when it fails."""

from __future__ import annotations

DOCUMENTATION = r"""
module: metric_gate
short_description: Judge a release by its metrics, and take traffic back when it fails
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Looks at checks again and again until they have failed, or time is up and they have passed.
  - A check is a share of bad events among all events, counted since the gate began, or a value with limits.
  - Can set a split of traffic first, in the same process and after the counters before it are known, so that not one
    second goes unwatched. Puts another split back at once when it fails, before anything else is done, also when it is
    told to stop or fails itself.
  - No data, no requests, a metrics server that does not answer and values that are no numbers each have an outcome of
    their own. None of them passes in silence.
extends_documentation_fragment:
  - slipway.rollout.gate
  - slipway.rollout.route.optional
  - slipway.rollout.route.observe
  - slipway.rollout.switch.optional
  - slipway.rollout.switch.ready
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
options:
  observe:
    description:
      - After O(on_fail) was put back, wait until traffic has followed.
    default: true
  judge:
    description:
      - V(threshold) compares with fixed limits. While the gate runs, a share fails as soon as a release that is just at
        the limit would show as many bad events with a probability below 1 in 1000; at the end it is compared as it is.
      - V(sequential) compares the canary's share of bad events with that of the arm C(baseline) at the same time, may
        look as often as it likes, and ends as soon as the evidence suffices to take the release back or to pass it.
      - V(slo) does the same against the check's own limit, and blames no release for what befalls both arms.
      - V(latency) compares whole histograms of response times; it is for checks with C(bound).
      - V(kayenta) compares canary and C(baseline) as Kayenta's default judge does, minute by minute, once, when time is
        up. It judges values (C(gauge), C(query)) too.
      - A check may name its own judge. How they reckon is told in C(docs/gate.md).
    type: str
    choices: [kayenta, latency, sequential, slo, threshold]
    default: threshold
  canary_config:
    description:
      - A canary-config of Kayenta, as Spinnaker exports it, for the judge V(kayenta). All checks together get a score
        by its groups and weights, which alone decides when time is up.
      - Each of its metrics needs a check of the same name, which says how it is measured. Its queries are not used.
    type: dict
  alpha:
    description:
      - How often a healthy release may be taken back, as a probability, whatever the number of looks. Shared by all
        checks that are not judged by V(threshold) or V(kayenta).
    type: float
    default: 0.01
  beta:
    description:
      - How often a release that is as bad as C(promote_ratio) of a check may be passed before time is up.
    type: float
    default: 0.05
  history:
    description:
      - How far to look back for what the baseline's failures are like, in seconds. Only a source of the type
        V(prometheus) can.
    type: float
    default: 3600.0
  evidence_since:
    description:
      - When users first came on the release, in seconds since the Unix epoch, where that was before this gate, as at
        the second stage of a rollout. What both arms have counted from then on is read again from the source and judged
        with what comes, whatever the splits were, so that no stage begins from nothing. The baseline's history ends
        there.
      - Only for checks that compare, and a source of the type V(prometheus).
    type: float
  evidence_config:
    description:
      - RV(evidence_config) of the gate that RV(evidence_since) is from. When checks, margins or error rates are others
        now, the evidence begins anew, which is told in RV(notes).
    type: str
  interval:
    description:
      - Time from one look to the next, in seconds, at least V(0.1).
    type: float
    default: 1.0
  duration:
    description:
      - How long to look, in seconds. V(60) when neither it nor O(count) is given.
      - Where users were moved, it counts from when their first requests are seen, for a gateway may be slow to follow;
        they are waited for no longer than ten seconds.
      - The judges V(sequential), V(slo) and V(latency) end earlier, as soon as the evidence suffices.
    type: float
    aliases: [max_soak]
  min_soak:
    description:
      - Time in seconds before which it does not pass early, however good the evidence is. It fails as early as it must.
    type: float
    default: 0.0
  count:
    description:
      - How often to look, in place of O(duration).
    type: int
  initial_delay:
    description:
      - Time in seconds before the first look that counts. What happens before is not judged.
    type: float
    default: 0.0
  warm_up:
    description:
      - Time in seconds from the start of a pod's containers in which what this pod counts is left out, in both arms,
        also when it starts in the middle of the gate. Needs O(subject), or a pod that says when its process began.
    type: float
    default: 0.0
  failures_allowed:
    description:
      - C(failures) of the last C(of) looks at a check may fail.
    type: dict
    default: {failures: 0, of: 1}
  consecutive_errors:
    description:
      - After so many looks in a row without an answer, the gate ends and is inconclusive.
    type: int
    default: 5
  on_no_data:
    description:
      - What to do when the source answers and there is no data for a check.
      - V(wait) goes on, and is inconclusive when it is so at the end.
      - V(fail) and V(inconclusive) end the gate when it is so in O(consecutive_errors) looks in a row, or at the end.
    type: str
    choices: [fail, inconclusive, wait]
    default: wait
  on_inconclusive:
    description:
      - Whether a gate that cannot tell fails or passes.
    type: str
    choices: [fail, pass]
    default: fail
  on_undecided:
    description:
      - What becomes of a gate whose time is up when there are data, and they suffice for neither side. As
        O(on_inconclusive) when left out.
      - V(pause) leaves the split as it is and goes on looking. It ends as soon as the evidence suffices, when a person
        says how (playbook C(answer), where the gate belongs to a rollout), or after O(pause_timeout), when it fails.
      - When the judge V(slo) finds an incident of both arms, the gate pauses whatever is said here.
    type: str
    choices: [fail, pass, pause]
  pause_timeout:
    description:
      - How long a pause may last, in seconds.
    type: float
    default: 1800.0
  on_pause:
    description:
      - Whether a gate that pauses waits itself (V(wait)), or comes back to the play (V(return)) with RV(paused=true),
        the split as it is, for the play to tell people and to begin the gate once more, with V(resume) and
        O(evidence_since). Nobody watches in between.
      - V(resume) is the second half of such a gate, whose time is up; what was said meanwhile counts.
      - To resume needs a source that keeps history (V(prometheus), V(google)); others begin with no evidence.
    type: str
    choices: [resume, return, wait]
    default: wait
  on_pod_failure:
    description:
      - What to do when a container of the watched pods restarts, is killed for its memory or crashes again and again,
        when a pod has failed or has lost its readiness, or when no pod of an arm runs any more.
    type: str
    choices: [fail, tell]
    default: fail
  on_bad_pod:
    description:
      - What to do when a check fails by few pods of several, while the others are healthy.
      - V(replace) deletes them, once, and begins the gate anew. O(alpha) is shared between the two attempts. It needs
        C(delete) on C(pods).
    type: str
    choices: [fail, replace]
    default: fail
  split:
    description:
      - Split to set at the start, in percent by backend of O(route), after the counters before it were read.
    type: dict
  on_fail:
    description:
      - Split to put back when the gate fails.
    type: dict
  slot:
    description:
      - Slot of O(switch) to send all users to at the start, after the counters before were read. Refused when it has
        fewer ready pods than O(min_ready), or when they run another image than O(image).
      - The gate passes only when the cluster has taken the switch up, and fails when it has not in O(observe_timeout).
    type: str
  on_fail_slot:
    description:
      - Slot of O(switch) to take them back to when the gate fails. Left undone, and told, only when no pod is ready
        there.
    type: str
  progress:
    description:
      - Whether a line about each look, at most one per second, is shown while the gate runs.
    type: bool
    default: true
  stage:
    description:
      - Name of the stage, such as V(25 %), for the ledger of the rollout. With O(lock) it is noted there before any
        user is on the stage, and afterwards how it went.
    type: str
    default: ""
  progress_file:
    description:
      - File that these lines are appended to. Set by the action plugin, which shows them. When it was there and
        vanishes, whoever started the gate is taken to be gone, and the gate stops.
    type: path
requirements:
  - kubernetes >= 29.0
attributes:
  check_mode:
    description: Shows the plan and asks each question once. Writes are asked for as a dry run.
    support: full
  diff_mode:
    description: Says nothing about differences.
    support: none
  idempotent:
    description: The split is not written again. The verdict is about what happens while it runs.
    support: partial
    details:
      - Running it again watches again.
notes:
  - The share of an early failure is that of the window, or of the whole gate, whichever showed it.
  - Times are those of the source.
seealso:
  - module: slipway.rollout.canary_weight
"""

EXAMPLES = r"""
- name: Give the canary a tenth of the users, watch it for a minute, and take it back when it fails
  slipway.rollout.metric_gate:
    namespace: production
    subject:
      stable: app=continual-transformer,version=main
      canary: app=continual-transformer,version=canary
    source: {type: prometheus, url: "http://127.0.0.1:9091"}
    checks:
      - {name: errors, template: error_rate, max: 0.01}
      - {name: slow, template: latency, bound: 0.25, max: 0.05}
    duration: 60
    route:
      kind: virtualservice
      name: continual-transformer
      backends:
        stable: {service: continual-transformer-main}
        canary: {service: continual-transformer-canary}
    split: {stable: 90, canary: 10}
    on_fail: {stable: 100, canary: 0}

- name: Watch the canary four times a second by its own metrics, without a metrics server
  slipway.rollout.metric_gate:
    namespace: production
    subject:
      canary: app=continual-transformer,version=canary
    source: {type: pods}
    checks:
      - {template: error_rate, max: 0.01}
    interval: 0.25
    duration: 30

- name: Judge by counters of one's own, and by a query
  slipway.rollout.metric_gate:
    namespace: production
    subject:
      canary: app=continual-transformer,version=canary
    source: {type: prometheus, url: "http://127.0.0.1:9091"}
    checks:
      - name: failed transforms
        bad: 'http_requests_total{$canary,path="/v1/transform",status=~"5.."}'
        all: 'http_requests_total{$canary,path="/v1/transform"}'
        max: 0.01
        min_requests: 50
      - name: memory
        query: 'max(process_resident_memory_bytes{namespace="production",pod=~"continual-transformer-canary-.*"})'
        max: 500000000
    count: 30
    failures_allowed: {failures: 1, of: 5}
"""

RETURN = r"""
passed:
  description:
    - Whether a rollout may go on, that is V(true) with RV(verdict=pass), with RV(verdict=inconclusive) where
      O(on_inconclusive=pass), and in check mode.
  type: bool
  returned: always, except after an error
  sample: true
verdict:
  description: V(pass), V(fail) or V(inconclusive).
  returned: when the gate has run
  type: str
  sample: pass
paused:
  description: Whether it has not ended, and is to be begun once more with O(on_pause=resume).
  returned: when the gate has run
  type: bool
reason:
  description: Why, in one sentence.
  returned: when the gate has run
  type: str
  sample: "errors: 14 of 41 requests (34 %) failed, the limit is 1 %"
checks:
  description: Each check.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      returned: always
      type: str
    verdict:
      description: V(pass), V(fail), V(inconclusive), or V(undecided) if another ended the gate.
      returned: when the gate has run
      type: str
    reason:
      description: Why.
      returned: when the gate has run
      type: str
    bad:
      description: Number of bad events that the verdict rests on.
      returned: for shares
      type: float
    total:
      description: Number of all events that the verdict rests on.
      returned: for shares
      type: float
    rate:
      description: Share of bad events.
      returned: for shares
      type: float
    pods:
      description: RV(checks[].bad) and RV(checks[].total) of the whole gate by pod.
      returned: for shares
      type: dict
    dry_run:
      description: Whether it never decides.
      returned: when the gate has run
      type: bool
    attribution:
      description:
        - What carries the bad events of a check that has failed. C(said) in a sentence, C(bad_pods) the few that are
          worse than the others, which are healthy, and by C(pods), C(nodes), C(zones) and by label such as C(status)
          and C(path) the counts of bad and of all events.
      returned: for shares that have failed
      type: dict
    evidence:
      description:
        - Of a judge that weighs evidence, its method and decision, the natural logarithms of the evidence against and
          for the release and of what suffices, what both arms have counted, the ratio of their rates, the dispersion
          and what it was estimated from, and how many more requests a healthy release is expected to need.
      returned: for the judges V(sequential), V(slo) and V(latency)
      type: dict
    value:
      description: The last value.
      returned: for C(gauge) and C(query)
      type: float
    limit:
      description: The limits.
      returned: always
      type: dict
    selectors:
      description: Which series count as what, by kind. One question may bring all of them.
      returned: always
      type: dict
    queries:
      description: The questions as they were sent.
      returned: always
      type: list
      elements: str
    series:
      description: Number of series that matched.
      returned: always
      type: int
    note:
      description: What else is to be known, such as the bucket that was chosen, or the label that matched nothing.
      returned: always
      type: str
looks:
  description: Number of looks.
  returned: when the gate has run
  type: int
seconds:
  description: Time that the gate took.
  returned: when the gate has run
  type: float
measurements:
  description:
    - What the latest looks showed, by check. Of a judge that weighs evidence also the greatest evidence until then,
      C(against) the release and C(for) it, as natural logarithms.
  returned: when the gate has run
  type: list
  elements: dict
  sample: [{at: 1767225600.123, errors: {bad: 2, total: 7}}]
before:
  description: Split before, in percent by backend.
  returned: always
  type: dict
  sample: {stable: 100, canary: 0}
after:
  description: Split after, in percent by backend.
  returned: always
  type: dict
  sample: {stable: 100, canary: 0}
rollback:
  description: What became of O(on_fail).
  returned: when the gate has run
  type: dict
  contains:
    done:
      description: Whether the route is at this split.
      returned: always
      type: bool
    seconds:
      description: Time from the verdict until it was.
      returned: always
      type: float
    split:
      description: The split.
      returned: always
      type: dict
    error:
      description: Why it is not, or why traffic was not seen to follow.
      returned: always
      type: str
    observation:
      description: How it was seen that traffic has followed.
      returned: always
      type: dict
first_breach_at:
  description: When the first of the bad events was seen that made a check fail, in seconds since 1970.
  returned: when RV(verdict=fail)
  type: float
evidence_since:
  description: When users came on the release, by the source's clock. For O(evidence_since) of the next stage's gate.
  returned: when the gate has run
  type: float
evidence_config:
  description: Names the rules by which the evidence was judged. For O(evidence_config) of the next stage's gate.
  returned: when the gate has run
  type: str
notes:
  description: What else happened.
  returned: when the gate has run
  type: list
  elements: str
error:
  description:
    - Word for what went wrong when the gate did not come to a verdict of its own, such as V(bad_option), V(stopped),
      V(unexpected), V(unreachable), V(timeout), V(refused), V(bad_query), V(bad_answer), V(server_error), or one of
      those of M(slipway.rollout.canary_weight).
  returned: failure
  type: str
plan:
  description: What would be done and what each question gives now, as lines.
  returned: in check mode
  type: list
  elements: str
"""

from functools import cache, partial

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import ClusterError
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.gate.assemble import open_gate
from ..module_utils.gate.marks import Marks
from ..module_utils.gate.options import GATE_SPEC
from ..module_utils.gate.outcome import message
from ..module_utils.gate.plan import plan
from ..module_utils.gate.report import silent, to_file
from ..module_utils.gate.sources.source import SourceError
from ..module_utils.gate.stop import Stop
from ..module_utils.gate.suggest import OptionError
from ..module_utils.slots.spec import GATE_SWITCH_SPEC
from ..module_utils.traffic.errors import TrafficError, from_cluster


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **GATE_SPEC, **GATE_SWITCH_SPEC}, supports_check_mode=True)
    params, stop = module.params, Stop(module.params["progress_file"])
    say = to_file(params["progress_file"]) if params["progress_file"] else silent
    try:
        with stop.listening():
            # Once, whoever of the two needs it: each connection of a rollout keeps its lock with a thread of its own.
            connected = cache(partial(connect, params))
            gate = open_gate(params, connected, SystemClock(), say, stop)
            if module.check_mode:
                module.exit_json(passed=True, **plan(gate))
            marks = Marks.of(params, connected)
            if gate.loop.pause is not None:
                gate.loop.pause.begin, gate.loop.pause.answer = marks.paused, marks.answer
            marks.begun()
            result = gate.run()
    except OptionError as error:
        module.fail_json(msg=str(error), error="bad_option")
    except SourceError as error:
        module.fail_json(msg=str(error), error=error.kind)
    except TrafficError as error:
        module.fail_json(**{**error.data, "msg": str(error), "error": error.error})
    except ClusterError as error:
        failure = from_cluster(error, "")
        module.fail_json(msg=str(failure), error=failure.error)
    if unmarked := marks.judged(result):
        module.warn(unmarked)
    failed, text = message(result, gate.loop.policy)
    if failed:
        module.fail_json(msg=text, passed=False, **result.as_dict())
    module.exit_json(msg=text, passed=not result.paused, **result.as_dict())


if __name__ == "__main__":
    main()
