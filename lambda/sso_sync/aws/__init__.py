"""AWS services beside Identity Center itself."""
