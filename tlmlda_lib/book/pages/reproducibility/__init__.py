"""Chapter 4.3: agreement, rankings by few seeds, and reliability."""
