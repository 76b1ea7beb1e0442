# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options about what is measured, which several modules have."""

from __future__ import annotations


class ModuleDocFragment:
    """C(subject), C(source) and C(checks)."""

    DOCUMENTATION = r"""
options:
  subject:
    description:
      - The pods that are watched, as a label selector for each arm, such as C(canary) and C(stable).
      - Templates and C($canary) in selectors take the arm's labels from it. The gate also watches the pods of the
        arms
        that checks are about, see O(slipway.rollout.metric_gate#module:on_pod_failure). With O(source.type=pods)
          these pods are read.
    type: dict
    default: {}
  source:
    description:
      - Where measurements come from.
    type: dict
    required: true
    suboptions:
      type:
        description:
          - V(prometheus) is Prometheus, or whatever answers its HTTP API, such as Thanos, Mimir or VictoriaMetrics.
          - V(google) is Google Cloud Monitoring, which answers PromQL as V(prometheus) does.
          - V(pods) reads the pods' own metrics. It needs no metrics server and sees what happens within an interval.
          - The others are services that are asked in a language of their own. With them C(bad), C(good), C(all) and
            C(query) of a check are written in that language, see the page about sources.
          - V(elasticsearch) is OpenSearch as well. V(json) is any JSON over HTTP, asked in JMESPath. V(command) is
            a command that prints a number.
        type: str
        required: true
        choices:
          - cloudwatch
          - command
          - datadog
          - dynatrace
          - elasticsearch
          - google
          - graphite
          - influxdb
          - json
          - loki
          - newrelic
          - pods
          - prometheus
      url:
        description:
          - Address of the service. Of Prometheus with the path before C(/api/v1) if there is one.
          - Needed with V(prometheus), V(dynatrace), V(elasticsearch), V(graphite), V(influxdb), V(json) and V(loki).
            With V(datadog) and V(newrelic) it is that of the United States when left out.
        type: str
      token:
        description:
          - Bearer token. With V(datadog), V(dynatrace), V(elasticsearch), V(influxdb) and V(newrelic) the API key or
            token, which is sent as these services want it. Needed with V(datadog), V(dynatrace) and V(newrelic).
          - With V(google) the default credentials of the host are used when left out, which needs the Python library
            google-auth.
        type: str
      username:
        description:
          - User name for basic authentication.
        type: str
      password:
        description:
          - Password for basic authentication.
        type: str
      headers:
        description:
          - Further headers, such as the tenant's C(X-Scope-OrgID). They may show up in logs.
        type: dict
        default: {}
      secret_headers:
        description:
          - Further headers that must not show up anywhere.
        type: dict
        default: {}
      parameters:
        description:
          - Further parameters of each request, such as C(dedup) of Thanos.
        type: dict
        default: {}
      validate_certs:
        description:
          - Whether the server's certificate is checked.
        type: bool
        default: true
      ca_cert:
        description:
          - File with the certificates that the server's certificate is checked against.
        type: path
      client_cert:
        description:
          - File with the certificate of this client.
        type: path
      client_key:
        description:
          - File with the key of this client.
        type: path
      sign:
        description:
          - Signs requests as AWS wants it, for the service of this name. V(aps) is Amazon Managed Service for
            Prometheus, V(es) Amazon OpenSearch Service. Needs the Python library boto3.
        type: str
        choices: [aps, es]
      region:
        description:
          - Region of AWS, with V(cloudwatch) and O(source.sign). As in the host's configuration when left out.
        type: str
      profile:
        description:
          - Profile of AWS' credentials on the host, with V(cloudwatch) and O(source.sign).
        type: str
      project:
        description:
          - Project of Google Cloud. Needed with V(google).
        type: str
      application_key:
        description:
          - Application key. Needed with V(datadog).
        type: str
      account:
        description:
          - Number of the account. Needed with V(newrelic).
        type: int
      database:
        description:
          - Name of the database. Needed with V(influxdb).
        type: str
      index:
        description:
          - Name or pattern of the index. Needed with V(elasticsearch).
        type: str
      time_field:
        description:
          - With V(elasticsearch), the field that says when a document was written.
        type: str
        default: '@timestamp'
      command:
        description:
          - With V(command), the command and its arguments. The question is added as the last one. The span of time is
            in the environment as C(SLIPWAY_START) and C(SLIPWAY_END), in seconds since the Unix epoch.
        type: list
        elements: str
      span:
        description:
          - With services that are asked in a language of their own, how far back the newest value of a C(query) is
            looked for, in seconds.
        type: float
        default: 300
      pod_label:
        description:
          - The label that says which pod a series comes from.
        type: str
        default: pod
      via:
        description:
          - V(proxy) reads pods through the API server, which needs C(get) on C(pods/proxy).
          - V(direct) reads them at their own addresses, which must be reachable from where the module runs.
        type: str
        choices: [direct, proxy]
        default: proxy
      selector:
        description:
          - Label selector of the pods to read instead of those of O(subject), such as those of a gateway.
        type: str
      namespace:
        description:
          - Namespace of the pods of O(source.selector), where it differs from O(namespace).
        type: str
      port:
        description:
          - Port of the pods' metrics. From the annotation C(prometheus.io/port) when left out, else the port that is
            called C(metrics).
        type: int
      path:
        description:
          - Path of the pods' metrics. From the annotation C(prometheus.io/path) when left out, else V(/metrics).
        type: str
      scheme:
        description:
          - Scheme of the pods' metrics. From the annotation C(prometheus.io/scheme) when left out, else V(http).
        type: str
        choices: [http, https]
      timeout:
        description:
          - How long one look may take, in seconds. What has not answered then is a look without an answer.
          - V(2) with V(pods), V(5) with V(prometheus) and V(10) with all others when left out.
        type: float
  checks:
    description:
      - What is checked. Each needs exactly one of C(template), C(bad) with C(all), C(good) with C(all), C(gauge) and
        C(query), and a limit.
      - A mistake in a check is refused before anything is changed.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: How results and messages call it. The template's name, or the kind of check, when left out.
        type: str
      template:
        description:
          - V(error_rate) is the share of responses with a status of 500 and above, V(latency) the share of requests
            that took longer than C(bound).
        type: str
        choices: [error_rate, latency]
      metrics:
        description:
          - Whose metrics a template speaks of.
          - V(app) are C(http_requests_total) with the label C(status) and C(http_request_duration_seconds).
          - V(istio) are C(istio_requests_total) and C(istio_request_duration_milliseconds).
          - V(envoy) are the upstream statistics of one of Envoy's clusters.
        type: str
        choices: [app, envoy, istio]
        default: app
      bound:
        description: With V(latency), the time in seconds that a request may take.
        type: float
      bad:
        description: Selector of the counter of bad events, in the syntax of PromQL, without functions. With a source
          that has a language of its own, a question in that about how many bad events there were.
        type: str
      good:
        description: Selector of the counter of good events, in place of C(bad).
        type: str
      all:
        description: Selector of the counter of all events.
        type: str
      gauge:
        description: Selector of a value. Every series must be within the limits.
        type: str
      query:
        description: PromQL that gives one number, or a question in the language of the source. Not with V(pods).
        type: str
      min:
        description: The least value of C(gauge) or C(query). With C(good), the least share of good events, from 0 to
          1.
        type: float
      max:
        description: The largest share of bad events, from 0 to 1. The greatest value of C(gauge) or C(query).
        type: float
      arm:
        description: The arm of O(subject) that it is about.
        type: str
        default: canary
      labels:
        description:
          - Labels by which a template, or C($canary), finds the series of the arm, in place of those of O(subject).
          - C(namespace) is added unless it is given. A label with an empty value is left out.
        type: dict
      reporter:
        description: With V(istio), whose view of a request is taken. Only V(source) sees requests that never arrived.
        type: str
        choices: [destination, source]
        default: source
      cluster:
        description:
          - With V(envoy), the name of Envoy's cluster. From the backend of C(route) that is called as the arm when
            left
            out.
        type: str
      min_requests:
        description: Number of events below which it neither fails nor passes.
        type: int
        default: 10
      min_failures:
        description: Number of bad events below which it does not fail. V(1) when C(max) is 0.
        type: int
        default: 3
      window:
        description:
          - While the gate runs, the events of the last so many seconds are judged beside those of the whole gate.
        type: float
        default: 60
      failures_allowed:
        description: As O(slipway.rollout.metric_gate#module:failures_allowed), for this check.
        type: dict
      on_no_data:
        description: As O(slipway.rollout.metric_gate#module:on_no_data), for this check.
        type: str
        choices: [fail, inconclusive, wait]
      dry_run:
        description: Whether it is judged and shown, and never decides.
        type: bool
        default: false
      judge:
        description: As O(slipway.rollout.metric_gate#module:judge), for this check.
        type: str
        choices: [kayenta, latency, sequential, slo, threshold]
      baseline:
        description:
          - Arm of O(subject) that is compared with. Its series are found by the same selectors with the labels of this
            arm in place of those of C(arm). In the language of a service C($arm) stands for the name of either.
        type: str
        default: stable
      baseline_labels:
        description: As C(labels), for the arm C(baseline).
        type: dict
      max_ratio:
        description:
          - How many times as often as in the baseline events may be bad before the release is taken back. V(1.25) when
            left out, V(1.1) for the judge V(latency).
        type: float
      promote_ratio:
        description:
          - The release passes early when events are shown not to be so many times as often bad. V(1.5) when left out.
        type: float
      analysis:
        description:
          - With the judge V(kayenta), how it judges this check, as C(analysisConfigurations.canary) of a canary-config.
          - Where C(direction) is left out, it is C(increase) for shares of bad events and C(either) for values.
        type: dict
"""
