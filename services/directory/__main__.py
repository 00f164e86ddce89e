"""Runs the directory."""

from chassis.service import main
from contracts.registry import REGISTRY
from services.directory.bootstrap import bootstrap
from services.directory.settings import Settings

if __name__ == "__main__":
    main("directory", Settings, REGISTRY, bootstrap)
