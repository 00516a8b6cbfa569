"""FINESS import: read any of its file formats, compare with what is stored, write what changed.

`finess.run` is the door. `sources` recognises a file; `etalab` and `finess_plus` turn it into records; `upsert_ej` and
`upsert_eg` compare and write. See docs/import-finess.md for the rules in French.
"""
