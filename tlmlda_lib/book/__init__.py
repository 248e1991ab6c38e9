"""What the book's pages show: figures, explorables, checks of exercises."""
