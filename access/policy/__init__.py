"""The policy document, its check, and the one decision."""
