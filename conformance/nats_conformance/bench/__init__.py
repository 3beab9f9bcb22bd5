"""How fast is a server, compared with another in the same minute, by the same load?

`scenarios` is the table of what is measured and what is aimed at; `traffic` builds the bytes;
`generator` sends and counts them; `probes` measures what isn't a stream of messages; `session`
lets the servers take turns; `report` renders what was found.
"""
