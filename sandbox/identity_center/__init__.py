"""IAM Identity Center: the Identity Store API, SCIM and sso-admin over one store."""
