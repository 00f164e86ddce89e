"""What to try next: addresses, tokens, questions."""

import json
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from vigil.embedded.private_files import write_private

QUESTIONS = (
    (
        "The safeguarding lead's inbox: what is severe",
        "DSL",
        (
            "{ incidents(first: 5, minimumSeverity: 4) { totalCount edges { node "
            "{ reference theme severity state yearGroup openedAt } } } }"
        ),
    ),
    (
        "What a governor sees: figures, nobody's name",
        "GOVERNOR",
        (
            "{ summary { incidents response { openedToNotifiedMs } "
            "rows { theme severity yearGroup week incidents } } }"
        ),
    ),
    (
        "What IT sees: which devices are heard",
        "IT",
        "{ coverage { name kind state lastSeen activities } }",
    ),
)


def show(
    console: Console,
    *,
    found_at: Mapping[str, str],
    tokens: Mapping[str, str],
    tokens_file: Path,
    mail: Path,
) -> None:
    """Print it, and leave the tokens in ``tokens_file`` for a shell to read."""
    names = {role.upper(): token for role, token in tokens.items()}
    text = "".join(f"{name}={token}\n" for name, token in names.items())
    write_private(tokens_file, text.encode())
    graphql = found_at["graphql"]

    def say(line: str = "", style: str = "") -> None:
        console.print(Text(line, style=style), soft_wrap=True)

    say("Look around", "bold")
    say(f"  GraphQL      {graphql} (a browser shows GraphiQL; send the token as a header)")
    say(f"  Events       {found_at['feed']} (server-sent; INTEGRATOR's token)")
    say(f"  Mail folder  {mail} (a Maildir; nothing leaves this machine)")
    say()
    say("Tokens by role, valid for four hours", "bold")
    for line in text.splitlines():
        say(line, "dim")
    say()
    say("Three questions", "bold")
    say(f". {tokens_file}   # the tokens, for this shell")
    for title, name, query in QUESTIONS:
        body = json.dumps({"query": query})
        say(f"# {title}")
        say(
            f"curl -s {graphql} -H 'content-type: application/json' "
            f"-H \"authorization: Bearer ${name}\" -d '{body}'"
        )
    say()
