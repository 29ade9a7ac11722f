-- What a saved mapping says beside its columns: rates that its exports do not hold, and what is looked for in them.
ALTER TABLE tenant.mapping_profiles ADD COLUMN variables jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(variables) = 'object');
