"""Run the role evaluation."""

from chassis.service import main
from contracts.registry import REGISTRY
from services.policy.evaluation.bootstrap import bootstrap
from services.policy.evaluation.settings import Settings

if __name__ == "__main__":
    main("evaluation", Settings, REGISTRY, bootstrap)
