"""Chapter 3.4: the best epoch on target labels (oracle), prices of choices, and choosing without labels."""
