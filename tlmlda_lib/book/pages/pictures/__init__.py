"""Chapter 3.2: how features move while a network is trained."""
