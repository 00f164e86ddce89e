"""Run the role capture."""

from chassis.service import main
from contracts.registry import REGISTRY
from services.capture.bootstrap import bootstrap
from services.capture.settings import Settings

if __name__ == "__main__":
    main("capture", Settings, REGISTRY, bootstrap)
