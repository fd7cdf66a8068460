"""One file a device kind: parse(text) -> state, render(plan) -> commands."""
