"""Settings: one frozen dataclass per command serves the command line, YAML files, `--help` and validation."""
