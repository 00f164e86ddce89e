"""Everything a finding depends on beside the activity and the person, under one hash."""

import hashlib
import unicodedata

import msgspec

from services.policy.evaluation.domain.detector import Detector
from services.policy.evaluation.domain.normalise import Normaliser
from services.policy.evaluation.domain.pack import Pack
from services.policy.evaluation.domain.policy import Policy

ENGINE_VERSION = "1"
"""Raised with every change of rules that may change a finding."""


class Evaluation:
    """A policy, the pack it names and the detectors that read the pack.

    ``hash`` is the SHA-256 (hex) of the policy, every file of the pack, the detectors' names, the
    engine's version and that of the Unicode tables: the same hash gives the same findings.
    """

    def __init__(self, policy: Policy, pack: Pack, detectors: tuple[Detector, ...]) -> None:
        self.policy = policy
        self.pack = pack
        self.detectors = detectors
        self.normaliser = Normaliser(pack.confusables)
        self.hash = _hash(policy, pack, detectors)


def _hash(policy: Policy, pack: Pack, detectors: tuple[Detector, ...]) -> str:
    parts = {
        "detectors": [detector.name for detector in detectors],
        "engine": ENGINE_VERSION,
        "files": dict(pack.files),
        "pack": [pack.id, pack.version],
        "policy": msgspec.to_builtins(policy),
        "unicode": unicodedata.unidata_version,
    }
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()
