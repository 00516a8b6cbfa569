"""What the fiche pages show: documents and rows in, plain values for the templates out. No HTTP, no HTML."""
