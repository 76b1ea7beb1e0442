# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The option by which a module belongs to a rollout."""

from __future__ import annotations


class ModuleDocFragment:
    """C(lock)."""

    DOCUMENTATION = r"""
options:
  lock:
    description:
      - The lock that this run holds, as M(slipway.rollout.rollout) returns it. While the module runs, it keeps the lock
        for this run, and once the lock belongs to another run the module writes nothing more and fails.
      - Set once for all modules of the collection, with C(module_defaults) and C(group/slipway.rollout.slipway).
      - Without it, or when it is empty, the module works without a lock.
    type: dict
    suboptions:
      namespace:
        description: Namespace of the lock.
        type: str
      app:
        description: The app that is rolled out.
        type: str
      environment:
        description: The environment it is rolled out in.
        type: str
      holder:
        description: The run that holds the lock.
        type: str
"""
