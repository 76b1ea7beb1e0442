# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the mistakes that new users make, in the lab, and writes docs/mistakes.md: what each one gets to read.

python -m lab.mistakes [WORD ...]    only those with a word in their heading, shown instead of written
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from typing import Any

from lab import kube, spoilt
from lab.config import REGISTRY, Config, LabError
from lab.images import REPOSITORY
from lab.mistakes_page import INVENTORY, Shown, arguments, command, hidden, page, section, telling
from lab.practice import NAME, NAMESPACE, Practice, environment, written

RIGHT: Mapping[str, Any] = {"slipway_image": f"{REGISTRY}/{REPOSITORY}:good-2", "slipway_namespace": NAMESPACE}
TIMEOUT = 120.0
ROUTE = {"kind": "virtualservice", "name": NAME, "rule": "primary", "backends": "{{ demo_services }}"}
ERRORS = {"name": "errors", "template": "error_rate", "metrics": "app", "max": 0.01}
OWN = {
    "name": "errors",
    "bad": 'http_requests_total{$canary,stauts=~"5.."}',
    "all": "http_requests_total{$canary}",
    "max": 0.01,
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """`variables` change the right command; `told` are words that have to be in what is printed.

    `disturbs`: somebody else changes the cluster at the same time, so that it cannot stay as it was.
    """

    title: str
    variables: Mapping[str, Any]
    told: Sequence[str]
    advice: str
    spoil: spoilt.Spoil = spoilt.nothing
    remedy: str = ""
    disturbs: bool = False


MISTAKES = (
    Mistake(
        "The image is forgotten",
        {"slipway_image": None},
        ["slipway_image", "no image is given"],
        "Name the release with `-e slipway_image=`; it is the one variable that no inventory should hold.",
    ),
    Mistake(
        "The tag does not exist",
        {"slipway_image": f"{REGISTRY}/{REPOSITORY}:good-3"},
        ["good-3", "good-2"],
        "Take one of the tags that are named, or wait until the build has pushed yours.",
    ),
    Mistake(
        "The image's name has a typo",
        {"slipway_image": f"{REGISTRY}/continual-transfomer:good-2"},
        ["continual-transfomer", "which stable runs"],
        "Correct the name; what stable runs is told because the repository is another one.",
    ),
    Mistake(
        "The namespace does not exist",
        {"slipway_namespace": "practise"},
        ["slipway_namespace", "practise", NAMESPACE],
        "Correct the name. If it is right, you are in another cluster than you think: look at `slipway_cluster`.",
    ),
    Mistake(
        "The container has another name",
        {"slipway_container": "api"},
        ["slipway_container", "'api'", "expected app"],
        "Take the name that is expected, or leave `slipway_container` out where a Deployment has only one container.",
    ),
    Mistake(
        "There is no route of that name",
        {"slipway_route": {**ROUTE, "name": "continual-transfomer"}},
        ["slipway_route", "continual-transfomer", f"{NAME}"],
        "Correct `slipway_route.name`; the names that the namespace has are listed.",
    ),
    Mistake(
        "The route has no rule of that name",
        {"slipway_route": {**ROUTE, "rule": "primry"}},
        ["primry", "primary"],
        "Correct `slipway_route.rule`, or leave it out where one rule alone has both backends.",
    ),
    Mistake(
        "The route does not have that backend",
        {"demo_services": {"stable": {"service": f"{NAME}-main"}, "canary": {"service": f"{NAME}-cannary"}}},
        ["cannary", f"{NAME}-canary"],
        "Correct the Service's name in `slipway_route.backends`, or add it to the rule with weight 0.",
    ),
    Mistake(
        "A check has a key that does not exist",
        {"slipway_checks": [{**{k: v for k, v in ERRORS.items() if k != "max"}, "maximum": 0.01}]},
        ["slipway_checks[0]", "maximum", "'max'"],
        "Take the key that is suggested. The keys are in `ansible-doc slipway.rollout.metric_gate`.",
    ),
    Mistake(
        "A check's label matches nothing",
        {"slipway_checks": [{**ERRORS, "labels": {"version": "cannary"}}]},
        ["slipway_checks[0]", "cannary"],
        "A check that finds nothing never passes. Compare the labels with those that the message lists.",
    ),
    Mistake(
        "A selector of one's own has a typo",
        {"slipway_checks": [OWN]},
        ["slipway_checks[0]", "stauts", "status"],
        "Correct the label. With such a typo no failure would ever be counted, and everything would look well.",
    ),
    Mistake(
        "The metrics server does not answer",
        {"slipway_source": {"type": "prometheus", "url": "http://127.0.0.1:9092"}},
        ["slipway_source", "127.0.0.1:9092"],
        "Without metrics nothing can be judged, so nothing is begun. Correct the address or start the server; where "
        "there is none, `slipway_source: {type: pods}` reads the pods themselves.",
    ),
    Mistake(
        "The Deployment is paused",
        {},
        ["slipway_stable", "paused", "rollout resume"],
        "Somebody paused it for a reason; ask first. The command that resumes it is in the message.",
        spoilt.paused,
    ),
    Mistake(
        "The selectors overlap",
        {},
        ["slipway_canary", "selector"],
        "Without labels that tell them apart, Deployments and Services count each other's pods. Make the canary's "
        "Deployment anew, with a label of its own in its selector and its pods, such as `slot: canary`.",
        spoilt.overlapping,
    ),
    Mistake(
        "The credentials may only read",
        {},
        ["may not patch", "kubectl", "create role"],
        "Have somebody with more rights run these commands, with your ServiceAccount in the place of the name.",
        spoilt.reading_only,
    ),
    Mistake(
        "The kubeconfig does not exist",
        {"slipway_cluster": {"kubeconfig": "lab.kubeconfig"}},
        ["lab.kubeconfig"],
        "Correct `slipway_cluster.kubeconfig`; a relative path begins at the playbook's folder.",
    ),
    Mistake(
        "The context does not exist",
        {"slipway_cluster": {"kubeconfig": "{{ inventory_dir }}/../../build/lab/kubeconfig", "context": "production"}},
        ["production", "lab"],
        "Correct `slipway_cluster.context`; `kubectl config get-contexts` lists them.",
    ),
    Mistake(
        "The API server does not answer",
        {"slipway_cluster": {"host": "https://127.0.0.1:6444", "api_key": "none"}},
        ["127.0.0.1:6444"],
        "Nothing was changed and users stay where they are. Check the address, the VPN, the cluster.",
    ),
    Mistake(
        "A canary is left over from an earlier run",
        {},
        ["slipway_canary", "1 pod", "10 %", "rollback.yml"],
        "If nobody is rolling out, take it back, and then run the first command again:",
        spoilt.left_over,
        remedy="playbooks/rollback.yml",
    ),
    Mistake(
        "Two canaries at once",
        {},
        ["slipway_canary", "another rollout"],
        "Let the other rollout end; `ansible-playbook playbooks/status.yml` shows how far it is. It was not disturbed: "
        "the one that was under way here ended with its release live.",
        spoilt.rolling,
        disturbs=True,
    ),
)


def main(words: Sequence[str]) -> int:
    config = Config.here()
    wanted = [one for one in MISTAKES if not words or any(word in one.title.lower() for word in words)]
    try:
        practice = Practice(kube.RestApi(config.kubeconfig), json.loads(config.images.read_text()))
        practice.open()
        try:
            with practice.users(config):
                sections = [make(one, practice, config) for one in wanted]
        finally:
            practice.close()
    except (LabError, OSError) as error:
        print(f"mistakes: {error}", file=sys.stderr)
        return 1
    if words:
        print("\n" + "\n".join(sections))
        return 0
    target = config.root / "docs" / "mistakes.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(page(sections))
    print(f"mistakes: {len(sections)} made, written to {target.relative_to(config.root)}")
    return 0


def make(mistake: Mistake, practice: Practice, config: Config) -> str:
    """Make it, and see that it is told and has changed nothing. Raises LabError where it is not so."""
    print(f"mistakes: {mistake.title}", flush=True)
    right = playbook("playbooks/canary.yml", RIGHT)
    with mistake.spoil(practice, config, right) as extra:
        if not mistake.disturbs:
            practice.rest()
        before = practice.state()
        variables = {**RIGHT, **mistake.variables, **extra}
        runs = [run(playbook("playbooks/canary.yml", variables), config, secrets(extra))]
        changed = [] if mistake.disturbs else written(before, practice.state())
    problems = [f"it changed {where}" for where in changed]
    problems += [f"it does not say '{word}'" for word in mistake.told if word not in runs[0].said]
    problems += ["it tells more than this one mistake"] if " problems:\n" in runs[0].said else []
    problems += [] if runs[0].code else ["its exit code is 0"]
    if mistake.remedy:
        runs.append(run(playbook(mistake.remedy, {"slipway_namespace": NAMESPACE}), config, ()))
        problems += [f"{mistake.remedy} ended with {runs[1].code}"] if runs[1].code else []
    if problems:
        raise LabError(f"{mistake.title}: {'; '.join(problems)}. It says:\n{runs[-1].said}")
    return section(mistake.title, mistake.advice, runs)


def playbook(name: str, variables: Mapping[str, Any]) -> list[str]:
    return ["ansible-playbook", name, *INVENTORY, *arguments(variables)]


def secrets(extra: Mapping[str, Any]) -> list[str]:
    token = extra.get("slipway_cluster", {}).get("api_key")
    return [token] if token else []


def run(words: Sequence[str], config: Config, private: Sequence[str]) -> Shown:
    """As a user would, with what is this machine's left out. Raises LabError where a secret was printed."""
    ended = subprocess.run(
        words, cwd=config.root, env=environment(os.environ), stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, text=True,
        timeout=TIMEOUT, check=False,
    )  # fmt: skip
    if any(secret in ended.stdout for secret in private):
        raise LabError("a secret was printed")
    names = dict.fromkeys(private, "…") | {str(config.root): "…", str(Path.home()): "~"}
    return Shown(hidden(command(words), names), hidden(telling(ended.stdout), names), ended.returncode)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
