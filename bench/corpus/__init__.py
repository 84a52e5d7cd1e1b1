"""Sample scans with known truth, for demonstration, tests and benchmarks.

`generate` draws the papers of a property office as scanners and phones deliver
them, with a register and a truth file. The packs "train" and "eval" share
neither arrangements nor wordings, so what is tuned on one is new to the other.
It never reads the product's catalogue template, and the product never reads it.
"""

from bench.corpus.generate import Corpus, Pack, generate, load_truth

__all__ = ["Corpus", "Pack", "generate", "load_truth"]
