"""The directories that people and groups come from."""
