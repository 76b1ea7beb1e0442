# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an image says about itself.

https://github.com/opencontainers/image-spec/blob/main/annotations.md
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone

from .source import Source

_PREFIX = "org.opencontainers.image."


def labels(source: Source, title: str, version: str, more: Mapping[str, str]) -> dict[str, str]:
    """The commit's time and not the clock's, so that the same commit gives the same image. `more` wins."""
    created = datetime.fromtimestamp(source.committed, timezone.utc) if source.committed else None
    known = {
        "title": title,
        "version": version,
        "revision": source.revision + ("-dirty" if source.dirty else ""),
        "source": source.url,
        "url": source.url,
        "created": created.isoformat().replace("+00:00", "Z") if created else "",
    }
    return {_PREFIX + name: value for name, value in known.items() if value} | dict(more)
