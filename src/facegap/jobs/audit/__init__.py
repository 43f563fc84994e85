"""Finding the labels of a data set that may be wrong."""

from facegap.jobs.audit.labels import AUDIT_SCHEMA, PROBABLE, audit, audit_files, audit_labels

__all__ = ["AUDIT_SCHEMA", "PROBABLE", "audit", "audit_files", "audit_labels"]
