#!/usr/bin/python
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout
short_description: Lock an app, and keep the ledger of its rollouts
version_added: 0.1.0
author:
  - Slipway contributors (@slipway)
description:
  - Sees to it that one rollout at a time works on an app, and that whoever comes after a crash knows where it stopped.
  - The lock is a Lease, C(slipway-APP-ENVIRONMENT). It names its holder and is renewed while modules with the option
    O(lock) run. A second rollout is refused with the holder's name. A holder that is not heard of any more, or whose
    process is known to have ended, loses the lock to the next run, and writes nothing more should it come back.
  - The ledger is a ConfigMap, C(slipway-APP), for people to read. It has the open rollout with all that is needed to go
    back, and the last ten that have ended.
extends_documentation_fragment:
  - slipway.rollout.attributes
  - slipway.rollout.lock
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: In check mode the lock is not taken, only looked at, and RV(lock) is empty.
  diff_mode:
    support: full
    details: Shows the pages of the ledger.
  idempotent:
    support: full
options:
  state:
    description:
      - V(locked) takes the lock, and finds what an earlier run has left open.
      - V(open) writes the entry of the rollout that now begins.
      - V(reached) notes how far it has come. M(slipway.rollout.metric_gate) does that by itself.
      - V(answered) says how a gate that has paused is to end. It needs no lock, which the gate's run has.
      - V(ended) moves the entry into the history, and gives the lock back.
      - V(read) changes nothing.
    type: str
    required: true
    choices: [locked, open, reached, answered, ended, read]
  namespace:
    description: Namespace of lock and ledger, which is the app's.
    type: str
    required: true
  app:
    description: Name of the app.
    type: str
    required: true
  environment:
    description: Name of the environment, where several of them share a namespace or the name is to be told.
    type: str
    default: ""
  strategy:
    description: How it is rolled out, such as V(canary). Needed for O(state=locked) and O(state=open).
    type: str
  image:
    description: The image as the user names it, by which the same command is known again. For O(state=locked).
    type: str
    default: ""
  config:
    description:
      - Hash of the configuration that the release has, for O(state=locked). The same image with another configuration
        is another release.
    type: str
    default: ""
  on_interrupted:
    description:
      - What becomes of the same rollout when it was cut off, for O(state=locked).
      - V(resume) goes on at the stage that it had reached, V(rollback) takes it back.
      - V(auto) takes it back if users were on the release while nobody watched, and resumes otherwise.
      - A release whose gate had failed is always taken back.
    type: str
    choices: [auto, resume, rollback]
    default: auto
  release:
    description: What is rolled out, for O(state=open). C(title), C(image) by digest, C(asked) as the user named it.
    type: dict
  replaced:
    description: What was live before, for O(state=open) and kept in the history. C(title), C(image).
    type: dict
  former:
    description: All that is needed to go back or on, for O(state=open). Free in its form, and without anything secret.
    type: dict
  undo:
    description:
      - The one call that makes users safe at once, for O(state=open). C(module), a module of this collection, and
        C(options) for it. It is made when the run is told to end.
    type: dict
  notes:
    description: What should be kept besides, such as an override and its reason, for O(state=open).
    type: list
    elements: str
    default: []
  phase:
    description:
      - How far it has come, for O(state=reached). V(opened) is before any user is on the release, V(judging) while a
        gate watches users on it, V(proven) when every gate was passed.
    type: str
    choices: [opened, judging, proven]
  stage:
    description: The stage that is reached, such as V(25 %), for O(state=reached).
    type: str
    default: ""
  evidence:
    description: What was seen, for O(state=reached). C(stage), C(verdict), C(reason) and what else is worth keeping.
    type: dict
  outcome:
    description: How it ended, for O(state=ended).
    type: str
    choices: [released, rolled_back, refused]
  answer:
    description: Whether the paused gate is to pass or to fail, for O(state=answered).
    type: str
    choices: [fail, pass]
  reason:
    description: Why, in one sentence, for O(state=ended) and O(state=answered).
    type: str
    default: ""
  run:
    description: The run that calls, C(holder), C(doing) and C(process). Filled in where the playbook runs.
    type: dict
"""

EXAMPLES = r"""
- name: Have the app for this run alone
  slipway.rollout.rollout:
    state: locked
    namespace: production
    app: continual-transformer
    strategy: canary
    image: localhost:5000/continual-transformer:good-2
  register: rollout

- name: Note what was there before
  slipway.rollout.rollout:
    state: open
    namespace: production
    app: continual-transformer
    strategy: canary
    release: {title: "continual-transformer:good-2"}
    former: {replicas: 3}
    lock: "{{ rollout.lock }}"

- name: Let a gate pass that has paused
  slipway.rollout.rollout:
    state: answered
    namespace: production
    app: continual-transformer
    answer: pass
    reason: the errors are those of a partner's outage

- name: Come to an end
  slipway.rollout.rollout:
    state: ended
    namespace: production
    app: continual-transformer
    outcome: released
    reason: it passed all stages
    lock: "{{ rollout.lock }}"

- name: Show the ledger
  slipway.rollout.rollout:
    state: read
    namespace: production
    app: continual-transformer
"""

RETURN = r"""
lock:
  description: The lock, for the option O(lock) of all modules of this collection. Empty in check mode.
  type: dict
  returned: with O(state=locked)
decision:
  description:
    - V(start) if nothing is open, V(resume) or V(rollback) for what the same command has left open.
  type: str
  returned: with O(state=locked)
