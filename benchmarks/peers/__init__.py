"""Other packages that evaluate verification scores, each in an environment of its own."""
