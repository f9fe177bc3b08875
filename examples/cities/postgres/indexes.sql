CREATE INDEX cities_by_first_letters ON cities USING spgist (lower(name));
CREATE INDEX cities_by_similarity ON cities USING gin (name gin_trgm_ops);
CREATE INDEX cities_by_place ON cities USING gist (ll_to_earth(latitude, longitude));
CREATE INDEX cities_by_country ON cities (country, population DESC);
ANALYZE cities;
