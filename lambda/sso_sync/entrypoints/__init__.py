"""The ways in: command line now, schedule and custom resource with the stack."""
