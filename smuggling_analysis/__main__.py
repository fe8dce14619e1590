"""`python -m smuggling_analysis`: the command line."""

from smuggling_analysis.cli import main

if __name__ == "__main__":
    main()
