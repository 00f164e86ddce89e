"""Policy evaluation: whether an activity breaches the policy, how severely, and why."""
