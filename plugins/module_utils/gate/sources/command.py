# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A command that prints a number, for whatever nothing else can ask."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from .service import Points, Span
from .source import Sample, SourceError


@dataclass(frozen=True, slots=True)
class Command:
    """The question is the command's last argument; what it prints is the answer, and nothing is no data.

    The span is in its environment as SLIPWAY_START and SLIPWAY_END. An exit code other than 0 is a failure, told with
    the last line of what it says about it.
    """

    command: tuple[str, ...]
    timeout: float

    def ask(self, question: str, span: Span) -> Sequence[Points]:
        printed = self._run(question, span).strip()
        if not printed:
            return []
        try:
            return [Points({}, [Sample(span.end, float(printed))])]
        except ValueError as error:
            raise self._error(
                "bad_answer", question, f"printed {printed!r:.60}, where one number is expected"
            ) from error

    def describe(self) -> str:
        return f"the command {self.command[0]}"

    def _run(self, question: str, span: Span) -> str:
        environment = {**os.environ, "SLIPWAY_START": f"{span.start:.3f}", "SLIPWAY_END": f"{span.end:.3f}"}
        try:
            # There is no module at hand: sources know none.
            done = subprocess.run(  # pylint: disable=ansible-bad-function
                [*self.command, question],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise self._error("timeout", question, f"gave no answer in {self.timeout:g} s") from error
        except OSError as error:
            raise self._error("unreachable", question, f"cannot be run: {error.strerror}") from error
        if done.returncode != 0:
            said = (done.stderr.strip() or "no word about it").splitlines()[-1]
            raise self._error("server_error", question, f"failed with exit code {done.returncode}: {said}")
        return done.stdout

    def _error(self, kind: str, question: str, said: str) -> SourceError:
        text = self.describe()
        return SourceError(kind, f"{text[0].upper()}{text[1:]} {said} (for `{question}`).")
