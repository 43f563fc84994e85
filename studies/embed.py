"""Embed images by two models and keep what the study needs of them.

Run from the top folder: `python -m studies.embed PEOPLE --model dlib --model b=b.onnx --out people.npz`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facegap import Study
from facegap.jobs.collect import collect
from facegap.models import parse_model


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `subject` and one array of embeddings for each model, of the images that all models could embed."""
    asked = argparse.ArgumentParser(prog="python -m studies.embed", description=__doc__)
    asked.add_argument("people", help="what `facegap evaluate` takes")
    asked.add_argument("--model", action="append", required=True, help="dlib, or name=file.onnx; give two")
    asked.add_argument("--preset", help="the contract of the ONNX files")
    asked.add_argument("--store", type=Path, help="folder for embeddings, so that they are made once")
    asked.add_argument("--out", type=Path, required=True)
    options = asked.parse_args(arguments)
    models = [parse_model(text, preset=options.preset) for text in options.model]
    found = collect(Study(inputs=[options.people], models=models, store=options.store))
    ok = np.all([one.embeddings.ok for one in found.made], axis=0)
    names = [text.partition("=")[0] for text in options.model]
    vectors = {name: one.embeddings.vectors[ok] for name, one in zip(names, found.made, strict=True)}
    np.savez(options.out, allow_pickle=False, subject=found.manifest.subject_codes[ok], **vectors)


if __name__ == "__main__":
    main()
