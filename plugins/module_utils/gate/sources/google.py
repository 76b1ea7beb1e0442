# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Google Cloud Monitoring, which answers PromQL for all of its metrics.

https://cloud.google.com/stackdriver/docs/managed-prometheus/query-api-ui
"""

from __future__ import annotations

from collections.abc import Mapping

from .http import Sign
from .source import SourceError

SCOPE = "https://www.googleapis.com/auth/monitoring.read"
HOST = "https://monitoring.googleapis.com"


def address(project: str, host: str = HOST) -> str:
    """Where the API of Prometheus is for a project."""
    return f"{host.rstrip('/')}/v1/projects/{project}/location/global/prometheus"


def open_signer() -> Sign:
    """Application default credentials, renewed when they run out. Raises SourceError."""
    try:
        import google.auth
        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import Request
    except ImportError as error:
        message = (
            f"The Python library 'google-auth' is missing on this host ({error}). Install it: pip install google-auth"
        )
        raise SourceError("unreachable", message) from error
    try:
        credentials, _project = google.auth.default(scopes=[SCOPE])
    except GoogleAuthError as error:
        raise SourceError("refused", f"There are no Google credentials on this host: {error}") from error

    def sign(_method: str, _url: str, _body: str | None) -> Mapping[str, str]:
        try:
            if not credentials.valid:
                credentials.refresh(Request())
        except GoogleAuthError as error:
            raise SourceError("refused", f"Google's credentials cannot be renewed: {error}") from error
        return {"Authorization": f"Bearer {credentials.token}"}

    return sign
