# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest

from tools import house

PYTHON = Path("plugins/module_utils/gate/check.py")


@pytest.mark.parametrize("folder", ["work", "root", "tmp"])
def test_a_place_on_a_machine_is_named_with_its_line(folder: str) -> None:
    place = f"/{folder}/x"
    assert list(house.places(PYTHON, f"one\nrun('{place}')\n")) == [
        f"{PYTHON}:2: names {place}; the project runs on other machines too"
    ]


@pytest.mark.parametrize("text", ["https://example.org/work/x", "a/tmp/b", "/temporary/", "../root/x", "network/"])
def test_what_only_looks_like_a_place_is_let_through(text: str) -> None:
    assert list(house.places(PYTHON, text)) == []


def test_a_package_index_is_a_place() -> None:
    host = ".".join(("pypi", "org"))
    assert len(list(house.places(Path("requirements.txt"), f"--index-url https://{host}/simple"))) == 1


def test_a_long_file_is_told_its_length() -> None:
    assert list(house.length(PYTHON, "x\n" * house.LONGEST)) == []
    assert [line.split(";")[0] for line in house.length(PYTHON, "x\n" * 301)] == [f"{PYTHON}: 301 lines"]
    assert list(house.length(Path("LICENSES/GPL.txt"), "x\n" * 999)) == []


def test_the_documentation_inside_a_module_does_not_count() -> None:
    text = 'DOCUMENTATION = r"""\n' + "x\n" * 400 + '"""\n' + "x\n" * 10
    assert list(house.length(Path("plugins/modules/canary_weight.py"), text)) == []


def test_a_file_without_its_test_is_named_with_the_test_it_wants() -> None:
    private = Path("plugins/module_utils/traffic/_rules.py")
    package = Path("plugins/module_utils/gate/__init__.py")
    assert list(house.tests_of([PYTHON, private, package])) == [
        f"{PYTHON}: has no tests/unit/gate/test_check.py",
        f"{private}: has no tests/unit/traffic/test_rules.py",
    ]
    assert list(house.tests_of([PYTHON, Path("tests/unit/gate/test_check.py")])) == []


def test_what_the_lock_lacks_is_named() -> None:
    wanted = '# why\n-r requirements.txt\nansible>=14 ; python_version >= "3.12"\nPyYAML\ncoverage[toml]\ngone\n'
    lock = "ansible==14.5.0 ; python_full_version >= '3.12' \\\n    --hash=x\npyyaml==6\ncoverage==7\n"
    assert list(house.locked(wanted, lock)) == ["gone"]
