-- What the database holds of prospects: a hash over all that their records
-- became, so that a change by anybody shows, and which rows there are.
-- loan_dates has a row for each loan that a load has written.
select
    p.prospect_id,
    encode(
        substr(
            sha256(
                convert_to(
                    row(
                        p,
                        s.source_name,
                        d,
                        l,
                        c,
                        h.entered_at,
                        t.tags
                    )::text,
                    'UTF8'
                )
            ),
            1,
            12
        ),
        'hex'
    ) as rows_hash,
    p.lead_source_id is not null as has_source,
    p.qualification_stage_id is not null as has_stage,
    c.loan_id is not null as has_loan,
    coalesce(cardinality(t.tags), 0) as tags
from public.prospects as p
left join public.lead_sources as s on p.lead_source_id = s.lead_source_id
left join public.prospect_details as d on p.prospect_id = d.prospect_id
left join public.loans as l on p.prospect_id = l.loan_id
left join public.loan_dates as c on p.prospect_id = c.loan_id
left join public.prospect_stage_history as h
    on
        p.prospect_id = h.prospect_id
        and p.qualification_stage_id = h.stage_id
        and p.stage_entered_at = h.entered_at
left join lateral (
    select array_agg(g.tag order by g.tag) as tags
    from public.prospect_tags as g
    where p.prospect_id = g.prospect_id
) as t on true
where p.prospect_id = any(%(ids)s)
