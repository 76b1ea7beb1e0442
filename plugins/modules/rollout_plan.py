#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_plan
short_description: Say beforehand what the gates of a rollout can find, and when
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Asks Prometheus what each check has counted for stable in the last days. For the traffic of its middle hour, each
    stage and the time that its gate may take, it says how small a regression is found with 80 and with 95 percent, when
    regressions of 1.5, 2 and 5 times are expected to be found, and when a healthy release is expected to pass.
  - Says which splits and times reach a stated target soonest, with evidence that adds up from stage to stage.
  - Changes nothing but the file O(picture).
extends_documentation_fragment:
  - slipway.rollout.attributes
  - slipway.rollout.gate
  - slipway.rollout.preflight
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - What was counted in the last days is not the same at another time.
options:
  namespace:
    description: Namespace of the pods.
    type: str
    required: true
  stable:
    description: Name of the Deployment that serves, whose labels tell its pods where O(subject) does not.
    type: str
    default: ""
  canary:
    description: Name of the canary's Deployment, as O(stable).
    type: str
    default: ""
  route:
    description: As in M(slipway.rollout.metric_gate). What its backends select are the pods of both arms.
    type: dict
  source:
    description: Where measurements come from. Only V(prometheus) and V(google) keep a history.
  stages:
    description:
      - The canary's share of the requests in percent, stage by stage. In stages of 100 there is nobody to compare with.
    type: list
    elements: int
    default: [10, 25, 50]
  days:
    description: How many days to look back.
    type: float
    default: 2.0
  target:
    description: What the best schedule must find.
    type: dict
    default: {}
    suboptions:
      ratio:
        description: A regression of so many times as many bad events is found by the end. V(2) when left out.
        type: float
      probability:
        description: With this probability. V(0.95) when left out.
        type: float
      guard:
        description: No stage follows before a regression of so many times would have been found. V(5) when left out.
        type: float
      first:
        description: The first stage has at most so many percent of the requests. V(10) when left out.
        type: int
      step:
        description: Each other stage has at most so many times the share of the one before. V(3) when left out.
        type: float
      least:
        description: No stage is shorter than so many seconds. V(60) when left out.
        type: float
  picture:
    description: File for a picture (SVG) of the smallest regression that is found, over the time that a gate may take.
    type: path
requirements:
  - kubernetes >= 24.2.0
seealso:
  - module: slipway.rollout.metric_gate
"""

EXAMPLES = r"""
- name: Say what an hour at 10 and at 50 % would find
  slipway.rollout.rollout_plan:
    namespace: production
    subject:
      stable: app=continual-transformer,version=main
      canary: app=continual-transformer,version=canary
    source: {type: prometheus, url: "http://127.0.0.1:9091"}
    checks:
      - {name: errors, template: error_rate, judge: sequential}
      - {name: slow, template: latency, bound: 0.25, judge: latency}
    gate: {duration: 3600}
    stages: [10, 50]
    target: {ratio: 2, probability: 0.95}
    picture: plan.svg
"""

RETURN = r"""
lines:
  description: The table and what is to be heard, for people.
  returned: success
  type: list
  elements: str
outlook:
  description:
    - Each check at each stage. C(smallest) is the ratio of the smallest regression by probability, C(seconds_to_find)
      the expected time by ratio, C(seconds_to_pass) that of a healthy release, C(healthy_taken_back) the probability of
      a false alarm, and C(doubling) a sentence.
  returned: success
  type: list
  elements: dict
schedule:
  description: C(stages) with C(weight) and C(seconds), and C(seconds) of all. Empty where none reaches the target.
  returned: success
  type: dict
  sample: {stages: [{weight: 10, seconds: 60}, {weight: 20, seconds: 60}], seconds: 120}
notes:
  description: What makes it worse than the table has it.
  returned: success
  type: list
  elements: str
error:
  description: V(bad_option), or the word of M(slipway.rollout.metric_gate) for what is wrong with the source.
  returned: failure
  type: str
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import ClusterError
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.gate.foresight.picture import picture
from ..module_utils.gate.options import GATE_SPEC
from ..module_utils.gate.sources.source import SourceError
from ..module_utils.gate.suggest import OptionError
from ..module_utils.preflight.foresee import Foresight, foresee

ARGUMENTS: dict[str, Any] = {
    "namespace": {"type": "str", "required": True},
    "stable": {"type": "str", "default": ""},
    "canary": {"type": "str", "default": ""},
    "route": {"type": "dict"},
    "subject": GATE_SPEC["subject"],
    "source": GATE_SPEC["source"],
    "checks": GATE_SPEC["checks"],
    "gate": {"type": "dict", "default": {}},
    "stages": {"type": "list", "elements": "int", "default": [10, 25, 50]},
    "days": {"type": "float", "default": 2.0},
    "target": {
        "type": "dict",
        "default": {},
        "options": {
            "ratio": {"type": "float"},
            "probability": {"type": "float"},
            "guard": {"type": "float"},
            "first": {"type": "int"},
            "step": {"type": "float"},
            "least": {"type": "float"},
        },
    },
    "picture": {"type": "path"},
    "prefix": {"type": "str", "default": ""},
}


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, supports_check_mode=True)
    params = module.params
    try:
        found = foresee(params, None if params["subject"] else connect(params), SystemClock())
        changed = _draw(found, params["picture"], check_mode=module.check_mode) if params["picture"] else False
    except (OptionError, OSError) as error:
        module.fail_json(msg=str(error), error="bad_option")
    except SourceError as error:
        module.fail_json(msg=str(error), error=error.kind)
    except ClusterError as error:
        module.fail_json(msg=str(error), error="cluster")
    module.exit_json(changed=changed, lines=found.lines(), **found.as_dict())


def _draw(found: Foresight, path: str, *, check_mode: bool) -> bool:
    drawn, file = picture(found.streams, found.shares), Path(path)
    if file.exists() and file.read_text(encoding="utf-8") == drawn:
        return False
    if not check_mode:
        file.write_text(drawn, encoding="utf-8")
    return True


if __name__ == "__main__":
    main()
