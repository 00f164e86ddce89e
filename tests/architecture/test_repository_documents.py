"""What the documents say exists: links, commands, paths, and the hooks that equal CI."""

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from vigil.__main__ import COMMANDS

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:^|[`(|$ ])vigil ([a-z]+)\b", re.MULTILINE)
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
PATH = re.compile(r"`((?!\.venv)[\w.<>*/-]+/[\w.<>*/-]*(?:<[\w ]+>)?[\w.*/-]*)`")
TARGET = re.compile(r"\bmake ([a-z-]+)")


def documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [ROOT / name for name in sorted(listed.split("\0")) if name and (ROOT / name).exists()]


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as renderers make them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in HEADING.findall(text)
    }


def broken(document: Path, text: str) -> list[str]:
    found = []
    for link in LINK.findall(CODE.sub("", text)):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = document.parent / name if name else document
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            found.append(link)
    return found


@pytest.mark.parametrize("document", documents(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    assert broken(document, document.read_text()) == []


def test_the_link_rule_finds_what_it_is_for() -> None:
    page = ROOT / "README.md"
    assert broken(page, "[a](no-such.md) [b](https://example.org) `[c](no-such.md)`") == [
        "no-such.md"
    ]
    assert broken(page, "[a](#no-such-heading)") == ["#no-such-heading"]


@pytest.mark.parametrize("document", documents(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_exists(document: Path) -> None:
    named = set(COMMAND.findall("\n".join(CODE.findall(document.read_text()))))
    assert named <= set(COMMANDS)
    assert all(find_spec(COMMANDS[name][0]) for name in named)


def test_the_readme_names_every_command() -> None:
    table = (ROOT / "README.md").read_text()
    assert {name for name in COMMANDS if f"| `vigil {name}` |" not in table} == set()


@pytest.mark.parametrize("document", documents(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_make_target_exists(document: Path) -> None:
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = TARGET.findall("\n".join(CODE.findall(document.read_text())))
    assert set(named) <= made


def is_there(path: str) -> bool:
    """Whether a path of the repository exists; ``<context>`` and ``*`` stand for anything."""
    pattern = re.sub(r"<[^>]+>", "*", path).rstrip("/")
    if any(ROOT.glob(pattern)):
        return True
    # A file that is still to be made: its folder is there.
    return Path(path).name.find("<") >= 0 and any(ROOT.glob(str(Path(pattern).parent)))


def test_every_path_in_contributing_exists() -> None:
    paths = PATH.findall((ROOT / "CONTRIBUTING.md").read_text())
    assert paths
    assert [path for path in paths if not is_there(path)] == []
    assert not is_there("services/no-such/<name>.py")


def test_the_decisions_are_numbered_and_short() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        lines = page.read_text().splitlines()
        assert lines[0].startswith(f"# {int(page.name[:4])}. "), page.name
        assert len(lines) < 45, page.name
        for part in ("## Context", "## Decision", "## Alternatives", "## Consequences"):
            assert page.name == "0001-record-decisions.md" or part in lines, page.name


def test_the_hooks_are_the_lines_of_make_lint() -> None:
    recipe = re.search(r"^lint:.*\n((?:\t.+\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    lines = [line.strip() for line in recipe[1].splitlines()]
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    entries = [hook["entry"].removeprefix("bash -c '").removesuffix("'") for hook in hooks]
    assert entries == lines
