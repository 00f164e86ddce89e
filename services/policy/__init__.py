"""Policy: evaluation finds concerns in activity, incidents keeps what becomes of them."""
