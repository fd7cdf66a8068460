"""LDAP directories: sync and password check."""
