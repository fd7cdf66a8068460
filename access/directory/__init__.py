"""LDAP directories: reading people and groups, noticing changes, checking passwords."""
