"""What of a lead becomes what in a CRM: seen, changed, brought as a file, checked, compared."""
