"""DBN + BP: a network pre-trained layer by layer, then trained on the source. Chapter 3.3."""
