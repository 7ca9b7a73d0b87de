"""IAM Identity Center, read by one API and written by either of two."""
