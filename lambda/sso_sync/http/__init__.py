"""What every source and target shares: sessions, retries, error translation, rates."""
