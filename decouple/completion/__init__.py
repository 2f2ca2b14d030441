"""Shell completion: scripts for bash, zsh and fish, made from the commands and the fields of their settings."""
