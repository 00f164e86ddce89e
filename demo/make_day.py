"""Write the recorded day: the proxy's log, the posts of the agents, and the labels.

Run ``python -m demo.make_day [FOLDER]`` from the root of the repository.
"""

import json
import sys
from pathlib import Path

from demo.generator.files import DEMO, csv_text, write_text
from demo.generator.marks import marks_in_activities, marks_in_lines
from demo.generator.posts import build_day
from demo.generator.squid import squid_log

LABEL_COLUMNS = ("activity_id", "label", "theme", "severity", "wording", "note")


def main(folder: Path) -> None:
    """Write the three files of the day into the folder."""
    day = build_day()
    posts = "".join(
        json.dumps(post, ensure_ascii=False, separators=(",", ":")) + "\n" for post in day.posts
    )
    write_text(folder / "agents.ndjson", posts)
    lines, line_labels = squid_log()
    write_text(folder / "squid.access.log", "\n".join(lines) + "\n")
    rows = [
        *day.labels.items(),
        *((f"squid:{number}", label) for number, label in line_labels.items()),
        *marks_in_activities(day.posts),
        *marks_in_lines(lines),
    ]
    labels = csv_text(LABEL_COLUMNS, [(name, *label.row) for name, label in rows])
    write_text(folder / "labels.csv", labels)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEMO / "greenfield" / "day")
