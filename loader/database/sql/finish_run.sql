-- Notes how a run ended. `at` replaces PostgreSQL's clock where it is not
-- null.
update loader.sync_runs
set
    finished_at = greatest(
        coalesce(%(at)s::timestamptz, clock_timestamp()), started_at
    ),
    outcome = %(outcome)s,
    message = %(message)s,
    warnings = %(warnings)s,
    requests = %(requests)s,
    prospects_read = %(prospects_read)s,
    messages_read = %(messages_read)s,
    rows_changed = %(rows_changed)s,
    rejected_records = %(rejected_records)s,
    noted_fields = %(noted_fields)s,
    prospects_gone = %(prospects_gone)s
where run_id = %(run_id)s
returning finished_at
