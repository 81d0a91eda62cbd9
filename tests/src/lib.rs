//! Tests across rooms; each file under `tests/` is one subject. Nothing is shared between them yet.
