"""Reading engines: from pixels to lines of text with boxes and confidence.

`rapidocr` runs the PP-OCR models on ONNX Runtime, `tesseract` goes through
pytesseract. Engines are made and used in child processes only; importing this
package loads none of them.
"""

from __future__ import annotations

from ingest.engines.engine import NAMES, Engine, EngineResult, make

__all__ = ["NAMES", "Engine", "EngineResult", "make"]
