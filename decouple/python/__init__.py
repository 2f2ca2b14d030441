"""What the functions of `decouple.api` return and take: objects with `.frame()`, and typed options."""
