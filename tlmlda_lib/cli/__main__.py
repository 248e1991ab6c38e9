"""`python -m tlmlda_lib.cli`."""

from tlmlda_lib.cli.main import main

main()
