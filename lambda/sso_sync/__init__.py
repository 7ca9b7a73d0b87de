"""Keep AWS IAM Identity Center equal to a company's directory."""

__version__ = "0.1.0"
