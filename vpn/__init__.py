"""Per-user reach behind VPN and VDI gateways: what each may pass, and how a device is told."""
