"""The lists: one fact a line, each with the name a person will read. To add a line, see docs/verdicts.md."""
