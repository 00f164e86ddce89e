"""The demo's SMTP server as a child of the runner."""

import sys
from collections.abc import Mapping
from pathlib import Path

from vigil.embedded.data_folder import DataFolder
from vigil.runner.program import Child


def mail_folder(folder: DataFolder) -> Path:
    """Return the Maildir in which the mail of the demo is found."""
    return folder.path / "mail"


def smtp_child(folder: DataFolder, env: Mapping[str, str]) -> Child:
    """Return the child ``smtp``; its port is ``folder.port("smtp")``."""
    port = folder.port("smtp")
    return Child(
        name="smtp",
        argv=(
            *(sys.executable, "-m", "vigil.embedded.smtp"),
            *("--port", str(port), "--maildir", str(mail_folder(folder))),
        ),
        env=env,
        health_url=f"tcp://127.0.0.1:{port}",
        log_path=folder.log_path("smtp"),
    )
