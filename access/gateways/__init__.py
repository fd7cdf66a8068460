"""Keeping gateways in step: who may reach what now, what each gateway holds, the work in between."""
