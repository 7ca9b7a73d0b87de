"""The Lambda functions of a deployment: the sync, and what answers when the sync has died."""
