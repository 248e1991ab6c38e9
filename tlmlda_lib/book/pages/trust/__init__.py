"""Chapter 4.2: fusions, and attention under conditions."""
