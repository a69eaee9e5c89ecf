-- The schema as the team's document prints it, block by block.

CREATE TABLE qualification_stages (
    stage_id SERIAL PRIMARY KEY,
    stage_name VARCHAR(50) NOT NULL,
    stage_order INT NOT NULL,
    is_disqualify BOOLEAN DEFAULT FALSE
);

INSERT INTO qualification_stages (stage_name, stage_order, is_disqualify)
VALUES
    ('Staging', 1, FALSE),
    ('Sending', 2, FALSE),
    ('Working', 3, FALSE),
    ('Pre-Qual', 4, FALSE),
    ('Pre-Approved', 5, FALSE),
    ('Hot PAL', 6, FALSE),
    ('O/I PAL', 7, FALSE),
    ('SPA/REFI', 8, FALSE),
    ('Re-Marketing', 9, TRUE);

CREATE TABLE lead_sources (
    lead_source_id SERIAL PRIMARY KEY,
    source_name VARCHAR(100) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE TABLE users (
    user_id SERIAL PRIMARY KEY,
    first_name VARCHAR(50) NOT NULL,
    last_name VARCHAR(50) NOT NULL,
    email VARCHAR(100) UNIQUE NOT NULL,
    bonzo_user_id UUID UNIQUE NOT NULL,
    role VARCHAR(20), -- e.g., 'admin', 'user'
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE TABLE prospects (
    prospect_id SERIAL PRIMARY KEY,
    first_name VARCHAR(50),
    last_name VARCHAR(50),
    email VARCHAR(100),
    phone VARCHAR(20),
    lead_source_id INT REFERENCES lead_sources(lead_source_id),
    qualification_stage_id INT REFERENCES qualification_stages(stage_id),
    assigned_to INT REFERENCES users(user_id),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    stage_entered_at TIMESTAMP WITH TIME ZONE,
    stage_exited_at TIMESTAMP WITH TIME ZONE,
    do_not_call BOOLEAN DEFAULT FALSE
);

CREATE TABLE campaigns (
    campaign_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    campaign_name VARCHAR(100) NOT NULL,
    description TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE TABLE touches (
    touch_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    campaign_id UUID REFERENCES campaigns(campaign_id),
    touch_order INT NOT NULL,
    touch_type VARCHAR(20) NOT NULL, -- 'SMS', 'Email', 'Voicemail'
    content TEXT NOT NULL,
    scheduled_delay INT NOT NULL, -- Delay in minutes from the previous touch
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE TABLE prospect_campaign_assignments (
    assignment_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    prospect_id INT REFERENCES prospects(prospect_id),
    campaign_id UUID REFERENCES campaigns(campaign_id),
    assigned_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    completed_at TIMESTAMP WITH TIME ZONE,
    status VARCHAR(20) DEFAULT 'Active' -- 'Active', 'Completed', 'Opted Out'
);

CREATE TABLE touch_engagements (
    engagement_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    prospect_id INT REFERENCES prospects(prospect_id),
    touch_id UUID REFERENCES touches(touch_id),
    engagement_type VARCHAR(20), -- 'Sent', 'Delivered', 'Opened', 'Clicked', 'Responded'
    engagement_time TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    content TEXT, -- Content of the response, if applicable
    campaign_id UUID REFERENCES campaigns(campaign_id) -- Redundant but useful
);

CREATE TABLE loans (
    loan_id SERIAL PRIMARY KEY,
    prospect_id INT REFERENCES prospects(prospect_id),
    loan_amount NUMERIC,
    property_value NUMERIC,
    loan_type VARCHAR(50), -- e.g., 'Purchase', 'Refinance'
    interest_rate NUMERIC,
    status VARCHAR(20), -- e.g., 'Pending', 'Approved', 'Closed'
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE INDEX idx_prospects_lead_source_id ON prospects(lead_source_id);
CREATE INDEX idx_prospects_qualification_stage_id ON prospects(qualification_stage_id);
CREATE INDEX idx_prospects_assigned_to ON prospects(assigned_to);

CREATE INDEX idx_te_prospect_id ON touch_engagements(prospect_id);
CREATE INDEX idx_te_touch_id ON touch_engagements(touch_id);
CREATE INDEX idx_te_campaign_id ON touch_engagements(campaign_id);

CREATE INDEX idx_campaigns_campaign_name ON campaigns(campaign_name);
CREATE INDEX idx_loans_prospect_id ON loans(prospect_id);
