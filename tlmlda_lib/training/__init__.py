"""The training loop: batches, options, presets, criteria, checkpoints. Chapter 2.6."""
