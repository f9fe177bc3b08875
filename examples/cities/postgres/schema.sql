CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS cube;
CREATE EXTENSION IF NOT EXISTS earthdistance;

DROP TABLE IF EXISTS cities;
CREATE TABLE cities (
    id integer PRIMARY KEY,
    name text NOT NULL,
    country text NOT NULL,      -- ISO 3166-1, two letters
    admin_code text,            -- the country's own code of the region
    feature_code text NOT NULL, -- GeoNames: PPLC is a capital, PPLA the seat of a region …
    population integer NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL
);
