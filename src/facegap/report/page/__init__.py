"""The page of the report, and the folder around it."""
