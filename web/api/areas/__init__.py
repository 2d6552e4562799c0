"""The endpoints by area: a file has what an area does and the rows of the table that lead there."""
