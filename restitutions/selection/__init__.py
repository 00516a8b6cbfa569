"""« Ma sélection »: fiches put aside during a session, printed, exported, shared by a link."""
