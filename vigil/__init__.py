"""The command line of Vigil and its one-machine runner."""
