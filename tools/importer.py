# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the collection and import it the way that Galaxy does; what the importer warns of is a failure here.

Containers are left out: `ansible-test sanity` and ansible-lint run as checks of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.stage import stage

SETTINGS = {
    "CHECK_CHANGELOG": "true",
    "CHECK_REQUIRED_TAGS": "true",
    "RUN_ANSIBLE_DOC": "true",
    "RUN_ANSIBLE_LINT": "false",
    "RUN_ANSIBLE_TEST": "false",
}


def main(place: Path) -> int:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    copy = stage(place / "tree")
    build = ("ansible-galaxy", "collection", "build", "--output-path", str(place), str(copy))
    built = subprocess.run(build, capture_output=True, text=True, check=False)
    tarballs = list(place.glob("*.tar.gz"))
    if built.returncode or len(tarballs) != 1:
        print(built.stdout + built.stderr)
        return 1
    settings = SETTINGS | {"ANSIBLE_LOCAL_TMP": str(place / "tmp")}
    environment = os.environ | {f"GALAXY_IMPORTER_{name}": value for name, value in settings.items()}
    imported = subprocess.run(
        (sys.executable, "-m", "galaxy_importer.main", str(tarballs[0])),
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(imported.stdout)
    complaints = [line for line in imported.stdout.splitlines() if line.startswith(("ERROR", "WARNING", "CRITICAL"))]
    # It ends with code 0 even when it refuses, so its last words count.
    finished = "Importer processing completed successfully" in imported.stdout
    return 0 if finished and not imported.returncode and not complaints else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
