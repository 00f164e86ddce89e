"""How good the detection was on this day, including what it missed."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.alerting.domain.words import theme_in_words
from vigil.demo.labels import Label, Score


def show(score: Score, console: Console, activities: int) -> None:
    """Print the comparison with ``labels.csv``. ``activities``: how many there were in all."""
    total = len(score.found) + len(score.missed)
    console.print(Text("Measured against the day's labels", style="bold"))
    lines = [
        (
            f"{len(score.found)} of {total} concerns found, {score.right_theme} of them under the "
            f"label's own theme; {len(score.missed)} missed."
        ),
        (
            f"{len(score.look_alikes_flagged)} of {score.look_alikes} look-alikes wrongly flagged "
            "(severity 2 or more)."
        ),
        (
            f"{len(score.benign_flagged)} of about {activities - total - score.look_alikes:,} "
            "benign activities wrongly flagged."
        ),
        "“Indirect” means slang, hints, emoji or no telling word: no system finds all of those.",
        "The labels and the texts come from one hand: figures of this day, not of your school.",
    ]
    for line in lines:
        console.print(Text(f"  {line}"), soft_wrap=True)
    console.print()
    console.print(_table(score))
    _listed(console, "Missed", score.missed)
    _listed(console, "Look-alikes wrongly flagged", score.look_alikes_flagged)
    if score.benign_flagged:
        console.print(Text("Benign, wrongly flagged", style="bold"))
        console.print(Text(f"  {', '.join(score.benign_flagged)}"), soft_wrap=True)
        console.print()


def _table(score: Score) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Concerns found, by theme")
    table.add_column("plain", justify="right")
    table.add_column("indirect", justify="right")
    for theme in score.themes:
        table.add_row(
            theme_in_words(theme),
            *(_of(*score.of(theme, wording)) for wording in ("plain", "indirect")),
        )
    table.add_section()
    table.add_row(
        "all",
        *(
            _of(
                sum(score.of(theme, wording)[0] for theme in score.themes),
                sum(score.of(theme, wording)[1] for theme in score.themes),
            )
            for wording in ("plain", "indirect")
        ),
        style="bold",
    )
    return table


def _of(found: int, total: int) -> str:
    return f"{found} of {total}" if total else "–"  # noqa: RUF001 - a dash for none


def _listed(console: Console, title: str, labels: tuple[Label, ...]) -> None:
    if not labels:
        return
    console.print(Text(title, style="bold"))
    for one in sorted(labels, key=lambda label: (label.theme, label.wording)):
        wording = f"{one.wording:<8}  " if one.wording else ""
        console.print(
            Text(
                f"  {one.activity_id:<11} {theme_in_words(one.theme):<27.27}  {wording}{one.note}"
            ),
            soft_wrap=True,
        )
    console.print()
