-- Lines of lead_source_costs.csv, read. One row per line that says anything.
-- spend is gross, credits what the vendor gave back. is_readable is false where
-- source, month, spend or credits cannot be read; lead_source_id is null for a
-- source that Bonzo does not know; is_future marks months after the clock's.
with cost_lines as (
    select
        line_number,
        lead_source as source_name,
        -- A time behind the date says nothing about the month.
        regexp_replace(month, '[ T]\d{1,2}:\d{2}.*$', '') as month_text,
        spend as spend_text,
        credits as credits_text,
        has_surplus
    from stg_csv_lines
    where file_name = 'lead_source_costs' and not is_header
),

source_names as (
    select source_name
    from cost_lines
    where source_name is not null
    union
    select source_name
    from bonzo_lead_sources
),

-- Names that look alike are one source. Upper before lower case folds letters
-- that have two lower cases.
source_keys as (
    select
        names.source_name,
        replace(
            nfc_normalize(
                lower(
                    upper(
                        nfc_normalize(
                            trim(
                                regexp_replace(
                                    regexp_replace(
                                        regexp_replace(
                                            names.source_name,
                                            settings.white_space,
                                            ' ',
                                            'g'
                                        ),
                                        settings.invisible_characters,
                                        '',
                                        'g'
                                    ),
                                    ' +',
                                    ' ',
                                    'g'
                                )
                            )
                        )
                    )
                )
            ),
            'ß',
            'ss'
        ) as source_key
    from source_names as names
    cross join settings
),

-- The first of several such sources gets the spend.
sources as (
    select
        keys.source_key,
        min(lead_sources.lead_source_id) as lead_source_id
    from bonzo_lead_sources as lead_sources
    inner join source_keys as keys
        on lead_sources.source_name = keys.source_name
    group by keys.source_key
),

amount_texts as (
    select
        line_number,
        'spend' as kind,
        regexp_replace(spend_text, '[$ ]', '', 'g') as amount_text
    from cost_lines
    union all
    select
        line_number,
        'credits' as kind,
        regexp_replace(credits_text, '[$ ]', '', 'g') as amount_text
    from cost_lines
),

-- Accountants write zero as a dash and put what is negative in parentheses.
amounts as (
    select
        line_number,
        kind,
        case
            when amount_text = '-' then 0
            -- A comma stands only between groups of three digits.
            when
                regexp_full_match(
                    amount_text,
                    '[+-]?((\d+|\d{1,3}(,\d{3})+)(\.\d*)?|\.\d+)'
                )
                then
                    try_cast(replace(amount_text, ',', '') as decimal(18, 4))
            when
                regexp_full_match(
                    amount_text,
                    '\(((\d+|\d{1,3}(,\d{3})+)(\.\d*)?|\.\d+)\)'
                )
                then
                    -try_cast(
                        regexp_replace(amount_text, '[(),]', '', 'g')
                        as decimal(18, 4)
                    )
        end as amount
    from amount_texts
),

cost_months as (
    select
        line_number,
        cast(
            date_trunc(
                'month',
                try_strptime(
                    month_text,
                    [
                        '%Y-%m-%d',
                        '%Y-%m',
                        '%Y/%m/%d',
                        '%m/%d/%Y',
                        '%m/%Y',
                        '%b-%y',
                        '%b %Y'
                    ]
                )
            ) as date
        ) as cost_month
    from cost_lines
    -- Two digits of a year are a guess, but for what Excel makes of a month.
    where
        regexp_full_match(
            month_text,
            '\d{4}-\d{1,2}(-\d{1,2})?|\d{4}/\d{1,2}/\d{1,2}'
            '|(\d{1,2}/)?\d{1,2}/\d{4}|[A-Za-z]{3}(-\d{2}| \d{4})'
        )
),

read_lines as (
    select
        lines.line_number,
        lines.source_name,
        lines.has_surplus,
        keys.source_key,
        sources.lead_source_id,
        spends.amount as spend,
        case when lines.credits_text is null then 0 else credits.amount end
            as credits,
        case
            when months.cost_month >= date '1990-01-01' then months.cost_month
        end as cost_month
    from cost_lines as lines
    left join source_keys as keys on lines.source_name = keys.source_name
    left join sources on keys.source_key = sources.source_key
    left join cost_months as months on lines.line_number = months.line_number
    left join amounts as spends
        on lines.line_number = spends.line_number and spends.kind = 'spend'
    left join amounts as credits
        on lines.line_number = credits.line_number and credits.kind = 'credits'
)

select
    lines.line_number,
    lines.source_name,
    lines.source_key,
    lines.lead_source_id,
    lines.cost_month,
    lines.spend,
    lines.credits,
    (
        lines.source_key is not null
        and lines.cost_month is not null
        and lines.spend is not null
        and coalesce(lines.credits >= 0, false)
        and not lines.has_surplus
    ) as is_readable,
    -- Without any data there is no present month, so nothing is past either.
    clock.as_of_day is null
    or coalesce(
        lines.cost_month > date_trunc('month', clock.as_of_day), false
    ) as is_future
from read_lines as lines
cross join clock
