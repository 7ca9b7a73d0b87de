"""Ways to tell people about runs."""
