"""Chapter 3.5: targets of one gender or of one speaker."""
