CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE address AS (street text, city text);
CREATE DOMAIN rating AS integer CHECK (VALUE BETWEEN 1 AND 5);

CREATE TABLE staff (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    department text NOT NULL,
    salary numeric(10, 2) NOT NULL,
    mood mood NOT NULL,
    manager integer REFERENCES staff,
    hired date NOT NULL,
    home address
);
INSERT INTO staff (name, department, salary, mood, manager, hired, home) VALUES
    ('Ada', 'engines', 5200.50, 'happy', NULL, '2019-03-01', ROW('Mill Lane 1', 'Leeds')),
    ('Bo', 'engines', 4100.00, 'ok', 1, '2020-05-15', ROW('Høje "Gade" 2', 'Odense')),
    ('Cleo', 'engines', 4100.00, 'sad', 1, '2021-01-31', NULL),
    ('Dan', 'letters', 3900.25, 'ok', 1, '2021-02-28', ROW('Quay 4, left', NULL)),
    ('Eve', 'letters', 3100.00, 'happy', 4, '2022-12-24', NULL);

CREATE TABLE products (
    id integer PRIMARY KEY,
    name text NOT NULL,
    tags text[] NOT NULL,
    grid integer[][],
    stars rating,
    attributes jsonb NOT NULL,
    description text NOT NULL,
    search tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('english', description), 'B')
    ) STORED
);
CREATE INDEX ON products USING gin (attributes);
CREATE INDEX ON products USING gin (search);
CREATE INDEX ON products USING gin (tags);
INSERT INTO products (id, name, tags, grid, stars, attributes, description) VALUES
    (1, 'Desk lamp', '{light,home}', '{{1,2},{3,4}}', 4,
     '{"colour": "red", "size": {"w": 10, "h": 45.5}, "parts": [{"name": "bulb", "count": 1}, {"name": "screw", "count": 8}]}',
     'A lamp for reading at night, bright and warm.'),
    (2, 'Reading chair', '{home,wood}', NULL, 5,
     '{"colour": "brown", "size": {"w": 70, "h": 110}, "weight": 12.50, "parts": []}',
     'Comfortable chairs make long nights of reading short.'),
    (3, 'Lantern', '{light,"out door"}', '{}', NULL,
     '{"fuel": "oil", "gift": true, "note": null}',
     'Burns for twelve hours; does not read anything.');

CREATE TABLE bookings (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    guest text NOT NULL,
    during daterange NOT NULL,
    EXCLUDE USING gist (during WITH &&)
);
INSERT INTO bookings (guest, during) VALUES
    ('Ada', '[2024-05-01,2024-05-04)'), ('Bo', '[2024-05-06,2024-05-07]'), ('Eve', '[2024-06-01,)');

CREATE TABLE hits (page text PRIMARY KEY, count bigint NOT NULL CHECK (count > 0), last timestamptz);
INSERT INTO hits VALUES ('/', 41, '2024-01-01 12:00+02'), ('/about', 1, NULL);

CREATE TABLE events (
    id uuid PRIMARY KEY,
    at timestamp NOT NULL,
    source inet,
    content bytea
);
INSERT INTO events VALUES
    ('8f14e45f-ceea-4671-a1a3-2f0d5e3c9b01', '2024-02-29 23:59:59.5', '10.1.2.3', '\x00ff10'),
    ('c9f0f895-fb98-4b91-99e4-3d2b8a1f7c02', '2024-03-01 00:00:00', '2001:db8::1/64', NULL),
    ('45c48cce-2e2d-4fbd-aa13-0c6e1b5d4a03', '2024-03-01 06:30:00', NULL, 'plain');
