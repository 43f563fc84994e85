"""The words of the report, the command line and the model card."""
