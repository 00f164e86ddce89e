import os
import socket
import stat
from pathlib import Path

import pytest

from vigil.embedded.data_folder import DataFolder
from vigil.embedded.errors import DataFolderInUse, DataFolderUnusable


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_may_look_inside(folder: DataFolder) -> None:
    assert _mode(folder.path) == 0o700
    assert _mode(folder.room("nats")) == 0o700


def test_a_second_holder_is_told_who_holds_it_and_what_to_do(folder: DataFolder) -> None:
    with pytest.raises(DataFolderInUse) as refused:
        DataFolder(folder.path).lock()
    sentence = str(refused.value)
    assert str(folder.path) in sentence
    assert f"in use by process {os.getpid()}. Stop it (kill {os.getpid()})" in sentence
    assert "choose another data folder" in sentence


def test_a_folder_let_go_may_be_held_again(folder: DataFolder) -> None:
    folder.unlock()
    another = DataFolder(folder.path)
    another.lock()
    another.unlock()


def test_nothing_starts_in_a_folder_that_is_not_held(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="lock the data folder"):
        DataFolder(tmp_path / "data").port("nats")


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "home"
    theirs.mkdir()
    theirs.chmod(0o755)
    (theirs / "letter.txt").touch()
    with pytest.raises(DataFolderUnusable, match="choose an empty folder"):
        DataFolder(theirs)
    assert _mode(theirs) == 0o755


def test_a_port_is_chosen_once_and_kept(folder: DataFolder, said: list[str]) -> None:
    ports = [folder.port("nats"), folder.port("mongod")]
    assert ports[0] != ports[1]
    folder.unlock()
    again = DataFolder(folder.path, said.append)
    again.lock()
    assert [again.port("nats"), again.port("mongod")] == ports
    assert said == []
    again.unlock()


def test_a_port_taken_by_another_program_is_replaced_and_said(
    folder: DataFolder, said: list[str]
) -> None:
    kept = folder.port("gateway")
    folder.unlock()
    again = DataFolder(folder.path, said.append)
    again.lock()
    with socket.create_server(("127.0.0.1", kept)):
        port = again.port("gateway")
    assert port != kept
    assert said == [
        f"Port {kept}, kept for gateway, is taken by another program: gateway now uses port {port}."
    ]
    assert again.port("gateway") == port
    again.unlock()


def test_a_preferred_port_is_taken_if_it_is_free(folder: DataFolder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        assert folder.port("other", preferred=number) != number
    assert folder.port("gateway", preferred=number) == number


def test_a_secret_is_made_once_and_for_reading_only(folder: DataFolder) -> None:
    assert folder.secret("capture", "nats-password", lambda: b"first") == b"first"
    assert folder.secret("capture", "nats-password", lambda: b"second") == b"first"
    path = folder.secret_path("capture", "nats-password")
    assert path == folder.path / "secrets" / "capture" / "nats-password"
    assert _mode(path) == 0o400
    assert [file.name for file in path.parent.iterdir()] == ["nats-password"]


def test_a_secret_made_by_another_in_the_meantime_counts(folder: DataFolder) -> None:
    def make_slowly() -> bytes:
        folder.secret("capture", "key", lambda: b"theirs")
        return b"ours"

    assert folder.secret("capture", "key", make_slowly) == b"theirs"


@pytest.mark.parametrize("name", ["../escape", "", "a/b", "UPPER", ".hidden"])
def test_a_secret_stays_in_its_folder(folder: DataFolder, name: str) -> None:
    with pytest.raises(ValueError, match="not a name for a secret"):
        folder.secret("capture", name, lambda: b"")


def test_a_log_that_has_grown_too_long_is_turned_over(folder: DataFolder) -> None:
    path = folder.log_path("capture")
    with path.open("wb") as log:
        log.truncate(10_000_001)
    assert folder.log_path("capture") == path
    assert not path.exists()
    assert (folder.path / "logs" / "capture.log.1").exists()
