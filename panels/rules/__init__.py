"""What may and may not be done by a panel and its readers. Reads, never writes."""
