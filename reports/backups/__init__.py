"""Backups: a folder each, complete or absent, that is proved by restoring it.

    <folder>/20261130T160501Z/manifest.json     what it is, how many rows and which figures it must come to, checksums
                              database.dump     pg_dump's custom format, of one moment
                              files/            MEDIA_ROOT

While one is being made its name ends in `.part`. What the program does not store it can't save: SECRET_KEY and the
other variables, certificates, and the anchors of the trail are kept elsewhere (docs/operations.md, "Backup").
"""
