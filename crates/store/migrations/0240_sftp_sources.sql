-- A folder of an SFTP server is a source too. Its key is no secret: people compare it with what the server's administrators say.
ALTER TABLE tenant.sources DROP CONSTRAINT sources_kind_check,
    ADD CONSTRAINT sources_kind_check CHECK (kind IN ('folder', 's3', 'sftp', 'push')),
    DROP CONSTRAINT sources_secret_check,
    ADD CONSTRAINT sources_secret_check CHECK (octet_length(secret) <= 16384),
    ADD COLUMN host_key text NOT NULL DEFAULT '' CHECK (char_length(host_key) <= 200);
COMMENT ON COLUMN tenant.sources.secret IS 'Keys of a bucket, or what an SFTP server lets us in with, sealed with the key of the installation';
COMMENT ON COLUMN tenant.sources.host_key IS 'The fingerprint of the key by which an SFTP server proves who it is';
