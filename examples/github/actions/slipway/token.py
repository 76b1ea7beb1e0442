# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask GitHub for this job's identity, and hand it to a Kubernetes client as its exec plugin.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
The job needs `permissions: {id-token: write}`; the cluster trusts the issuer and $AUDIENCE (default: kubernetes).
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from urllib.parse import quote
from urllib.request import Request, urlopen


def credential(environment: Mapping[str, str]) -> dict[str, object]:
    """An ExecCredential. It says when it ends, so that clients ask again in time."""
    url = f"{environment['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience={quote(environment.get('AUDIENCE') or 'kubernetes')}"
    request = Request(url, headers={"Authorization": f"Bearer {environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"})
    with urlopen(request, timeout=10) as answer:
        token = json.load(answer)["value"]
    claims = token.split(".")[1]
    ends = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
    # A minute early: a request on its way must not arrive with a token that has just ended.
    expiry = datetime.fromtimestamp(ends - 60, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": token, "expirationTimestamp": expiry},
    }


if __name__ == "__main__":
    try:
        json.dump(credential(os.environ), sys.stdout)
    except KeyError as missing:
        sys.exit(f"{missing} is not set: give the job 'permissions: {{id-token: write}}'")
