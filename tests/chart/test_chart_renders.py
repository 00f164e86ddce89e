"""Helm accepts the chart, and refuses what would not work with a sentence."""

import shutil
from pathlib import Path

import pytest
from chart_rendering import CHART, helm

MINIMAL = str(CHART / "ci" / "minimal-values.yaml")


def test_lint_is_strict(values: Path) -> None:
    done = helm("lint", "--strict", str(CHART), "--values", str(values))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("nats.url=", "nats.url is missing"),
        ("mongodb.url=", "mongodb.url is missing"),
        ("publicUrl=", "publicUrl is missing"),
        ("mail.host=", "nobody is alerted"),
        ("trust.existingConfigMap=", "nobody is believed"),
        ("ports.http=8081", "must differ"),
        ("roles.capture.autoscaling.max=1", "max is below min"),
        ("roles.capture.replica=3", "replica"),  # the schema is closed
        ("roles.captur.replicas=3", "captur"),
        ("nats.url=nats://user:secret@nats:4222", "nats"),  # no credentials in values
        ("roles.evaluation.autoscaling.by=lag", "stream"),
    ],
)
def test_values_that_would_not_work_are_refused(change: str, says: str) -> None:
    done = helm("template", "school", str(CHART), "--values", MINIMAL, "--set", change)
    assert done.returncode != 0
    assert says in done.stderr


def test_the_notes_name_every_secret(tmp_path: Path) -> None:
    # Notes are rendered by an installation only; lint shows that they parse, this what they say.
    copy = tmp_path / "vigil"
    shutil.copytree(CHART, copy)
    notes = (copy / "templates" / "NOTES.txt").read_text()
    as_config_map = "kind: ConfigMap\ndata:\n  notes: |\n{{ include `notes` . | indent 4 }}\n"
    (copy / "templates" / "notes.yaml").write_text(
        "{{- define `notes` }}" + notes + "{{- end }}" + as_config_map
    )
    done = helm("template", "school", str(copy), "--values", MINIMAL, "-s", "templates/notes.yaml")
    assert done.returncode == 0, done.stderr
    for name in ("vigil-directory: nats_password, role_key", "vigil-provisioner: nats_password"):
        assert name in done.stdout
