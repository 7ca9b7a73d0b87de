"""Local stand-ins for every outside system, as strict as the real ones."""
