# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of what a terminal showed: python -m tools.picture LOG PICTURE.svg [TITLE]

`ANSIBLE_FORCE_COLOR=1 make demo | tee build/demo.log` makes a log in colour. Of a long one, the lines that tell the
story are kept: what was run, what the gate saw, how it ended.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 128
TOLD = re.compile(
    r"^(demo: |\$ |=====|\s+(why:|-{3,}|release\s)|What users felt|(good-2|failing)\s)"
    r"|\bLive:|\bWhy:|\bNext:|\] (split|look|PASS|FAIL|the route|traffic)\b"
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def story(lines: Sequence[str]) -> Iterator[str]:
    """The lines that matter, with an ellipsis where others were left out."""
    gap = False
    table = False
    for line in lines:
        plain = _COLOURS.sub("", line)
        table = table or plain.startswith("What users felt")
        if table or (TOLD.search(plain) and not plain[:1].isdigit()):
            if gap:
                yield "  …"
            yield line
            gap = False
        elif plain.strip():
            gap = True


def main(log: Path, picture: Path, title: str) -> int:
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for line in story(log.read_text("utf-8").splitlines()):
        text = Text.from_ansi(line)
        text.truncate(WIDTH, overflow="ellipsis")
        console.print(text)
    console.save_svg(str(picture), title=title)
    # The picture must look the same everywhere, so it asks for no font from the network.
    drawn = picture.read_text("utf-8")
    picture.write_text(re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "make demo"))
