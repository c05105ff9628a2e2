"""Scans and photos in the file of an application: kept for ever, true to what the log says."""

from alembic import op

revision = "0022"
down_revision = "0021"

SIZE_MAX, PIECES_MAX = 4 * 1024 * 1024, 50
MAGIC = {
    "application/pdf": "255044462d",
    "image/jpeg": "ffd8ff",
    "image/png": "89504e470d0a1a0a",
}


def upgrade() -> None:
    """Create the table."""
    begins = " ".join(
        f"WHEN '{type_}' THEN substring(content FOR {len(magic) // 2}) = '\\x{magic}'::bytea"
        for type_, magic in MAGIC.items()
    )
    op.execute(f"""
        CREATE TABLE evidence (
            id TEXT COLLATE "C" PRIMARY KEY,
            application TEXT COLLATE "C" NOT NULL REFERENCES application,
            number INT NOT NULL CHECK (number BETWEEN 1 AND {PIECES_MAX}),
            kind TEXT NOT NULL CHECK (kind IN ('application_form', 'consent', 'photo_before',
                'vote_record', 'public_notice', 'photo_after', 'acceptance_report',
                'settlement_proof', 'other')),
            media_type TEXT NOT NULL,
            size INT NOT NULL CHECK (size BETWEEN 1 AND {SIZE_MAX}),
            salt BYTEA NOT NULL CHECK (octet_length(salt) = 32),
            commitment TEXT NOT NULL UNIQUE,
            content BYTEA NOT NULL,
            content_hash BYTEA NOT NULL GENERATED ALWAYS AS (sha256(content)) STORED,
            filed_at TIMESTAMPTZ NOT NULL,
            filed_by TEXT NOT NULL,
            city TEXT REFERENCES region,
            replaces TEXT COLLATE "C" UNIQUE,
            record_id BIGINT NOT NULL UNIQUE REFERENCES record,
            UNIQUE (application, number),
            UNIQUE (id, application, kind),
            CONSTRAINT replaces_one_of_its_kind FOREIGN KEY (replaces, application, kind)
                REFERENCES evidence (id, application, kind),
            CONSTRAINT replaces_another CHECK (replaces <> id),
            CONSTRAINT size_of_content CHECK (size = octet_length(content)),
            CONSTRAINT commitment_of_content CHECK (
                commitment = encode(sha256(salt || content), 'hex')),
            CONSTRAINT content_of_its_type CHECK (
                CASE media_type {begins} ELSE false END),
            CONSTRAINT photos_are_pictures CHECK (
                kind NOT IN ('photo_before', 'photo_after') OR media_type <> 'application/pdf'),
            CONSTRAINT settlement_has_a_city CHECK (kind <> 'settlement_proof' OR city IS NOT NULL)
        )
    """)
    # Such files are compressed already, and are read whole.
    op.execute("ALTER TABLE evidence ALTER content SET STORAGE EXTERNAL")
    op.execute("""
        CREATE INDEX evidence_photo ON evidence (content_hash)
        WHERE kind IN ('photo_before', 'photo_after')
    """)
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    # As the application is, and to the city that it concerns (0012).
    op.execute("ALTER TABLE evidence ENABLE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY shown ON evidence FOR SELECT USING (
            concerns(NULL, NULL, city, NULL)
            OR EXISTS (SELECT FROM application a WHERE a.id = evidence.application))
    """)
    op.execute("CREATE POLICY written ON evidence FOR INSERT WITH CHECK (true)")
    op.execute("REVOKE ALL ON evidence FROM PUBLIC")
    op.execute("GRANT SELECT ON evidence TO hrt_app")
    op.execute("""
        GRANT INSERT (id, application, number, kind, media_type, size, salt, commitment, content,
            filed_at, filed_by, city, replaces, record_id) ON evidence TO hrt_app
    """)
