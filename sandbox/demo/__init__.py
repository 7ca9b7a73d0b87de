"""The product's story on this machine: make demo."""
