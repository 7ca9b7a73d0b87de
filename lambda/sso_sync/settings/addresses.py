"""Addresses in settings: which are possible, and which secrets may be sent to."""

from urllib.parse import urlsplit


def is_url(text: str) -> bool:
    """Tell an address from a reference to one."""
    return text.lower().startswith(("http://", "https://"))


def is_possible(url: str) -> bool:
    """Tell whether an address has a host, and a port that there can be."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0  # the port raises if it is no number, or too high
    except ValueError:
        return False


def is_safe(url: str) -> bool:
    """Tell whether secrets may be sent to an address: by TLS, or without it on this machine."""
    if not is_possible(url):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"})
