CREATE TABLE cities (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    country TEXT NOT NULL,      -- ISO 3166-1, two letters
    admin_code TEXT,            -- the country's own code of the region
    feature_code TEXT NOT NULL, -- GeoNames: PPLC is a capital, PPLA the seat of a region …
    population INTEGER NOT NULL,
    latitude REAL NOT NULL,
    longitude REAL NOT NULL
);