message:
  description: The decision's reason, for people.
  type: str
  returned: with O(state=locked)
  sample: "The canary of shop:2.4.1, at 25 %, since 2026-01-01 12:00:00 UTC by ann@ops, was cut off."
open:
  description: The open entry of the ledger, empty if there is none.
  type: dict
  returned: success
history:
  description: The last ten rollouts that have ended, the latest first.
  type: list
  elements: dict
  returned: success
table:
  description: The same as lines for people.
  type: list
  elements: str
  returned: with O(state=read)
keeper:
  description:
    - The process that puts users back should the playbook end before the rollout does, as C(pid), and the file C(told)
      in which it says so. Only where the playbook runs on the machine that reaches the cluster.
  type: dict
  returned: with O(state=open) and O(undo)
error:
  description:
    - V(held) if somebody else has the lock, V(open) if another rollout is open, V(refused) if no gate waits for an
      answer, V(cluster) for everything else.
  type: str
  returned: failure
why:
  description: What stands in the way, when RV(error) is V(held) or V(open).
  type: str
  returned: failure
next:
  description: What to do, when RV(error) is V(held) or V(open).
  type: str
  returned: failure
held_by:
  description: Who has the lock, empty if nobody has.
  type: str
  returned: with O(state=read)
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clock import SystemClock
from ..module_utils.cluster import ClusterError
from ..module_utils.connection import AUTH_ARG_SPEC, connect
from ..module_utils.rollout.decision import Wanted
from ..module_utils.rollout.holder import Holder
from ..module_utils.rollout.ledger import Written
from ..module_utils.rollout.names import Names, Refused
from ..module_utils.rollout.steps import Step, Steps
from ..module_utils.rollout.table import table

ARGUMENTS = {
    "state": {"type": "str", "required": True, "choices": ["locked", "open", "reached", "answered", "ended", "read"]},
    "namespace": {"type": "str", "required": True},
    "app": {"type": "str", "required": True},
    "environment": {"type": "str", "default": ""},
    "strategy": {"type": "str"},
    "image": {"type": "str", "default": ""},
    "config": {"type": "str", "default": ""},
    "on_interrupted": {"type": "str", "choices": ["auto", "resume", "rollback"], "default": "auto"},
    "release": {"type": "dict"},
    "replaced": {"type": "dict"},
    "former": {"type": "dict"},
    "undo": {"type": "dict"},
    "notes": {"type": "list", "elements": "str", "default": []},
    "phase": {"type": "str", "choices": ["opened", "judging", "proven"]},
    "stage": {"type": "str", "default": ""},
    "evidence": {"type": "dict"},
    "outcome": {"type": "str", "choices": ["released", "rolled_back", "refused"]},
    "answer": {"type": "str", "choices": ["fail", "pass"]},
    "reason": {"type": "str", "default": ""},
    "run": {"type": "dict"},
}
NEEDED = [
    ("state", "locked", ["strategy"]),
    ("state", "open", ["strategy"]),
    ("state", "answered", ["answer"]),
    ("state", "ended", ["outcome"]),
]


def main() -> None:
    module = AnsibleModule(argument_spec={**AUTH_ARG_SPEC, **ARGUMENTS}, required_if=NEEDED, supports_check_mode=True)
    params = module.params
    try:
        names = Names.parse(params["namespace"], params["app"], params["environment"])
        step = _step(Steps(connect(params), names, _me(params), SystemClock(), module.check_mode), params)
    except Refused as error:
        module.fail_json(msg=str(error), error=error.error, why=error.why, next=error.remedy)
    except ClusterError as error:
        module.fail_json(msg=str(error), error="cluster")
    for note in step.notes:
        module.warn(note)
    module.exit_json(**_result(step, params["state"], diff=module._diff))


def _me(params: dict[str, Any]) -> Holder:
    """The lock says who it is; the first step has none yet."""
    run = dict(params["run"] or {"holder": "somebody"})
    holder = (params["lock"] or {}).get("holder")
    return Holder.parse(run | ({"holder": holder} if holder else {}))


def _step(steps: Steps, params: dict[str, Any]) -> Step:
    if params["state"] == "locked":
        return steps.locked(Wanted(params["strategy"], params["image"], params["on_interrupted"], params["config"]))
    if params["state"] == "open":
        return steps.opened(params)
    if params["state"] == "reached":
        return steps.reached(params["phase"] or "", params["stage"], params["evidence"])
    if params["state"] == "answered":
        return steps.answered(params["answer"], params["reason"])
    if params["state"] == "ended":
        extra = {"release": params["release"], "replaced": params["replaced"]}
        return steps.ended(params["outcome"], params["reason"], extra)
    return steps.read()


def _result(step: Step, state: str, *, diff: bool) -> dict[str, Any]:
    book, written = step.book, step.written
    result: dict[str, Any] = {
        "changed": written is not None and written.changed,
        "open": book.open.as_dict() if book.open is not None else {},
        "history": [entry.as_dict() for entry in book.history],
    }
    if state == "locked":
        result["lock"] = step.lock.as_dict() if step.lock is not None else {}
        result["decision"] = step.decision.action if step.decision is not None else "start"
        result["message"] = step.decision.message if step.decision is not None else ""
    if state == "read":
        result["table"] = table(book, step.held.holder.describe() if step.held is not None else "")
        result["held_by"] = step.held.holder.describe() if step.held is not None else ""
    if diff and written is not None:
        result["diff"] = {name: "\n".join(pages.values()) for name, pages in _sides(written)}
    return result


def _sides(written: Written) -> tuple[tuple[str, Mapping[str, str]], ...]:
    return (("before", written.before), ("after", written.after))


if __name__ == "__main__":
    main()
