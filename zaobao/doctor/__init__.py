"""What `scrapy doctor` looks at. Nothing here takes the lock or asks the network. It writes
nothing but its memory of what it has seen."""
