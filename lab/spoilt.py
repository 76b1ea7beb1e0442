# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with an app in the cluster. Each is a context that gives the extra variables, and repairs."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from subprocess import DEVNULL, STDOUT
from typing import Any

from lab import app, kube
from lab.config import Config, LabError
from lab.practice import NAME, NAMESPACE, Practice, deployment, environment

API = "https://127.0.0.1:6443"
READER = "reader"
RBAC = "rbac.authorization.k8s.io/v1"


# Given the app, the lab, and the right command for a rollout beside the mistaken one.
Spoil = Callable[[Practice, Config, Sequence[str]], AbstractContextManager[Mapping[str, Any]]]


@contextmanager
def nothing(_practice: Practice, _config: Config, _run: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """The mistake is in the command alone."""
    yield {}


@contextmanager
def paused(practice: Practice, _config: Config, _run: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    practice.change(deployment("main"), {"spec": {"paused": True}})
    try:
        yield {}
    finally:
        practice.change(deployment("main"), {"spec": {"paused": None}})


@contextmanager
def overlapping(practice: Practice, _config: Config, _run: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """The canary's selector leaves out what tells its pods from stable's."""
    right = practice.declared("Deployment", f"{NAME}-canary")
    wrong = {**right, "spec": {**right["spec"], "selector": {"matchLabels": {"app": NAME}}}}
    kube.delete(practice.api, deployment("canary"))
    try:
        kube.apply(practice.api, wrong)
        practice.rest()
        yield {}
    finally:
        kube.delete(practice.api, deployment("canary"))
        kube.apply(practice.api, right)


@contextmanager
def left_over(practice: Practice, _config: Config, _run: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """As after a rollout that was killed."""
    practice.release(deployment("canary"), "failing", 1)
    practice.rest()
    practice.weigh(90, 10)
    yield {}  # the remedy takes it back


@contextmanager
def reading_only(practice: Practice, config: Config, _run: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """A ServiceAccount that may look at everything in the namespace and change nothing."""
    subject = {"kind": "ServiceAccount", "name": READER, "namespace": NAMESPACE}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": READER}
    for api_version, kind, content in (
        ("v1", "ServiceAccount", {}),
        (RBAC, "Role", {"rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}]}),
        (RBAC, "RoleBinding", {"roleRef": role, "subjects": [subject]}),
    ):
        meta = {"name": READER, "namespace": NAMESPACE}
        kube.apply(practice.api, {"apiVersion": api_version, "kind": kind, "metadata": meta, **content})
    where = kube.collection("v1", "ServiceAccount", NAMESPACE) + f"/{READER}/token"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    token = practice.api.call("POST", where, request)["status"]["token"]
    yield {"slipway_cluster": {"host": API, "ca_cert": str(config.pki / "ca.crt"), "api_key": token}}


@contextmanager
def rolling(practice: Practice, config: Config, run: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Another rollout, which has users on its canary, and must not be disturbed."""
    with tempfile.TemporaryFile("w+") as said:
        own = environment(os.environ)
        first = subprocess.Popen(run, cwd=config.root, env=own, stdin=DEVNULL, stdout=said, stderr=STDOUT)
        try:
            app.Waiting(60).until(
                lambda: "" if practice.canary_weight() else _ended(first) or "no user is on the canary"
            )
            yield {}
            code = first.wait(timeout=180)
        finally:
            first.terminate()
        said.seek(0)
        if code != 0:
            raise LabError(f"the first of two rollouts was disturbed, it ended with {code}:\n{said.read()[-3000:]}")


def _ended(process: subprocess.Popen[Any]) -> str:
    if process.poll() is not None:
        raise LabError(f"the first of two rollouts ended with {process.returncode} before it had begun")
    return ""
