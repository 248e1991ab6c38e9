"""Chapter 4.1: streams alone and in pairs, and IFN's claims."""
