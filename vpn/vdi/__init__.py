"""One file a VDI broker: entitlements and assignments."""
