"""What people type in the workspace, checked before a step is called."""
