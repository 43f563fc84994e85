"""Training a face network for a population: `pip install "facegap[train]"`."""
