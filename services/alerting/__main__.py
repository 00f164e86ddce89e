"""Run alerting: ``python -m services.alerting``."""

from chassis.service import main
from contracts.registry import REGISTRY
from services.alerting.bootstrap import bootstrap
from services.alerting.settings import Settings

if __name__ == "__main__":
    main("alerting", Settings, REGISTRY, bootstrap)
