# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Amazon CloudWatch, asked with boto3.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .service import Points, Span
from .source import Sample, SourceError

PERIOD = 60
# The exceptions of botocore by what a gate makes of them; what is not here is a failure of the server.
_KINDS: Mapping[str, Sequence[str]] = {
    "timeout": ("ConnectTimeoutError", "ReadTimeoutError"),
    "unreachable": ("EndpointConnectionError", "ConnectionClosedError", "ProxyConnectionError", "SSLError"),
    "refused": ("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "TokenRetrievalError"),
    "bad_query": ("ParamValidationError",),
}
_CODES: Mapping[str, Sequence[str]] = {
    "refused": (
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ),
    "bad_query": ("ValidationError", "InvalidParameterValue", "InvalidParameterCombination"),
}


def open_client(region: str | None, profile: str | None, timeout: float) -> Any:
    """The credentials are found where boto3 looks for them. Raises SourceError."""
    try:
        from boto3.session import Session
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        message = f"The Python library 'boto3' is missing on this host ({error}). Install it: pip install boto3"
        raise SourceError("unreachable", message) from error
    try:
        session = Session(profile_name=profile, region_name=region)
        config = Config(connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": 1})
        return session.client("cloudwatch", config=config)
    except BotoCoreError as error:
        raise SourceError("refused", f"CloudWatch cannot be asked: {error}. Check region and profile.") from error


@dataclass(frozen=True, slots=True)
class CloudWatch:
    """Questions are expressions, such as `SELECT SUM(HTTPCode_Target_5XX_Count) FROM "AWS/ApplicationELB"`, or a list
    of MetricDataQueries as JSON, of which those with ReturnData count.
    """

    client: Any

    def ask(self, question: str, span: Span) -> Sequence[Points]:
        asked = {
            "MetricDataQueries": self._queries(question),
            "StartTime": datetime.fromtimestamp(span.start, timezone.utc),
            "EndTime": datetime.fromtimestamp(span.end, timezone.utc),
            "ScanBy": "TimestampAscending",
        }
        found: dict[str, tuple[str, list[Sample]]] = {}
        while True:
            page = self._call(lambda: self.client.get_metric_data(**asked), question)
            for result in page["MetricDataResults"]:
                self._complete(result, question)
                _label, samples = found.setdefault(result["Id"] + result["Label"], (result["Label"], []))
                samples += [
                    Sample(at.timestamp(), float(value))
                    for at, value in zip(result["Timestamps"], result["Values"], strict=True)
                ]
            if not page.get("NextToken"):
                return [Points({"label": label}, samples) for label, samples in found.values() if samples]
            asked["NextToken"] = page["NextToken"]

    def describe(self) -> str:
        return f"CloudWatch in {self.client.meta.region_name}"

    def _queries(self, question: str) -> Any:
        if not question.startswith("["):
            return [{"Id": "slipway", "Expression": question, "Period": PERIOD}]
        try:
            return json.loads(question)
        except ValueError as error:
            raise self._error("bad_query", question, f"it begins with a bracket but is no JSON ({error})") from error

    def _call(self, call: Callable[[], Any], question: str) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return call()
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            raise self._error(_kind(code, _CODES), question, str(error)) from error
        except BotoCoreError as error:
            raise self._error(_kind(type(error).__name__, _KINDS), question, str(error)) from error

    def _complete(self, result: Mapping[str, Any], question: str) -> None:
        """PartialData is that of a page with more to come."""
        if result.get("StatusCode", "Complete") not in ("Complete", "PartialData"):
            said = "; ".join(f"{one.get('Code')}: {one.get('Value')}" for one in result.get("Messages") or ())
            kind = "refused" if result["StatusCode"] == "Forbidden" else "server_error"
            raise self._error(kind, question, said or result["StatusCode"])

    def _error(self, kind: str, question: str, said: str) -> SourceError:
        return SourceError(kind, f"{self.describe()} gives nothing for `{question}`: {said}")


def _kind(name: str, kinds: Mapping[str, Sequence[str]]) -> str:
    return next((kind for kind, names in kinds.items() if name in names), "server_error")
