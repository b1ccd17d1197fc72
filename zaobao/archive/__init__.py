"""The output folder: what is written, how it survives a crash, what is known of it."""
