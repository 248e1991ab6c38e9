"""Training TLMLDA: the loop, its options, batches, criteria, and checkpoints. Chapter 2.6."""
