with checks (check_name, area, severity, advice) as (
    values
    (
        'lead_without_stage', 'leads', 'warning',
        'Leads stand in no stage, or in one that the mapping does not know. '
        'Add the stage names that the load reports to stages in bonzo.yaml.'
    ),
    (
        'lead_without_source', 'leads', 'warning',
        'Leads have no source: they count as Unattributed and carry no '
        'cost. Fill the lead source in Bonzo.'
    ),
    (
        'lead_without_owner', 'leads', 'warning',
        'Leads belong to nobody. Assign them in Bonzo.'
    ),
    (
        'lead_without_creation_time', 'leads', 'warning',
        'Prospects have no creation time and are in no number. Correct them '
        'in Bonzo and load again.'
    ),
    (
        'lead_do_not_call_unknown', 'leads', 'info',
        'Nobody knows whether these leads may be called. They count as '
        'contactable; set the mark in Bonzo.'
    ),
    (
        'first_touch_before_creation', 'leads', 'warning',
        'The first send lies before the lead was created, as after an '
        'import or a merge. These leads are in no speed number.'
    ),
    (
        'first_reply_before_creation', 'leads', 'warning',
        'The first reply lies before the lead was created, as after an '
        'import or a merge. These leads are in no speed-to-contact number.'
    ),
    (
        'first_reply_before_first_touch', 'leads', 'warning',
        'The lead wrote before anybody wrote to it. These leads are in no '
        'response-time number.'
    ),
    (
        'lead_younger_than_contact_days', 'leads', 'info',
        'Leads too young for contact rates of cohorts. Wait, or look at an '
        'earlier period.'
    ),
    (
        'lead_younger_than_pre_approval_days', 'leads', 'info',
        'Leads too young for pre-approval rates of cohorts. Wait, or look '
        'at an earlier period.'
    ),
    (
        'lead_younger_than_funded_days', 'leads', 'info',
        'Leads too young for funded rates of cohorts. Wait, or look at an '
        'earlier period.'
    ),
    (
        'stage_flow_broken', 'leads', 'warning',
        'The last stage in the history is not the stage of the lead, so '
        'entries less exits differ from who is there. Load again; under an '
        'as_of in the past it is expected.'
    ),
    (
        'reached_bounds_broken', 'leads', 'error',
        'The low, evidence and high bounds of the stages reached contradict '
        'each other. The stage counts are wrong: report it.'
    ),
    (
        'lead_rows_not_reconciled', 'leads', 'error',
        'Leads were lost or doubled between staging and the lead numbers. '
        'All lead numbers are wrong: report it.'
    ),
    (
        'duplicate_event_row', 'events', 'info',
        'Rows that repeat an event were counted once. Nothing to do.'
    ),
    (
        'orphan_event', 'events', 'warning',
        'Campaign events fit no enrollment: they count as messages, but in '
        'no enrollment rate. Load again; if they stay, the enrollment is '
        'gone from Bonzo.'
    ),
    (
        'event_without_touch', 'events', 'info',
        'Messages and answers outside of campaigns. They count for speed, '
        'contact and replies, not for campaign rates.'
    ),
    (
        'event_of_unknown_type', 'events', 'warning',
        'Events of a type that no number knows are left out. Correct the '
        'type or the mapping.'
    ),
    (
        'event_without_lead', 'events', 'info',
        'Events of prospects that are gone or not there yet are left out.'
    ),
    (
        'event_without_time', 'events', 'warning',
        'Events without a time are in no number. Load again; if they stay, '
        'correct them in Bonzo.'
    ),
    (
        'event_in_future', 'events', 'info',
        'Events after the moment the numbers are told for are left out.'
    ),
    (
        'event_rows_not_reconciled', 'events', 'error',
        'Events were lost or doubled on the way from storage to the '
        'numbers. All message numbers are wrong: report it.'
    ),
    (
        'message_without_sent', 'events', 'warning',
        'Messages known by later events alone, dated by the first of them. '
        'Load again, so that the send is read.'
    ),
    (
        'message_without_delivered', 'events', 'info',
        'Delivered only by implication: opened, clicked or answered without '
        'a receipt. The gap between both delivery rates.'
    ),
    (
        'message_sent_after_opt_out', 'events', 'error',
        'Campaign messages went to people who had opted out. Stop their '
        'campaigns in Bonzo today and review each case.'
    ),
    (
        'manual_message_after_opt_out', 'events', 'error',
        'People wrote by hand to leads who had opted out. Review each case '
        'with the sender.'
    ),
    (
        'enrollment_without_start', 'events', 'warning',
        'Enrollments without a start are in no number. Load again; if they '
        'stay, correct them in Bonzo.'
    ),
    (
        'ended_enrollment_without_end', 'events', 'warning',
        'Enrollments are over but nobody knows since when: the plan takes '
        'their last event, and an opt-out without a time is in no opt-out '
        'check.'
    ),
    (
        'touch_schedule_derived', 'events', 'info',
        'Order and delay of these touches are the habit of the campaign, so '
        'punctuality compares it with itself. List the steps in bonzo.yaml.'
    ),
    (
        'closed_loan_without_closing_date', 'loans', 'warning',
        'Closed loans without a closing date count as funded, but in no '
        'period and no cohort. Fill the closing date in Bonzo.'
    ),
    (
        'closed_by_date_alone', 'loans', 'warning',
        'Loans are taken for closed because of their date alone: no rate '
        'lock, no late stage. Confirm them in Bonzo or move the planned '
        'date.'
    ),
    (
        'loan_without_creation_time', 'loans', 'warning',
        'Loans without a creation time are in no number. Load again; if '
        'they stay, correct them in Bonzo.'
    ),
    (
        'loan_without_amount', 'loans', 'warning',
        'Loans without an amount add nothing to volume, revenue and '
        'pipeline value. Fill the amount in Bonzo.'
    ),
    (
        'loan_without_value', 'loans', 'warning',
        'Loans without a property value above zero have no loan-to-value. '
        'Fill the value in Bonzo.'
    ),
    (
        'loan_without_rate', 'loans', 'warning',
        'Loans without an interest rate above 0 and up to 25 percent are in '
        'no rate average. Fill the rate in Bonzo.'
    ),
    (
        'loan_ltv_over_200', 'loans', 'warning',
        'The amount is over twice the property value: a typing error. These '
        'loans are in no loan-to-value number. Correct one of the two in '
        'Bonzo.'
    ),
    (
        'spend_without_leads', 'costs', 'warning',
        'Months with spend in which the source brought no lead: this money '
        'is in no cost per lead. Check month and source name in '
        'lead_source_costs.csv.'
    ),
    (
        'cost_row_of_unknown_source', 'costs', 'warning',
        'Lines of lead_source_costs.csv name a source that Bonzo does not '
        'know. Correct the spelling.'
    ),
    (
        'cost_row_unreadable', 'costs', 'error',
        'Lines of lead_source_costs.csv cannot be read and are left out. '
        'Write source, month (2026-03-01) and spend (1200.50).'
    ),
    (
        'spend_not_reconciled', 'costs', 'error',
        'Costs allocated to leads differ from the spend of their source and '
        'month. All cost numbers are wrong: report it.'
    ),
    (
        'roster_row_unknown', 'team', 'warning',
        'Lines of loan_officers.csv match nobody in Bonzo. Correct the '
        'e-mail or delete the line.'
    ),
    (
        'roster_row_doubled', 'team', 'warning',
        'Lines of loan_officers.csv repeat an e-mail: the first one counts. '
        'Delete the others.'
    ),
    (
        'lead_gone', 'loads', 'info',
        'Prospects deleted or merged in Bonzo are kept in the database and '
        'left out of every number.'
    ),
    (
        'gone_with_closed_loan', 'loads', 'warning',
        'Prospects with a closed loan are gone from Bonzo, and their volume '
        'and revenue with them. Restore them in Bonzo if that was a '
        'mistake.'
    ),
    (
        'rejected_record', 'loads', 'error',
        'Records could not be stored at all. See loader.rejected_records '
        'for the reasons, correct them in Bonzo and load again.'
    ),
    (
        'rejected_field', 'loads', 'warning',
        'Values did not fit and were stored empty or shortened. See '
        'loader.rejected_records, correct them in Bonzo and load again.'
    )
)

select
    check_name,
    area,
    severity,
    advice
from checks
