"""Sources: files as received or published, read safely, held to their contracts, counted into evidence."""
