# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests signed as AWS wants it (Signature Version 4), for Amazon Managed Prometheus and OpenSearch."""

from __future__ import annotations

from collections.abc import Mapping

from .http import Sign
from .source import SourceError


def open_signer(service: str, region: str | None, profile: str | None) -> Sign:
    """`service` is AWS' name of it: aps, es. Credentials are looked for where boto3 looks. Raises SourceError."""
    try:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.exceptions import BotoCoreError
        from botocore.session import Session
    except ImportError as error:
        message = f"The Python library 'botocore' is missing on this host ({error}). Install it: pip install boto3"
        raise SourceError("unreachable", message) from error
    try:
        session = Session(profile=profile)
        region = region or session.get_config_variable("region")
        credentials = session.get_credentials()
    except BotoCoreError as error:
        raise SourceError("refused", f"AWS' credentials cannot be used: {error}.") from error
    if credentials is None:
        raise SourceError("refused", "There are no AWS credentials on this host. Set source.profile, or AWS_PROFILE.")
    if not region:
        raise SourceError("bad_query", "source.region is missing; a signature names AWS' region, such as eu-central-1.")
    found, where = credentials, region

    def sign(method: str, url: str, body: str | None) -> Mapping[str, str]:
        request = AWSRequest(method=method, url=url, data=body)
        # Frozen anew each time, since credentials of a role run out and are renewed.
        SigV4Auth(found.get_frozen_credentials(), service, where).add_auth(request)
        return dict(request.headers.items())

    return sign
