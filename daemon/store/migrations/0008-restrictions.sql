-- What WhatsApp keeps an account from doing for a while: a JSON array, or "" for none.
ALTER TABLE sessions ADD COLUMN restrictions TEXT NOT NULL DEFAULT '';
