"""``python -m services.reporting``."""

from chassis.service import main
from contracts.registry import REGISTRY
from services.reporting.bootstrap import bootstrap
from services.reporting.settings import Settings

if __name__ == "__main__":
    main("reporting", Settings, REGISTRY, bootstrap)
