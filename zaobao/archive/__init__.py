"""The output folder: what is known, how it is written, what is kept of pages.

`recovery.open_archive` opens a `folder.Archive`; everything that writes goes through it.
"""
