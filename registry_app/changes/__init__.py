"""Every write to the registry: plan, apply, undo, proposals and change sets."""
