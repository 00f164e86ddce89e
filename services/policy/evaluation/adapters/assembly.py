"""Puts an evaluation together: a policy, a pack from a folder, and the detectors in use."""

from pathlib import Path

from services.policy.evaluation.adapters.detectors.lexicon import LexiconDetector
from services.policy.evaluation.domain.evaluation import Evaluation
from services.policy.evaluation.domain.policy import Policy
from services.policy.evaluation.packs.loader import DEFAULT_PACK, load_pack


def assemble(policy: Policy | None = None, folder: Path = DEFAULT_PACK) -> Evaluation:
    """Return the evaluation of ``policy`` with the pack in ``folder``. Raises PackError."""
    pack = load_pack(folder)
    return Evaluation(policy or Policy(version=1), pack, (LexiconDetector(pack),))
