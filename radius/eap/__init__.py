"""EAP (RFC 3748) and its methods, sans-I/O."""
