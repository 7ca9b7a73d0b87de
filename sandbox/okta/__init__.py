"""The stand-in for an Okta organisation: its management API and the token endpoint of its service apps."""
