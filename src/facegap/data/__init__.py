"""The types that the rooms hand on: who is in which image, what a model is, embeddings, counts and the result."""
