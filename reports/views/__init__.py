"""The public pages. They read releases and names, never drafts, so nothing unreleased can be shown by mistake."""
