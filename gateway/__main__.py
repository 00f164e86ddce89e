"""Run the gateway."""

from chassis.service import main
from contracts.registry import REGISTRY
from gateway.bootstrap import bootstrap
from gateway.settings import Settings

if __name__ == "__main__":
    main("gateway", Settings, REGISTRY, bootstrap)
