"""What `scrapy doctor` looks at. Nothing here writes, takes the lock or asks the network."""
