# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chat server as a program: `python -m tests.integration.chat_server FILE`.

The file's first line says where it answers, each further one is what it was sent. What is posted to /refused gets 404.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tests.integration.post_office import chatting

LONGEST = 30 * 60.0  # seconds, if nobody ends it


def main(path: Path) -> None:
    deadline = time.monotonic() + LONGEST
    with chatting() as chat, path.open("w", buffering=1) as file:
        chat.answers["/refused"] = (404, "no_team")
        file.write(json.dumps({"url": chat.url}) + "\n")
        written = 0
        while time.monotonic() < deadline:
            for post in chat.posts[written:]:
                file.write(json.dumps(asdict(post)) + "\n")
                written += 1
            time.sleep(0.05)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
