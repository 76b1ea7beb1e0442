# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How every preflight ends: with all that was found, or with the facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..cluster import ClusterError
from .inspect import Preflight, cluster_problem

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def answer(module: AnsibleModule, look: Callable[[], Preflight]) -> None:
    """Ends the module. An API server that cannot be asked at all is a problem like others."""
    try:
        result = look()
    except ClusterError as error:
        result = Preflight((cluster_problem(error),))
    if result.problems:
        module.fail_json(msg=result.text(module.params["prefix"]), **result.as_dict())
    module.exit_json(changed=False, **result.as_dict())
