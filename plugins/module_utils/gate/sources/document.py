# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Any JSON over HTTP: a document, and JMESPath for the numbers in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .http import JsonClient
from .service import Points, Span
from .source import Sample, SourceError


@dataclass(frozen=True, slots=True)
class Document:
    """Questions are JMESPath (`status.requests.failed`), each put to a document that is fetched anew.

    One that is about events gives how many there have been since whatever counts them began.
    """

    client: JsonClient

    def ask(self, question: str, span: Span) -> Sequence[Points]:
        about = f"`{question}`"
        document = self.client.ask("", about=about)
        value = self._searched(question, document, about)
        if value is None:
            return []
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise self.client.rejected(about, f"it gives {value!r:.60}, where one number is expected")
        try:
            return [Points({}, [Sample(span.end, float(value))])]
        except ValueError as error:
            raise self.client.rejected(about, f"it gives {value!r:.60}, which is no number") from error

    def describe(self) -> str:
        return self.client.describe()

    def _searched(self, question: str, document: Any, about: str) -> Any:
        try:
            import jmespath
            from jmespath.exceptions import JMESPathError
        except ImportError as error:
            message = (
                f"The Python library 'jmespath' is missing on this host ({error}). Install it: pip install jmespath"
            )
            raise SourceError("unreachable", message) from error
        try:
            return jmespath.search(question, document)
        except JMESPathError as error:
            raise self.client.rejected(about, str(error)) from error
