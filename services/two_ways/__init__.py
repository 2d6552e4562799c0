"""Keeping a lead and its record in a CRM equal, field by field, without loops or silent losses."""
