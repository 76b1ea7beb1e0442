# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The route: at rest, and its backends the pods that are meant."""

from __future__ import annotations

from collections.abc import Iterator

from ..labels import join_labels, selects, template_labels
from .problem import Problem
from .view import View
from .wish import Wish


def routing_problems(wish: Wish, view: View) -> Iterator[Problem]:
    """What the route itself could not say is in the view's own problems."""
    if wish.route is None or wish.route.kind == "replicas":
        return  # there the Deployments are the backends, and the route has looked at their labels
    deployments = {"stable": view.stable, "canary": view.canary}
    for name, (namespace, selector) in view.selectors.items():
        for arm, deployment in deployments.items():
            if deployment is None or name not in deployments:
                continue
            labels = template_labels(deployment)
            fits = bool(selector) and namespace == wish.namespace and selects({"matchLabels": selector}, labels)
            if fits == (arm == name):
                continue
            own, where = deployment["metadata"]["name"], f"route.backends.{name}"
            found = f"it selects {join_labels(selector) or 'nothing'} in namespace {namespace}"
            if arm == name:
                found += f", which the pods of Deployment {own} ({join_labels(labels)}) are not"
                yield Problem(where, found, f"a Service that selects the pods of {own}", "correct one of the two")
            else:
                found += f", which the pods of the other Deployment {own} ({join_labels(labels)}) are too"
                remedy = "add a label to the Service's selector that only its own pods have"
                yield Problem(where, found, "a Service of its own for each version, or the split is not real", remedy)
