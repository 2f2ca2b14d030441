"""What a user reads of a run: tables in the terminal, figures as PNG."""
