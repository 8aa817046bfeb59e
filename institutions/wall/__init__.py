"""The second wall: row-level security of PostgreSQL, so that a forgotten filter shows nothing of another institution.

Within the wall the connection is the role `qamtu_institution`, to which the policies of `rules` apply, and the setting
`qamtu.institutions` says whose rows there are: none unless somebody says so. Web processes connect as that role, and a
request is within from its first statement (`config.middleware.WallMiddleware`), naming its institutions once it is
known who asks. Workers and commands act for the whole and stay outside. docs/adr/0037-a-wall-in-the-database.md
"""

from institutions.wall.standing import act_for, beyond, enter, leave, take_place

__all__ = ["act_for", "beyond", "enter", "leave", "take_place"]
