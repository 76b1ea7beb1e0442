# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role provision_terraform: what is planned is shown and kept, and nothing else is applied.

Its root module needs no provider, so this runs wherever Terraform is. State and lock are in the lab's cluster.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import kube
from tests.integration.conftest import Lab
from tests.integration.module import run_module
from tests.integration.shop import MERGE, within
from tests.integration.terraform_runs import Project, program

pytestmark = pytest.mark.slow  # Terraform starts anew for each step

NAMESPACE = "terraform-role"
STATE = f"/api/v1/namespaces/{NAMESPACE}/secrets/tfstate-default-app"
LEASES = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"
PASSWORD = "correct-horse-battery"
MODULE = """
terraform {
  backend "kubernetes" {}
}
variable "greeting" { type = string }
variable "password" {
  type      = string
  sensitive = true
  ephemeral = true
}
variable "secret_revision" { type = number }
variable "second" {
  type    = bool
  default = true
}
resource "terraform_data" "first" { input = "${var.greeting} ${var.secret_revision}" }
resource "terraform_data" "second" {
  count = var.second ? 1 : 0
  input = "same"
}
output "greeting" { value = var.greeting }
output "hidden" {
  value     = "kept-to-itself"
  sensitive = true
}
"""


@pytest.fixture(scope="module", autouse=True)
def namespace(lab: Lab) -> Iterator[None]:
    program()
    where = f"/api/v1/namespaces/{NAMESPACE}"
    kube.delete(lab.api, where)
    within(60, lambda: kube.find(lab.api, where) is None)
    kube.apply(lab.api, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    yield
    kube.delete(lab.api, where)


@pytest.fixture
def project(lab: Lab, tmp_path: Path) -> Project:
    """Nothing is provisioned yet."""
    for path in (STATE, f"{LEASES}/lock-tfstate-default-app", f"{LEASES}/slipway-shop"):
        kube.delete(lab.api, path)
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "main.tf").write_text(MODULE)
    return Project(folder, lab.kubeconfig, NAMESPACE, {"password": PASSWORD})


def state(lab: Lab) -> str:
    """What Terraform keeps in the cluster, in clear."""
    secret = lab.api.call("GET", STATE)
    return gzip.decompress(base64.b64decode(secret["data"]["tfstate"])).decode()


def test_plan_is_shown_and_kept_and_exactly_it_is_applied(lab: Lab, project: Project) -> None:
    planned = project.run({"greeting": "hello"}, step="plan")
    assert (planned.code, planned.changed) == (0, 0), planned.said
    assert 'resource \\"terraform_data\\" \\"first\\"' in planned.said  # shown
    assert "nothing was changed" in planned.line("Live")
    assert "step=apply" in planned.line("Next")
    assert 'resource "terraform_data" "first"' in (project.kept / "plan.txt").read_text()
    kept = (project.kept / "plan.tfplan").read_bytes()

    applied = project.run({"greeting": "hello"}, step="apply")
    assert (applied.code, applied.changed) == (0, 1), applied.said
    assert (project.kept / "plan.tfplan").read_bytes() == kept
    assert 'OUTPUTS={\\"greeting\\": \\"hello\\"}' in applied.said  # and nothing of what is sensitive
    assert json.loads(state(lab))["outputs"]["greeting"]["value"] == "hello"

    again = project.run({"greeting": "hello"})
    assert (again.code, again.changed) == (0, 0), again.said
    assert again.line("Next") == "nothing to do."


def test_stale_plan_is_refused(lab: Lab, project: Project) -> None:
    assert project.run({"greeting": "hello"}).code == 0
    assert project.run({"greeting": "good day"}, step="plan").code == 0
    (project.folder / "main.tf").write_text(MODULE.replace('"same"', '"another"'))  # somebody goes on working
    refused = project.run({"greeting": "good day"}, step="apply")
    assert refused.code != 0, refused.said
    assert "is stale" in refused.line("Why")
    assert "plan again" in refused.line("Next")
    assert "good day" not in state(lab)


def test_rehearsal_plans_and_writes_nothing(lab: Lab, project: Project) -> None:
    rehearsed = project.run({"greeting": "hello"}, "--check")
    assert (rehearsed.code, rehearsed.changed) == (0, 1), rehearsed.said  # it would change something
    assert "will be created" in rehearsed.said
    assert rehearsed.line("Next") == "the same command without --check."
    assert json.loads(state(lab))["resources"] == []  # the backend makes an empty one by itself
    lock = lab.api.call("GET", f"{LEASES}/lock-tfstate-default-app")
    assert not lock["spec"].get("holderIdentity")
    assert not (project.kept / "plan.tfplan").exists()
    unseen = project.run({"greeting": "hello"}, step="apply")  # a rehearsal is no plan that anybody has approved
    assert "there is no plan" in unseen.line("Why"), unseen.said


