"""The pure heart: data, the planner and its rules. Nothing in here does I/O."""
