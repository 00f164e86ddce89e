"""Lines of JSON in, findings out; a malformed line is named and the rest goes on."""

import json
from pathlib import Path

from click.testing import CliRunner

from services.policy.evaluation.application.evaluate_file import (
    LineError,
    LineResult,
    evaluate_lines,
)
from services.policy.evaluation.domain.evaluation import Evaluation
from vigil.commands.evaluate import evaluate

GOOD = b'{"id":"1","text":"i want to end my life tonight","year_group":9}'
QUIET = b'{"id":"2","text":"see you at lunch"}'


def test_each_line_gets_its_result(evaluation: Evaluation) -> None:
    first, second = evaluate_lines([GOOD, b"\n", QUIET], evaluation)
    assert isinstance(first, LineResult)
    assert (first.id, first.severity, first.findings[0].theme) == ("1", 5, "suicide")
    start, end = first.findings[0].span
    assert "end my life" in "i want to end my life tonight"[start:end]
    assert second == LineResult("2", 0, ())


def test_a_title_is_named_as_the_field(evaluation: Evaluation) -> None:
    line = b'{"id":"1","text":"","title":"free porn videos","kind":"page_visit"}'
    (result,) = evaluate_lines([line], evaluation)
    assert isinstance(result, LineResult)
    assert result.findings[0].field == "title"


def test_errors_name_line_field_and_remedy_and_quote_nothing(evaluation: Evaluation) -> None:
    lines = [
        b"\xef\xbb\xbf" + GOOD,
        b"secret words",
        b'{"id":"1"}',
        b'{"id":"1","text":5}',
        b'{"id":"1","text":"x","kind":"secret"}',
        b'{"id":"1","text":"x","secret":1}',
        b'\xff{"id":"1","text":"x"}',
        b'{"id":"1","text":"x","occurred_at":"secret"}',
    ]
    outcomes = list(evaluate_lines(lines, evaluation))
    errors = [outcome for outcome in outcomes if isinstance(outcome, LineError)]
    assert [(error.line, error.field) for error in errors] == [
        (2, ""),
        (3, "text"),
        (4, "text"),
        (5, "kind"),
        (6, "secret"),
        (7, ""),
        (8, "occurred_at"),
    ]
    assert all(error.remedy for error in errors)
    assert not any("secret" in error.error + error.remedy for error in errors)


def test_the_command_writes_lines_and_fails_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "texts.ndjson"
    path.write_bytes(GOOD + b"\nbroken\n" + QUIET + b"\n")
    result = CliRunner().invoke(evaluate, [str(path)])
    assert result.exit_code == 1
    assert [json.loads(line)["severity"] for line in result.stdout.splitlines()] == [5, 0]
    assert json.loads(result.stderr)["line"] == 2


def test_the_command_reads_standard_input_and_draws_a_table() -> None:
    result = CliRunner().invoke(evaluate, ["-", "--format", "table"], input=GOOD)
    assert result.exit_code == 0
    assert "suicide" in result.stdout
