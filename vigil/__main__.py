"""The command line. Each command's module is read only when it is called."""

from importlib import import_module

import click

COMMANDS = {
    "demo": ("vigil.commands.demo", "demo"),
    "device": ("vigil.commands.device", "device"),
    "evaluate": ("vigil.commands.evaluate", "evaluate"),
    "permissions": ("vigil.commands.permissions", "permissions"),
    "plan": ("vigil.commands.plan", "plan"),
    "policy": ("vigil.commands.policy", "policy"),
    "provision": ("vigil.commands.provision", "provision"),
    "replay": ("vigil.commands.replay", "replay"),
    "roster": ("vigil.commands.roster", "roster"),
    "school": ("vigil.commands.school", "school"),
    "store": ("vigil.commands.store", "store"),
    "token": ("vigil.commands.token", "token"),
    "up": ("vigil.commands.up", "up"),
    "user": ("vigil.commands.user", "user"),
    "watch": ("vigil.commands.watch", "watch"),
}


class Lazy(click.Group):
    """A group whose commands live in modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the base's form
        """The names, in order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Read the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vigil")
def main() -> None:
    """Vigil: online-safety monitoring for schools."""


if __name__ == "__main__":
    main(prog_name="vigil")
