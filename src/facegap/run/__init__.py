"""How work runs: executors, progress, files that are written whole, the cache folder, texts for messages."""
