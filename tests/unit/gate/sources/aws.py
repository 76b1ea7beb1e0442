# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real botocore where it is installed, else as much of it as the sources use.

It cannot be locked beside the newest kubernetes, which wants another version of python-dateutil.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

try:
    from botocore import exceptions
except ImportError:
    exceptions = None


class BotoCoreError(Exception):
    """As botocore's own: the mother of all that is not an answer of AWS."""


class ClientError(Exception):
    """As botocore's own: an answer of AWS that is an error."""

    def __init__(self, response: Mapping[str, Any], operation: str) -> None:
        error = response["Error"]
        super().__init__(f"An error occurred ({error['Code']}) when calling {operation}: {error['Message']}")
        self.response = response


def of_aws(code: str, message: str) -> Exception:
    """An error that AWS answered with."""
    response = {"Error": {"Code": code, "Message": message}}
    made: Exception = (exceptions.ClientError if exceptions else ClientError)(response, "GetMetricData")
    return made


def of_botocore(name: str, **details: Any) -> Exception:
    """An error before there was an answer, by the name of its class."""
    if exceptions:
        made: Exception = getattr(exceptions, name)(**details)
        return made
    return type(name, (BotoCoreError,), {})(f"{name}: {details}")


def install(monkeypatch: pytest.MonkeyPatch, **modules: Any) -> None:
    """Stand-ins for these modules of AWS' libraries (dots written as two underscores), with botocore's exceptions."""
    for package in ("boto3", "botocore"):
        monkeypatch.setitem(sys.modules, package, ModuleType(package))
    names = {
        "botocore__exceptions": exceptions or SimpleNamespace(BotoCoreError=BotoCoreError, ClientError=ClientError)
    }
    for name, module in {**names, **modules}.items():
        monkeypatch.setitem(sys.modules, name.replace("__", "."), module)