def test_secrets_are_seen_nowhere(lab: Lab, project: Project) -> None:
    witness = project.witness()
    ran = project.run({"greeting": "hello"}, "-vvv", "--diff", binary=str(witness))
    assert (ran.code, ran.changed) == (0, 1), ran.said
    seen = witness.with_suffix(".log").read_text()
    assert "mode 600" in seen
    assert "mode 644" not in seen
    assert not (project.kept / "variables.tfvars.json").exists()
    written = b"".join(path.read_bytes() for path in project.folder.rglob("*") if path.is_file())
    for where, text in (("the log", ran.said), ("a command line", seen), ("the state", state(lab))):
        assert PASSWORD not in text, where
    assert PASSWORD.encode() not in written
    assert "kept-to-itself" not in ran.said
    assert project.kept.stat().st_mode & 0o777 == 0o700


def test_other_secrets_are_noticed(project: Project) -> None:
    assert project.run({"greeting": "hello"}).changed == 1
    other = project.run({"greeting": "hello"}, secrets={"password": "another"})
    assert (other.code, other.changed) == (0, 1), other.said


def test_state_is_locked_in_the_cluster(lab: Lab, project: Project) -> None:
    assert project.run({"greeting": "hello"}).changed == 1
    where = f"{LEASES}/lock-tfstate-default-app"
    lock = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": "lock-tfstate-default-app",
            "namespace": NAMESPACE,
            "annotations": {
                "app.terraform.io/lock-info": json.dumps({"ID": "1", "Who": "ann@ops", "Operation": "plan"})
            },
        },
        "spec": {"holderIdentity": "1"},
    }
    kube.delete(lab.api, where)
    kube.apply(lab.api, lock)
    refused = project.run({"greeting": "good day"}, lock_timeout=1)
    assert refused.code != 0
    assert "lock" in refused.line("Why")
    assert "ann@ops" in refused.line("Why")
    assert "good day" not in state(lab)
    kube.delete(lab.api, where)
    assert project.run({"greeting": "good day"}).changed == 1


def test_nothing_is_deleted_unless_that_is_meant(lab: Lab, project: Project) -> None:
    assert project.run({"greeting": "hello"}).code == 0
    refused = project.run({"greeting": "hello", "second": False})
    assert refused.code != 0
    assert "terraform_data.second[0]" in refused.line("Why")
    assert "may_delete=true" in refused.line("Next")
    assert '"second"' in state(lab)
    assert project.run({"greeting": "hello", "second": False}, may_delete=True).changed == 1
    assert '"second"' not in state(lab)


def test_what_is_there_is_not_changed_while_a_rollout_is_under_way(lab: Lab, project: Project) -> None:
    assert project.run({"greeting": "hello"}).code == 0
    lock = {"namespace": NAMESPACE, "app": "shop", "strategy": "canary", "kubeconfig": str(lab.kubeconfig)}
    ann = {**lock, "state": "locked", "run": {"holder": "ann@ops", "doing": "a canary"}}
    run_module("rollout", ann)
    quiet = project.run({"greeting": "hello"})  # no changes: nothing to wait for
    assert (quiet.code, quiet.changed) == (0, 0), quiet.said
    run_module("rollout", ann)  # still at work
    heard = {"spec": {"renewTime": "2999-01-01T00:00:00.000000Z"}}  # and will be heard of, however slow this machine is
    lab.api.call("PATCH", f"{LEASES}/slipway-shop", heard, MERGE)
    refused = project.run({"greeting": "good day"})
    assert refused.code != 0
    assert "ann@ops" in refused.said
    assert "good day" not in state(lab)
    kube.delete(lab.api, f"{LEASES}/slipway-shop")
    assert project.run({"greeting": "good day"}).changed == 1
    assert kube.find(lab.api, f"{LEASES}/slipway-shop") is None or not (
        lab.api.call("GET", f"{LEASES}/slipway-shop")["spec"].get("holderIdentity")
    )


def test_what_is_missing_is_said(project: Project, tmp_path: Path) -> None:
    nothing = project.run({"greeting": "hello"}, binary="terraform-that-is-not-there")
    assert "there is no terraform-that-is-not-there" in nothing.line("Why"), nothing.said
    nowhere = project.run({"greeting": "hello"}, project=str(tmp_path))
    assert "where no file ends in .tf" in nowhere.line("Why"), nowhere.said
    (project.folder / "main.tf").write_text(MODULE + 'variable "more" { type = string }')
    lacking = project.run({"greeting": "hello"})
    assert lacking.code != 0
    assert 'variable "more"' in lacking.line("Why") + lacking.said
