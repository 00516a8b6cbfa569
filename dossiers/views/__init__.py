"""Home, « Mes structures », and the screens of the dossiers collaboratifs."""
