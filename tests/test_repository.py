"""Files for contributors are valid, and the commands in them exist."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import decouple

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
YAML_FILES = [
    *sorted((ROOT / ".github").rglob("*.yml")),
    *(ROOT / name for name in (".pre-commit-config.yaml", "mkdocs.yml", "CITATION.cff")),
]


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def make_calls(text: str) -> set[str]:
    return set(re.findall(r"(?:^|[\s`:])make ([a-z][a-z-]*)", text))


@pytest.mark.parametrize("path", YAML_FILES, ids=lambda path: path.name)
def test_it_is_a_mapping_in_yaml(path: Path) -> None:
    assert isinstance(read_yaml(path), dict)


def test_ci_runs_the_targets_of_the_makefile() -> None:
    jobs = read_yaml(WORKFLOW)["jobs"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert set.union(*map(make_calls, commands)) == {"test", "test-lowest", "docs", "quickstart"}
    assert set.union(*map(make_calls, commands)) <= TARGETS
    assert jobs["test"]["strategy"]["matrix"] == {
        "os": ["ubuntu-latest", "macos-latest"],
        "python": ["3.11", "3.12", "3.13", "3.14"],
    }


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", ".github/PULL_REQUEST_TEMPLATE.md"])
def test_targets_that_a_document_names_exist(name: str) -> None:
    named = make_calls((ROOT / name).read_text(encoding="utf-8"))
    assert named
    assert named <= TARGETS


def test_every_target_is_phony() -> None:
    phony = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert set(" ".join(phony).split()) == TARGETS


def test_hooks_run_tools_of_the_makefiles_environment() -> None:
    hooks = [hook for repo in read_yaml(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    assert {hook["entry"].split()[0] for hook in hooks} == {".venv/bin/ruff", ".venv/bin/mypy"}
    assert {hook["language"] for hook in hooks} == {"system"}


def test_issue_forms_have_distinct_fields() -> None:
    for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
        fields = [field["id"] for field in read_yaml(path).get("body", [])]
        assert len(set(fields)) == len(fields)


def test_the_citation_has_the_version_of_the_package() -> None:
    assert read_yaml(ROOT / "CITATION.cff")["version"] == decouple.__version__


def test_the_navigation_of_the_site_has_every_document() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:\n")[1]
    listed = set(re.findall(r": ([\w-]+\.md)$", text, re.MULTILINE))
    assert {path.name for path in (ROOT / "docs").glob("*.md")} <= listed
