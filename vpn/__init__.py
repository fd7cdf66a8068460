"""Grants and leases compiled to the state of gateways, and the plans that take them there."""
