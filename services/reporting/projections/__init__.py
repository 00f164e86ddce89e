"""What each message changes in the facts."""
