-- A schedule makes one of the ready-made packs; until now there was one. What was made keeps the pack of its schedule.
ALTER TABLE tenant.report_schedules
    ADD COLUMN pack text NOT NULL DEFAULT 'cost_review'
        CHECK (pack IN ('cost_review', 'weekly_losses', 'supplier_claims', 'lateness')),
    ADD CONSTRAINT report_schedules_pack_format_check CHECK (pack = 'cost_review' OR format IN ('pdf', 'xlsx'));
COMMENT ON COLUMN tenant.report_schedules.pack IS 'Which ready-made pack is made; only the cost review is also a page and a table';
