"""Webhooks: who is told where (`managing`), of what (`announcing`), and how (`delivering`, `reaching`, `signing`)."""
