"""One run: read both sides, plan, check, apply, record."""
