"""Sources: files as received or published, read safely, checked against their contracts, counted into evidence."""
