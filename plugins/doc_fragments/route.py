# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options about routes that several modules have."""

from __future__ import annotations


class ModuleDocFragment:
    """C(route) and C(namespace); C(OBSERVE) has the options for watching traffic follow."""

    DOCUMENTATION = r"""
options:
  namespace:
    description:
      - Namespace of the route and its backends, unless O(route.namespace) says otherwise.
    type: str
  route:
    description:
      - The object that splits traffic, and which of its backends is which.
    type: dict
    required: true
    suboptions:
      kind:
        description:
          - V(virtualservice) is an Istio VirtualService; its HTTP routes are meant.
          - V(httproute) and V(grpcroute) are those of the Gateway API.
          - V(openshiftroute) is an OpenShift Route, with C(spec.to) and C(spec.alternateBackends).
          - V(replicas) needs no mesh. Deployments stand behind one Service, and their numbers of pods make the split.
        type: str
        required: true
        choices: [grpcroute, httproute, openshiftroute, replicas, virtualservice]
      name:
        description:
          - Name of the route object. With O(route.kind=replicas), name of the Service that all backends stand behind.
        type: str
        required: true
      namespace:
        description:
          - Namespace of the route, where it differs from O(namespace).
        type: str
      rule:
        description:
          - Name of the HTTP route (VirtualService) or of the rule (HTTPRoute, GRPCRoute) within the object.
          - May be left out when exactly one rule has all the backends. An OpenShift Route has no rules.
        type: str
      api_version:
        description:
          - API version for clusters that do not serve the current one, such as V(networking.istio.io/v1beta1).
        type: str
      backends:
        description:
          - At least two names of your choice, such as C(stable) and C(canary), and what each is in the route.
          - With V(virtualservice), C(service) is the destination's host (short or fully qualified), C(subset) its
            subset, C(port) its port where that is needed to tell two apart.
          - With V(httproute) and V(grpcroute), C(service) is the name of the backend's Service, C(port) its port.
          - With V(openshiftroute), C(service) is the name of the backend's Service.
          - With V(replicas), C(deployment) is the name of the Deployment.
        type: dict
        required: true
      capacity:
        description:
          - With V(replicas) only. Number of pods that the split is taken of.
          - The sum of today's pods when left out.
        type: int
      keep:
        description:
          - With V(replicas) only. Number of pods, by backend, below which it is never scaled. Needs O(route.capacity).
          - The other backends are then rounded up.
        type: dict
"""

    # For a module that can do without a route. Annotated, because ansible-test takes plain assignments for literals.
    OPTIONAL: str = DOCUMENTATION.replace("    required: true\n    suboptions:", "    suboptions:", 1)

    OBSERVE = r"""
options:
  observe:
    description:
      - Return only when traffic has followed, by the route's status where it has one and by the request counters of
        the backends' pods. With O(route.kind=replicas), when the Service's endpoints are the pods that were asked for.
      - Requests that are too few to tell give a warning. Traffic that still goes by the split before is an error.
    type: bool
    default: false
  observe_timeout:
    description:
      - How long to watch, in seconds.
    type: float
    default: 30.0
  observe_metrics:
    description:
      - Where requests are counted.
    type: dict
    default: {}
    suboptions:
      metric:
        description:
          - Name of a counter of requests that the pods expose.
        type: str
        default: http_requests_total
      matchers:
        description:
          - Which of its series count, in the syntax of PromQL. Leave out probes.
        type: str
        default: '{path!~"/health.*"}'
      via:
        description:
          - V(proxy) reads the pods' metrics through the API server, which needs C(get) on C(pods/proxy).
          - V(direct) reads them at the pods' own addresses, which must be reachable from where the module runs.
        type: str
        choices: [direct, proxy]
        default: proxy
      port:
        description:
          - Port of the metrics. From the pods' annotation C(prometheus.io/port) when left out.
        type: int
      path:
        description:
          - Path of the metrics. From the pods' annotation C(prometheus.io/path) or V(/metrics) when left out.
        type: str
      interval:
        description:
          - Time between two looks, in seconds.
        type: float
        default: 0.25
"""
