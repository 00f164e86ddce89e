"""A broken pack names its file, its line and the remedy."""

import shutil
from pathlib import Path

import pytest

from services.policy.evaluation.packs.loader import DEFAULT_PACK, load_pack
from services.policy.evaluation.packs.reader import PackError

THEME = "themes/suicide.toml"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT_PACK, tmp_path / "en_gb"))


def change(pack: Path, name: str, old: str, new: str) -> None:
    path = pack / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("name", "old", "new", "hint"),
    [
        (THEME, '"0001 ', '"', r"suicide\.toml:\d+: .*no number"),
        (THEME, '"0002 ', '"0001 ', r"suicide\.toml:\d+: number 0001 is taken"),
        (THEME, '"0001 i', '"0001 (i', r"suicide\.toml:\d+: .*missing at the end"),
        (THEME, "severity = 5", "severity = 9", r"suicide\.toml: .*<= 5.*correct"),
        (THEME, 'theme = "suicide"', 'theme = "sad"', r"'sad' is not known; use one of"),
        (THEME, "[[group]]", "[group", r"suicide\.toml: not TOML"),
        (THEME, "note =", "nota =", r"suicide\.toml: .*"),
        ("allow.toml", 'silences = ["suicide"', 'silences = ["sad"', r"allow\.toml:\d+: theme"),
        ("cues.toml", "negation = [", "nagation = [", r"cues\.toml: .*negation"),
        ("slots.toml", '"myself"', '"Myself"', r"slots\.toml:\d+: .*capital"),
        ("pack.toml", 'id = "en_gb"', "", r"pack\.toml: .*`id`"),
    ],
)
def test_a_mistake_is_named(pack: Path, name: str, old: str, new: str, hint: str) -> None:
    change(pack, name, old, new)
    with pytest.raises(PackError, match=hint):
        load_pack(pack)


def test_a_missing_file_is_named(pack: Path) -> None:
    (pack / "cues.toml").unlink()
    with pytest.raises(PackError, match=r"cues\.toml: the file can't be read"):
        load_pack(pack)


def test_a_pack_without_themes_is_refused(pack: Path) -> None:
    shutil.rmtree(pack / "themes")
    with pytest.raises(PackError, match="no phrase found"):
        load_pack(pack)


def test_every_file_is_in_the_digests(pack: Path) -> None:
    before = load_pack(pack).files
    change(pack, "confusables.toml", "a = ", "# changed\na = ")
    after = load_pack(pack).files
    assert {name for name in before if before[name] != after[name]} == {"confusables.toml"}
