"""The RADIUS workers of a machine: what runs around the library, its files, its journal, its TLS."""
