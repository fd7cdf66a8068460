"""Logins and accounting at a NAS: decided from memory, recorded, followed to their end."""
