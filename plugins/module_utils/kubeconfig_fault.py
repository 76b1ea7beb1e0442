# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a kubeconfig cannot be used: which file was meant, what it lacks, what there is instead.

Asked only after the kubernetes library has given up, whose own words name neither the file nor the context.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def kubeconfig_fault(options: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """Sentences; "" where nothing is wrong that can be seen here. Arguments as those of `read_plain`."""
    given = options.get("kubeconfig") or environment.get("K8S_AUTH_KUBECONFIG")
    named = given or environment.get("KUBECONFIG") or "~/.kube/config"
    if options.get("host") or not isinstance(named, str) or ":" in named:
        return ""  # no file, or several that are merged
    path = Path(named).expanduser().absolute()
    if not path.is_file():
        return f"There is no file {path}. {_remedy(given)}"
    try:
        import yaml

        document = yaml.safe_load(path.read_text("utf-8"))
        contexts = [str(entry["name"]) for entry in document.get("contexts") or ()]
        current = str(document.get("current-context") or "")
    except ImportError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        return f"The kubeconfig {path} cannot be read: {error}. {_remedy(given)}"
    except (AttributeError, LookupError, TypeError, yaml.YAMLError):
        return f"The file {path} is no kubeconfig: it is not YAML with clusters, users and contexts. {_remedy(given)}"
    return _context_fault(path, contexts, options.get("context") or environment.get("K8S_AUTH_CONTEXT"), current)


def _context_fault(path: Path, contexts: Sequence[str], asked: str | None, current: str) -> str:
    there = f"it has {', '.join(contexts)}" if contexts else "it has none"
    if asked and asked not in contexts:
        return f"The kubeconfig {path} has no context '{asked}'; {there}. Correct context."
    if not asked and not current:
        return f"The kubeconfig {path} has no current-context; {there}. Set context."
    if not asked and current not in contexts:
        return f"The kubeconfig {path} has the current-context '{current}', but no such context; {there}. Set context."
    return ""


def _remedy(given: object) -> str:
    return "Correct kubeconfig." if given else "Set kubeconfig, or host and api_key."
