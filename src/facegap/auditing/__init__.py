"""Finding the labels of a data set that are probably wrong."""

from facegap.auditing.labels import AUDIT_SCHEMA, audit, audit_files, audit_labels

__all__ = ["AUDIT_SCHEMA", "audit", "audit_files", "audit_labels"]
