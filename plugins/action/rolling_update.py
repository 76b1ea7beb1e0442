# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows what rolling_update sees while it runs, as metric_gate's does."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.action.metric_gate import ActionModule as Gate


class ActionModule(Gate):
    """Runs the module of the same name."""
