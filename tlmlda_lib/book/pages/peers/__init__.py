"""Chapter 3.3: every method in every scaling, and how near ours come to the printed scores."""
