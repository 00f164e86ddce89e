"""Run the role incidents."""

from chassis.service import main
from contracts.registry import REGISTRY
from services.policy.incidents.bootstrap import bootstrap
from services.policy.incidents.settings import Settings

if __name__ == "__main__":
    main("incidents", Settings, REGISTRY, bootstrap)
