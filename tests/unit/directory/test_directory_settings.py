from base64 import b64encode
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.directory.settings import Settings


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {
        "NATS_URL": "nats://127.0.0.1:4222",
        "TRUST_FILE": "trust.json",
        "MONGODB_URL": "mongodb://127.0.0.1/",
        "MONGODB_DATABASE": "vigil_directory",
        "SECRETS_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    for name in Settings.secret_names:
        (tmp_path / name).write_text("secret")
    return tmp_path


def test_the_master_key_is_32_bytes_in_base64(secrets: Path) -> None:
    (secrets / "master_key").write_bytes(b64encode(bytes(32)))
    assert Settings.load().master_key_bytes == bytes(32)


@pytest.mark.parametrize("key", [b64encode(bytes(16)), b"no base64!"])
def test_another_key_is_refused_and_not_quoted(secrets: Path, key: bytes) -> None:
    (secrets / "master_key").write_bytes(key)
    with pytest.raises(ValidationError) as refused:
        Settings.load()
    assert "master_key" in str(refused.value)
    assert key.decode() not in str(refused.value)
