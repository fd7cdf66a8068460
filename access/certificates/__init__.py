"""Certificates of people and endpoints: our own authorities, those of others, and whose a certificate is."""
