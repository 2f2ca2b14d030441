"""A trained run in use: predictions, features and exports of new images."""
