-- Lines of the user's two files, whatever program saved them. One row per line
-- that holds anything; the first of a file is its header. White space in cells
-- is single blanks, and characters that nobody sees are gone. Cells under no
-- name are surplus: an unquoted 1,200 is two cells, and the first alone would
-- be a wrong amount.
-- @materialize: true
with files as (
    select
        file_name,
        content,
        case
            when starts_with(hex(content), 'FFFE') then 'utf-16-le'
            when starts_with(hex(content), 'FEFF') then 'utf-16-be'
            -- Without a mark, zeros are the high halves of plain letters.
            when hex(content)[3:4] = '00' then 'utf-16-le'
            when starts_with(hex(content), '00') then 'utf-16-be'
            when try(decode(content)) is not null then 'utf-8'
            else 'cp1252'
        end as encoding
    from csv_files
),

-- What DuckDB does not decode by itself, as numbers: bytes of cp1252, pairs of
-- bytes of UTF-16.
units as (
    select
        files.file_name,
        files.encoding,
        digits.unit_number,
        cast(
            concat(
                '0x',
                case files.encoding
                    when 'utf-16-le'
                        then concat(digits.digits[3:4], digits.digits[1:2])
                    else digits.digits
                end
            ) as integer
        ) as unit
    from files
    cross join
        unnest(
            regexp_extract_all(
                hex(files.content),
                case files.encoding when 'cp1252' then '..' else '....' end
            )
        ) with ordinality as digits (digits, unit_number)
    where files.encoding != 'utf-8'
),

neighbors as (
    select
        file_name,
        encoding,
        unit_number,
        unit,
        lead(unit) over (
            partition by file_name
            order by unit_number
        ) as next_unit
    from units
),

characters as (
    select
        file_name,
        unit_number,
        case
            when encoding = 'cp1252' and unit between 128 and 159
                then
                    substring(
                        '€�‚ƒ„…†‡ˆ‰Š‹Œ�Ž��‘’“”•–—˜™š›œ�žŸ', unit - 127, 1
                    )
            -- Characters beyond 16 bits are two units, high and low.
            when
                unit between 55296 and 56319
                and next_unit between 56320 and 57343
                then chr(65536 + (unit - 55296) * 1024 + next_unit - 56320)
            when unit between 55296 and 57343 then ''
            else chr(unit)
        end as letter
    from neighbors
),

texts as (
    select
        file_name,
        string_agg(letter, '' order by unit_number) as file_text
    from characters
    group by file_name
    union all
    select
        file_name,
        decode(content) as file_text
    from files
    where encoding = 'utf-8'
),

-- Excel puts tabs between the cells of what it calls Unicode text.
texts_with_delimiter as (
    select
        file_name,
        replace(file_text, chr(65279), '') as file_text,
        case
            when regexp_matches(file_text, '^[^\r\n,]*\t[^\r\n,]*([\r\n]|$)')
                then chr(9)
            else ','
        end as delimiter
    from texts
),

-- A quoted cell may hold commas and line ends; what follows its last quote
-- belongs to it. A quote that no other one closes is a letter.
cell_lists as (
    select
        file_name,
        delimiter,
        regexp_extract_all(file_text, cell_pattern, 1) as cells,
        regexp_extract_all(file_text, cell_pattern, 2) as separators
    from (
        select
            file_name,
            delimiter,
            file_text,
            replace(
                '("(?:[^"]|"")*"[^,\r\n]*|[^,\r\n]*)(,|\r\n|\r|\n|$)',
                ',',
                delimiter
            ) as cell_pattern
        from texts_with_delimiter
    ) as texts_with_pattern
),

cells as (
    select
        file_name,
        delimiter,
        generate_subscripts(cells, 1) as cell_number,
        unnest(cells) as cell,
        unnest(separators) as separator
    from cell_lists
),

cells_with_line as (
    select
        file_name,
        cell_number,
        count(*) filter (where separator != delimiter) over (
            partition by file_name
            order by cell_number
            rows between unbounded preceding and 1 preceding
        ) as line_number,
        case
            when regexp_matches(cell, '^"(?:[^"]|"")*"')
                then
                    concat(
                        replace(
                            regexp_extract(cell, '^"((?:[^"]|"")*)"', 1),
                            '""',
                            '"'
                        ),
                        regexp_replace(cell, '^"(?:[^"]|"")*"', '')
                    )
            else cell
        end as cell
    from cells
),

clean_cells as (
    select
        cells.file_name,
        cells.line_number,
        row_number() over (
            partition by cells.file_name, cells.line_number
            order by cells.cell_number
        ) as column_number,
        trim(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        cells.cell, settings.white_space, ' ', 'g'
                    ),
                    settings.invisible_characters,
                    '',
                    'g'
                ),
                ' +',
                ' ',
                'g'
            )
        ) as cell
    from cells_with_line as cells
    cross join settings
),

-- A line of commas alone, as spreadsheets leave behind, says nothing.
filled_lines as (
    select
        file_name,
        line_number,
        line_number = min(line_number) over (partition by file_name)
            as is_header
    from clean_cells
    where cell != ''
    group by file_name, line_number
),

column_names as (
    select
        cells.file_name,
        replace(lower(cells.cell), ' ', '_') as column_name,
        min(cells.column_number) as column_number
    from clean_cells as cells
    inner join filled_lines as lines
        on
            cells.file_name = lines.file_name
            and cells.line_number = lines.line_number
    where lines.is_header and cells.cell != ''
    group by all
),

named_cells as (
    select
        lines.file_name,
        lines.line_number,
        lines.is_header,
        column_names.column_name,
        nullif(cells.cell, '') as cell
    from filled_lines as lines
    inner join clean_cells as cells
        on
            lines.file_name = cells.file_name
            and lines.line_number = cells.line_number
    left join column_names
        on
            cells.file_name = column_names.file_name
            and cells.column_number = column_names.column_number
)

select
    file_name,
    line_number,
    is_header,
    max(cell) filter (where column_name = 'lead_source') as lead_source,
    max(cell) filter (where column_name = 'month') as month,
    max(cell) filter (where column_name = 'spend') as spend,
    max(cell) filter (where column_name = 'credits') as credits,
    max(cell) filter (where column_name = 'email') as email,
    max(cell) filter (where column_name = 'team') as team,
    max(cell) filter (where column_name = 'team_lead_email')
        as team_lead_email,
    max(cell) filter (where column_name = 'is_active') as is_active,
    coalesce(bool_or(column_name is null and cell is not null), false)
        as has_surplus
from named_cells
group by file_name, line_number, is_header
