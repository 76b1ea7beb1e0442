#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rolling_update
short_description: Roll out an image on a workload, watch it while it rolls, and take it back if it fails
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Gives a Deployment, StatefulSet or DaemonSet an image, waits for its pods, and judges the new ones by their metrics
    from the first moment on and for O(duration) after the last of them has become ready. All that in one process, so
    that no moment goes unwatched.
  - As soon as a check fails, or it is certain that a pod will not come, the workload is stopped, before anything else
    is done; a Deployment is paused, the partition of a StatefulSet is set above its last pod, a DaemonSet is set to
    OnDelete. Then the very template of before is put back, and its pods are waited for.
  - Why pods do not come is told after a few seconds, with the words of the scheduler, the registry, the probe, the
    quota, or the last line of the log; see M(slipway.rollout.rollout_wait).
  - What somebody else writes meanwhile is never overwritten.
extends_documentation_fragment:
  - slipway.rollout.attributes
  - slipway.rollout.gate
  - slipway.rollout.rolling
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: The API server is asked what it would do. Nothing is waited for.
  diff_mode:
    support: full
  idempotent:
    support: full
    details: The second run watches what the first one has rolled out.
options:
  state:
    description:
      - V(rolled) rolls out O(image).
      - V(restored) goes back to O(former), or, without it, to what the workload was before the last V(rolled), also an
        hour later.
    type: str
    choices: [restored, rolled]
    default: rolled
  container:
    description: Container that gets the image. Needed with O(state=rolled).
    type: str
  image:
    description: The image by digest. Needed with O(state=rolled).
    type: str
  release:
    description: The image as people know it, to be noted on the workload. The image itself when left out.
    type: str
  former:
    description:
      - What the workload was before, as RV(former) or M(slipway.rollout.rolling_preflight) return it. Read from the
        workload when left out.
    type: dict
  timeout:
    description: Seconds to wait for the rollout, and for the way back.
    type: float
    default: 900
  stuck_after:
    description: As O(slipway.rollout.rollout_wait#module:stuck_after).
    type: float
    default: 10
  max_restarts:
    description: As O(slipway.rollout.rollout_wait#module:max_restarts).
    type: int
    default: 1
  log_lines:
    description: As O(slipway.rollout.rollout_wait#module:log_lines).
    type: int
    default: 10
  wait:
    description: With O(state=restored), whether to wait for the pods.
    type: bool
    default: true
  stage:
    description: How the ledger calls this part of the rollout, when there is a O(lock).
    type: str
    default: rolling
  source:
    required: false
  checks:
    description:
      - What is checked, as in M(slipway.rollout.metric_gate). The arm C(canary) are the pods of the new template,
        C(stable) those of the former one; they are told apart by their revision, so that no label of theirs has to
        differ. Without checks only the pods are watched.
    required: false
    default: []
  subject:
    description: Has to be empty, because the arms follow from the revisions of the pods.
    type: dict
    default: {}
  judge:
    description: As O(slipway.rollout.metric_gate#module:judge).
    type: str
    choices: [kayenta, latency, sequential, slo, threshold]
    default: threshold
  alpha:
    description: As O(slipway.rollout.metric_gate#module:alpha).
    type: float
    default: 0.01
  beta:
    description: As O(slipway.rollout.metric_gate#module:beta).
    type: float
    default: 0.05
  history:
    description: As O(slipway.rollout.metric_gate#module:history).
    type: float
    default: 3600.0
  interval:
    description: Time from one look to the next, in seconds.
    type: float
    default: 1.0
  duration:
    description: How long to look after the last pod has become ready, in seconds. V(60) when neither it nor O(count) is
      given.
    type: float
    aliases: [max_soak]
  min_soak:
    description: As O(slipway.rollout.metric_gate#module:min_soak).
    type: float
    default: 0.0
  count:
    description: How often to look after that, in place of O(duration).
    type: int
  initial_delay:
    description: Time in seconds after the release was given that is seen and not judged.
    type: float
    default: 0.0
  warm_up:
    description: As O(slipway.rollout.metric_gate#module:warm_up).
    type: float
    default: 0.0
  failures_allowed:
    description: As O(slipway.rollout.metric_gate#module:failures_allowed).
    type: dict
    default: {failures: 0, of: 1}
  consecutive_errors:
    description: As O(slipway.rollout.metric_gate#module:consecutive_errors).
    type: int
    default: 5
  on_no_data:
    description: As O(slipway.rollout.metric_gate#module:on_no_data).
    type: str
    choices: [fail, inconclusive, wait]
    default: wait
  on_inconclusive:
    description: As O(slipway.rollout.metric_gate#module:on_inconclusive).
    type: str
    choices: [fail, pass]
    default: fail
  on_undecided:
    description: As O(slipway.rollout.metric_gate#module:on_undecided).
    type: str
    choices: [fail, pass, pause]
  pause_timeout:
    description: As O(slipway.rollout.metric_gate#module:pause_timeout).
    type: float
    default: 1800.0
  progress:
    description: Whether lines about how it goes are shown while it runs.
    type: bool
    default: true
  progress_file:
    description: As O(slipway.rollout.metric_gate#module:progress_file).
    type: path
requirements:
  - kubernetes >= 24.2.0
"""

EXAMPLES = r"""
- name: Roll out on a Deployment while its new pods are watched
  slipway.rollout.rolling_update:
    namespace: production
    name: continual-transformer-main
    container: app
    image: "localhost:5000/continual-transformer@sha256:{{ digest }}"
    max_surge: 1
    max_unavailable: 0
    source: {type: pods}
    checks:
      - {name: errors, template: error_rate, max: 0.01}
    interval: 0.5
    duration: 30

- name: Go back to what was live before
  slipway.rollout.rolling_update:
    state: restored
    namespace: production
    name: continual-transformer-main
"""

RETURN = r"""
msg:
  description: How it ended, in sentences.
  type: str
  returned: always
verdict:
  description: V(pass), V(fail) or V(inconclusive).
  type: str
  returned: with O(state=rolled)
reason:
  description: Why, in one sentence.
  type: str
  returned: always
checks:
  description: What each check found, as from M(slipway.rollout.metric_gate).
  type: list
  elements: dict
  returned: with O(state=rolled)
replicas:
  description: Counts of pods, as from M(slipway.rollout.rollout_wait).
  type: dict
  returned: when the rollout was waited for
pods:
  description: The pods of the new template, as from M(slipway.rollout.rollout_wait).
  type: list
  elements: dict
  returned: when the rollout was waited for
details:
  description: All that stood in the way, as from M(slipway.rollout.rollout_wait).
  type: list
  elements: dict
  returned: when the rollout was waited for
logs:
  description: The last lines of the container that the reason is about.
  type: dict
  returned: when the rollout was waited for
seconds:
  description: How long it took until the verdict. RV(undone) says how long the way back took from there.
  type: float
  returned: always
undone:
  description: What became of the way back; null where there was none.
  type: dict
  returned: always
  contains:
    done:
      description: Whether all is as before.
      type: bool
      returned: always
    stopped_after:
      description: Seconds from the verdict until no pod more could get the release.
      type: float
      returned: always
    written_after:
      description: Seconds from the verdict until the workload had its former template again.
      type: float
      returned: always
    back_after:
      description: Seconds from the verdict until all pods were as before.
      type: float
      returned: always
    equal:
      description: Whether the template is the former one, to the letter.
      type: bool
      returned: always
    revision:
      description: The ReplicaSet or ControllerRevision of the pods.
      type: str
      returned: always
    deleted_pods:
      description: Pods that a StatefulSet would have waited for in vain.
      type: list
      elements: str
      returned: always
    error:
      description: What went wrong.
      type: str
      returned: always
former:
  description:
    - What the workload was before, with the digest of its template and the name of the revision that keeps it. The
      template itself is left out where it has values that look secret.
  type: dict
  returned: success
notes:
  description: What else happened.
  type: list
  elements: str
  returned: with O(state=rolled)
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import ClusterError
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.gate.report import Say, silent, to_file
from ..module_utils.gate.sources.source import SourceError
from ..module_utils.gate.stop import Stop
from ..module_utils.gate.suggest import OptionError
from ..module_utils.rolling.assemble import open_roll, open_undo
from ..module_utils.rolling.former import NoFormer
from ..module_utils.rolling.options import ROLL_SPEC
from ..module_utils.rolling.rehearse import rehearse_roll, rehearse_undo
from ..module_utils.workload.snapshot import NoDeployment


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ROLL_SPEC}, supports_check_mode=True)
    stop = Stop(module.params["progress_file"])
    try:
        with stop.listening():
            (_roll if module.params["state"] == "rolled" else _undo)(module, stop)
    except (ClusterError, NoDeployment, NoFormer, OptionError, SourceError) as error:
        module.fail_json(msg=str(error), reason=str(error), undone=None)


def _say(module: AnsibleModule) -> Say:
    path = module.params["progress_file"]
    return to_file(path) if path else silent


def _roll(module: AnsibleModule, stop: Stop) -> None:
    params = module.params
    roll = open_roll(params, connect(params), SystemClock(), _say(module), stop)
    if module.check_mode:
        module.exit_json(**rehearse_roll(roll))
    rolled = roll.run()
    finish = module.fail_json if rolled.failed else module.exit_json
    finish(msg=rolled.text(), former=roll.former.as_dict(), **rolled.as_dict())


def _undo(module: AnsibleModule, stop: Stop) -> None:
    params = module.params
    undo = open_undo(params, connect(params), SystemClock(), _say(module))
    if module.check_mode:
        module.exit_json(**rehearse_undo(undo))
    stop.deafen()
    undone = undo.run("taken back", stop=False, waiting=params["wait"])
    told = undone.describe(undo.former) or "nothing had to be put back"
    bad = undone.error or not undone.equal
    finish = module.fail_json if bad else module.exit_json
    finish(msg=told, reason=told, changed=undone.changed, former=undo.former.as_dict(), undone=undone.as_dict())


if __name__ == "__main__":
    main()
