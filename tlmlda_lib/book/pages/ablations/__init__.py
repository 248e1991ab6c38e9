"""Chapter 3.1: runs by the losses that were switched on, and arithmetic with whole recordings."""
