"""Measure how well face-verification models work on your people, cohort by cohort."""
