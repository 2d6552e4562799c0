"""Plain types, rules and errors of the product: standard library and phonenumbers only."""
