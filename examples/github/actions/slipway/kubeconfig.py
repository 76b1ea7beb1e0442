# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a kubeconfig for the clusters that $CLUSTERS names, and print where it is: kubeconfig.py FILE

It holds no secret: whoever reads it runs token.py for one.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path


def kubeconfig(clusters: Sequence[dict[str, str]], token: Path) -> dict[str, object]:
    """A context for each cluster, by the cluster's name."""
    ask = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": [str(token)],
        "interactiveMode": "Never",
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": one["name"], "cluster": {"server": one["server"], "certificate-authority-data": one["ca"]}}
            for one in clusters
        ],
        "users": [{"name": "workflow", "user": {"exec": ask}}],
        "contexts": [
            {"name": one["name"], "context": {"cluster": one["name"], "user": "workflow"}} for one in clusters
        ],
        "current-context": clusters[0]["name"] if clusters else "",
    }


def main(file: Path) -> None:
    clusters = json.loads(os.environ.get("CLUSTERS") or "[]")
    file.write_text(json.dumps(kubeconfig(clusters, Path(__file__).with_name("token.py")), indent=2))
    print(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
