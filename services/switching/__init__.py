"""Moving from one CRM to another: planned, resumable, compared, reversible."""
