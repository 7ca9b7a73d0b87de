"""Configurable AD sync of IAM Identity Center, and the directory behind it in AWS Directory Service."""
