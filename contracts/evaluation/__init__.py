"""Messages of evaluation."""
