"""A RADIUS and EAP server that never waits: bytes and a time in, packets and questions out."""
