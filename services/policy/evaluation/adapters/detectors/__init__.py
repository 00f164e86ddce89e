"""Detectors, one a file, each behind the port services.policy.evaluation.domain.detector."""
