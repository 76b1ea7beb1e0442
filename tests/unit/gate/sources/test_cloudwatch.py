# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudWatch: pages, periods and each way in which boto3 says no."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.cloudwatch import CloudWatch, open_client
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import Sample, SourceError

from tests.unit.gate.sources import aws
from tests.unit.gate.sources.services import MINUTE, SPAN

SQL = 'SELECT SUM(HTTPCode_Target_5XX_Count) FROM "AWS/ApplicationELB"'


class Client:
    """Answers page by page; an exception is raised."""

    def __init__(self, *pages: Any) -> None:
        self.pages = list(pages)
        self.asked: list[dict[str, Any]] = []
        self.meta = SimpleNamespace(region_name="eu-central-1")

    def get_metric_data(self, **asked: Any) -> Any:
        self.asked.append(asked)
        page = self.pages.pop(0)
        if isinstance(page, Exception):
            raise page
        return page


def result(*values: float, at: int = MINUTE, **more: Any) -> dict[str, Any]:
    moments = [datetime.fromtimestamp(at + 60 * number, timezone.utc) for number in range(len(values))]
    found = {"Id": "slipway", "Label": "errors", "StatusCode": "Complete"}
    return {**found, "Timestamps": moments, "Values": list(values), **more}


def page(*results: Any, **more: Any) -> dict[str, Any]:
    return {"MetricDataResults": list(results), "Messages": [], **more}


@pytest.fixture(autouse=True)
def libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    aws.install(monkeypatch)


def problem(answer: Any, question: str = SQL) -> SourceError:
    with pytest.raises(SourceError) as caught:
        CloudWatch(Client(answer)).ask(question, SPAN)
    return caught.value


def test_an_expression_and_its_pages() -> None:
    client = Client(page(result(3.0, StatusCode="PartialData"), NextToken="t"), page(result(4.0, at=MINUTE + 60)))
    (points,) = CloudWatch(client).ask(SQL, SPAN)
    assert points == ({"label": "errors"}, [Sample(MINUTE, 3.0), Sample(MINUTE + 60, 4.0)])
    assert client.asked[1] == {
        "MetricDataQueries": [{"Id": "slipway", "Expression": SQL, "Period": 60}],
        "StartTime": datetime.fromtimestamp(SPAN.start, timezone.utc),
        "EndTime": datetime.fromtimestamp(SPAN.end, timezone.utc),
        "ScanBy": "TimestampAscending",
        "NextToken": "t",
    }
    assert CloudWatch(client).describe() == "CloudWatch in eu-central-1"


def test_queries_as_json() -> None:
    client = Client(page(result(1.0)))
    CloudWatch(client).ask('[{"Id": "a", "MetricStat": {}}]', SPAN)
    assert client.asked[0]["MetricDataQueries"] == [{"Id": "a", "MetricStat": {}}]


def test_no_values_are_no_data() -> None:
    assert CloudWatch(Client(page(result()))).ask(SQL, SPAN) == []


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (aws.of_aws("AccessDenied", "not authorized"), "refused", "not authorized"),
        (aws.of_aws("ValidationError", "bad syntax"), "bad_query", "bad syntax"),
        (aws.of_aws("Throttling", "slow down"), "server_error", "slow down"),
        (aws.of_botocore("NoCredentialsError"), "refused", "CloudWatch in eu-central-1 gives nothing"),
        (aws.of_botocore("ReadTimeoutError", endpoint_url="https://x", error="e"), "timeout", "for `SELECT"),
        (aws.of_botocore("EndpointConnectionError", endpoint_url="https://x", error="e"), "unreachable", "https://x"),
        (page(result(StatusCode="Forbidden")), "refused", "Forbidden"),
        (page(result(StatusCode="InternalError", Messages=[{"Code": "E", "Value": "v"}])), "server_error", "E: v"),
    ],
)
def test_each_failure_has_its_outcome(answer: Any, kind: str, said: str) -> None:
    error = problem(answer)
    assert (error.kind, said in str(error)) == (kind, True)


def test_json_that_is_none() -> None:
    error = problem(page(), "[{")
    assert (error.kind, "begins with a bracket but is no JSON" in str(error)) == ("bad_query", True)


def test_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3.session", None)
    with pytest.raises(SourceError) as caught:
        open_client("eu-central-1", None, 5.0)
    assert "pip install boto3" in str(caught.value)


def test_a_client_is_made_with_the_gates_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Session:
        def __init__(self, **options: Any) -> None:
            if options["profile_name"] == "none":
                raise aws.of_botocore("ProfileNotFound", profile="none")
            self.options = options

        def client(self, name: str, config: Any) -> Any:
            return name, self.options, config

    aws.install(
        monkeypatch, boto3__session=SimpleNamespace(Session=Session), botocore__config=SimpleNamespace(Config=dict)
    )
    assert open_client("eu-central-1", "prod", 2.5) == (
        "cloudwatch",
        {"profile_name": "prod", "region_name": "eu-central-1"},
        {"connect_timeout": 2.5, "read_timeout": 2.5, "retries": {"total_max_attempts": 1}},
    )
    with pytest.raises(SourceError) as caught:
        open_client("eu-central-1", "none", 2.5)
    assert (caught.value.kind, "Check region and profile" in str(caught.value)) == ("refused", True)
